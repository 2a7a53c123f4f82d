import { beforeEach, describe, expect, it } from "vitest";
import type { CliIo } from "../../src/cli/io.ts";
import { createDispatcher } from "../../src/rpc/index.ts";
import { settle } from "../helpers/clock.ts";
import { CALLER, startTestEngine, type TestEngine } from "../helpers/engine.ts";
import { command } from "./terminal.ts";

let test: TestEngine;
beforeEach(async () => {
  test = await startTestEngine();
});

const call: CliIo["call"] = (name, params) => createDispatcher(() => test.engine).dispatch(name, params, CALLER);
const type = (...args: string[]) => command(args, { call });
const HOOK = ["--webhook", "https://ops.example/hook"];
const NIGHTLY = ["create", "0 3 * * *", "--name", "Nightly", "--command-argv", '["true"]', ...HOOK];
const jobs = () => test.engine.listJobs({ limit: 10, offset: 0, includeDisabled: true }).jobs;

describe("create", () => {
  it("--dry-run shows what would be stored and when it would run, and stores nothing", async () => {
    const session = await type(...NIGHTLY, "--timeout-seconds", "2h", "--dry-run");
    expect(session).toMatchObject({ code: 0, stderr: "" });
    expect(session.stdout).toMatch(/^Would create: +Nightly$/m);
    expect(session.stdout).toMatch(/^limits: +time limit 2 h/m);
    expect(session.stdout.match(/ 03:00:00 \+00:00/g)).toHaveLength(3);
    expect(session.stdout).not.toMatch(/^id:/m);
    const json = JSON.parse((await type(...NIGHTLY, "--dry-run", "--json")).stdout);
    expect(json).toMatchObject({ name: "Nightly", dryRun: true, changes: [], warnings: [] });
    expect(json.next).toHaveLength(3);
    expect(jobs()).toEqual([]);
  });

  it("--dry-run of a declaration shows what differs from the stored job", async () => {
    await type(...NIGHTLY, "--declaration-key", "n");
    const declared = [...NIGHTLY.with(1, "0 4 * * *"), "--declaration-key", "n", "--dry-run"];
    const { stdout } = await type(...declared);
    expect(stdout).toMatch(/^Would update: +Nightly$/m);
    expect(stdout).toMatch(/^ {4}schedule.expr: "0 3 \* \* \*" -> "0 4 \* \* \*"$/m);
    expect(jobs().map(({ schedule }) => schedule)).toEqual([{ kind: "cron", expr: "0 3 * * *" }]);
  });

  it("warns of what it can see, and creates the job", async () => {
    const line = ["create", "hourly", "--name", "Queue", "--command", "scripts/check.sh", "--no-deliver"];
    const session = await type(...line);
    expect(session.code).toBe(0);
    expect(session.stderr).toMatch(
      /^warning: payload.argv\[0\]: the program was not found. Got \/.*\/scripts\/check.sh/m,
    );
    expect(session.stderr).toMatch(/^warning: failureAlert: nobody is told when this job fails/m);
    const again = JSON.parse((await type(...line, "--json")).stdout);
    expect(again.warnings.map(({ code }: { code: string }) => code)).toEqual([
      "PROGRAM_NOT_FOUND",
      "NAME_SHARED",
      "NOBODY_TOLD",
    ]);
    expect(jobs()).toHaveLength(2);
  });

  it("--test runs the command once, shows what it did and the message, and leaves nothing", async () => {
    const session = type(...NIGHTLY, "--test");
    await settle();
    test.runner.end(test.runner.started[0]?.attemptKey ?? "", { exitCode: 2, out: "17 of 18\n", err: "no space\n" });
    const { stdout, code } = await session;
    expect(code).toBe(1);
    expect(stdout).toMatch(/^Tried: +Nightly; nothing is stored or sent$/m);
    expect(stdout).toMatch(/^status: +failed \(exit 2\)$/m);
    expect(stdout).toMatch(/^would send: to webhook https:\/\/ops.example\/hook$/m);
    expect(stdout).toMatch(
      /^message:\n {2}stdout:\n {2}17 of 18\n {2}\n {2}stderr:\n {2}no space\n {2}\n {2}command exited with code 2$/m,
    );
    expect([jobs(), test.sent, test.engine.runs({ limit: 1, offset: 0 }).total]).toEqual([[], [], 0]);
  });

  it("--test says why nothing would be sent, is JSON on request, and waits long enough", async () => {
    test.runner.auto = true;
    const silent = await type(...NIGHTLY, "--test");
    expect(silent).toMatchObject({ code: 0 });
    expect(silent.stdout).toMatch(/^would send: nothing: the command printed nothing$/m);
    expect(silent.connections[0]).toMatchObject({ timeoutMs: 600_000 });
    const json = JSON.parse((await type(...NIGHTLY.slice(0, -2), "--no-deliver", "--test", "--json")).stdout);
    expect(json).toMatchObject({ status: "ok", exitCode: 0, to: [], warnings: [{ code: "NOBODY_TOLD" }] });
    expect((await type(...NIGHTLY, "--test", "--dry-run")).code).toBe(2);
    const past = ["create", "2001-01-01T00:00:00Z", ...NIGHTLY.slice(2), "--test"];
    expect((await type(...past)).stderr).toContain("would never fire");
    expect(test.runner.started).toHaveLength(2);
  });
});

describe("edit --dry-run", () => {
  it("shows the difference field by field and the next instants, and changes nothing", async () => {
    await type(...NIGHTLY);
    const session = await type("edit", "Nightly", "--cron", "30 4 * * *", "--retry-max", "3", "--dry-run");
    expect(session).toMatchObject({ code: 0, stderr: "" });
    expect(session.stdout).toMatch(
      /^Would change Nightly:\n {4}policy.retry.maxAttempts: \(nothing\) -> 3\n {4}schedule.expr: "0 3 \* \* \*" -> "30 4 \* \* \*"\nnext:\n.* 04:30:00 /,
    );
    const none = await type("edit", "Nightly", "--name", "Nightly", "--dry-run");
    expect(none.stdout).toMatch(/^Nothing would change in Nightly:/);
    const json = JSON.parse((await type("edit", "Nightly", "--disable", "--stop", "--dry-run", "--json")).stdout);
    expect(json).toMatchObject({
      dryRun: true,
      enabled: false,
      next: [],
      changes: [{ field: "enabled", from: "true", to: "false" }],
    });
    expect(jobs()[0]).toMatchObject({ enabled: true, schedule: { expr: "0 3 * * *" }, configRevision: "r1" });
  });
});
