import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { JobInput } from "../../schema/wire/job.ts";
import { settle } from "../helpers/clock.ts";
import { CALLER, startTestEngine, type TestEngine } from "../helpers/engine.ts";

const DAILY = { kind: "cron", expr: "0 3 * * *" } as const;
const input = (fields: Partial<JobInput> = {}): JobInput => ({
  name: "backup",
  schedule: DAILY,
  payload: { kind: "command", argv: ["true"] },
  delivery: { mode: "webhook", to: "https://ops.example/hook" },
  ...fields,
});

let test: TestEngine;
beforeEach(async () => {
  test = await startTestEngine();
});

/** Everything the ledger holds about jobs, runs and messages. */
function everything() {
  const { engine } = test;
  const page = { limit: 200, offset: 0 };
  const { notices, deliveries, nextWakeAtMs, runs } = engine.status();
  const stored = { ...engine.exportJobs(), ...engine.listJobs({ ...page, includeDisabled: true }) };
  return { ...stored, notices, deliveries, nextWakeAtMs, runs, history: engine.runs(page), sent: [...test.sent] };
}

describe("a preview", () => {
  it("of a new job answers it with its next instants and stores nothing", async () => {
    const before = everything();
    const preview = await test.engine.previewJob({ input: input() });
    expect(preview).toMatchObject({
      created: true,
      updated: false,
      changes: [],
      job: { name: "backup", enabled: true },
    });
    expect(preview.next.map(({ utc }) => utc.slice(11, 16))).toEqual(["03:00", "03:00", "03:00"]);
    expect(everything()).toEqual(before);
    const { job, next } = await test.engine.addJob(input(), CALLER);
    expect({ ...preview.job, id: job.id }).toEqual(job);
    expect(preview.next).toEqual(next);
  });

  it("of a declaration and of an edit names the fields that differ, confidential ones without a value", async () => {
    const declared = input({ declarationKey: "b", payload: { kind: "command", argv: ["true"], env: { PIN: "1234" } } });
    const { job } = await test.engine.addJob(declared, CALLER);
    const before = everything();
    const again = {
      ...declared,
      payload: { ...declared.payload, env: { PIN: "5678" } },
      schedule: { ...DAILY, tz: "UTC" },
    };
    const anew = await test.engine.previewJob({ input: again });
    expect(anew).toMatchObject({ created: false, updated: true, job: { id: job.id } });
    expect(anew.changes).toEqual([{ field: "payload.env.PIN" }, { field: "schedule.tz", to: '"UTC"' }]);

    const patch = {
      schedule: { kind: "cron", expr: "0 4 * * *" },
      delivery: { to: "https://ops.example/other" },
    } as const;
    const edit = await test.engine.previewJob({ id: job.id, patch });
    expect(edit.changes).toEqual([
      { field: "delivery.to", from: '"https://ops.example/hook"', to: '"https://ops.example/other"' },
      { field: "schedule.expr", from: '"0 3 * * *"', to: '"0 4 * * *"' },
    ]);
    expect(edit.next[0]?.utc).toContain("04:00");
    expect((await test.engine.previewJob({ id: job.id, patch: { enabled: false } })).next).toEqual([]);
    expect((await test.engine.previewJob({ id: job.id, patch: { name: "backup" } })).updated).toBe(false);
    expect(everything()).toEqual(before);
    await test.engine.updateJob(job.id, patch, CALLER);
    expect({ ...test.engine.getJob(job.id), updatedAtMs: 0 }).toEqual({ ...edit.job, updatedAtMs: 0 });
  });

  it("refuses what would be refused", async () => {
    const id = await test.add();
    const past = input({ schedule: { kind: "at", at: "2001-01-01T00:00:00Z" } });
    await expect(test.engine.previewJob({ input: past })).rejects.toMatchObject({ code: "SCHEDULE_NEVER_FIRES" });
    const pooled = { policy: { pool: "nowhere" } };
    await expect(test.engine.previewJob({ id, patch: pooled })).rejects.toMatchObject({ code: "POOL_UNKNOWN" });
    const stale = { id, patch: { name: "x" }, expectedConfigRevision: "r9" };
    await expect(test.engine.previewJob(stale)).rejects.toMatchObject({ code: "REVISION_CONFLICT" });
    await expect(test.engine.previewJob({ id: "nope", patch: {} })).rejects.toMatchObject({ code: "JOB_NOT_FOUND" });
  });
});

describe("a look at a job", () => {
  const codes = async (fields: Partial<JobInput>) => {
    const { job } = await test.engine.previewJob({ input: input(fields) });
    return (await test.engine.look(job)).map(({ code, field }) => `${code} ${field}`);
  };
  const runs = (...argv: string[]) => ({ payload: { kind: "command", argv } }) as const;

  it("finds a program, a script and a directory that are not there or cannot be used", async () => {
    mkdirSync(join(test.stateDir, "bin"));
    writeFileSync(join(test.stateDir, "bin", "plain"), "text");
    writeFileSync(join(test.stateDir, "bin", "fine"), "#!/bin/sh\n");
    chmodSync(join(test.stateDir, "bin", "fine"), 0o755);
    for (const [argv, found] of [
      [["true"], []],
      [["no-such-program"], ["PROGRAM_NOT_FOUND payload.argv[0]"]],
      [["bin/plain"], ["PROGRAM_NOT_EXECUTABLE payload.argv[0]"]],
      [["bin/fine"], []],
      [["sh", "-lc", "scripts/check-queue.sh --all"], ["PROGRAM_NOT_FOUND payload.argv[0]"]],
      [["sh", "-lc", "~/bin/fine | tail -1"], []],
      [["bash", "-c", "cd /srv && ./run"], []],
      [["sh", "-lc", "df -h / | tail -1"], []],
    ] as const) {
      expect([argv, await codes(runs(...argv))]).toEqual([argv, found]);
    }
    const gone: Partial<JobInput> = { payload: { kind: "command", argv: ["true"], cwd: "/srv/no-such-app" } };
    expect(await codes(gone)).toEqual(["CWD_NOT_FOUND payload.cwd"]);
    const PATH = join(test.stateDir, "bin");
    const path: Partial<JobInput> = { payload: { kind: "command", argv: ["fine"], env: { PATH } } };
    expect(await codes(path)).toEqual([]);
    const check: Partial<JobInput> = { ...path, policy: { verify: { argv: ["no-such-check"] } } };
    expect(await codes(check)).toEqual(["PROGRAM_NOT_FOUND policy.verify.argv[0]"]);
  });

  it("finds another job of this name, in any letter case, and not the job itself", async () => {
    const { job } = await test.engine.addJob(input(), CALLER);
    expect(await test.engine.look(job)).toEqual([]);
    const { job: other } = await test.engine.addJob(input({ name: "Backup" }), CALLER);
    const [warning] = await test.engine.look(other);
    expect(warning).toMatchObject({ code: "NAME_SHARED", field: "name" });
    expect(warning?.message).toContain(job.id);
  });

  it.each([
    ["no delivery", { delivery: { mode: "none" } }, true],
    ["no delivery, and that is meant", { delivery: { mode: "none" }, failureAlert: false }, false],
    ["a webhook", {}, false],
    ["a webhook that hears of successes only", { policy: { deliver: { on: "recovery" } } }, true],
    ["a webhook that hears of what matches only", { policy: { deliver: { match: "x" } } }, true],
    ["an alert to a chat", { delivery: { mode: "none" }, failureAlert: { channel: "irc", to: "#ops" } }, false],
    ["an alert to nowhere", { delivery: { mode: "none" }, failureAlert: { after: 1 } }, true],
    ["further receivers", { delivery: { mode: "none", also: [{ mode: "webhook", to: "https://x.example/" }] } }, false],
  ] as [string, Partial<JobInput>, boolean][])(
    "says when nobody hears of a failure: %s",
    async (_of, fields, unheard) => {
      expect(await codes(fields)).toEqual(unheard ? ["NOBODY_TOLD failureAlert"] : []);
    },
  );

  it("hears of everything where the settings name somebody", async () => {
    await test.stop();
    test = await startTestEngine({
      config: { alerts: { destination: { mode: "announce", channel: "irc", to: "#ops" } } },
    });
    expect(await codes({ delivery: { mode: "none" } })).toEqual([]);
  });

  it("of an edit looks at what the edit is about, and at all of it when it is switched on", async () => {
    const job = { ...test.engine.getJob(await test.add(runs("no-such-program"))) };
    const looked = async (patch: object) => (await test.engine.look(job, patch)).map(({ code }) => code);
    expect(await looked({ schedule: DAILY })).toEqual([]);
    expect(await looked({ delivery: { mode: "none" } })).toEqual(["NOBODY_TOLD"]);
    expect(await looked({ payload: {} })).toEqual(["PROGRAM_NOT_FOUND"]);
    expect(await looked({ enabled: true })).toEqual(["PROGRAM_NOT_FOUND", "NOBODY_TOLD"]);
    expect(await looked({ enabled: false })).toEqual([]);
  });
});

describe("a rehearsal", () => {
  const begun = () => {
    const spec = test.runner.started.at(-1);
    if (spec === undefined) throw new Error("nothing was started");
    return spec;
  };

  async function tried(fields: Partial<JobInput>, end: Parameters<TestEngine["runner"]["end"]>[1]) {
    const rehearsal = test.engine.rehearseJob(input(fields));
    await settle();
    test.runner.end(begun().attemptKey, end);
    return rehearsal;
  }

  it("runs the command once and answers what the job would say, and to whom", async () => {
    const before = everything();
    const rehearsal = test.engine.rehearseJob(input());
    await settle();
    const { logDir, attemptKey } = begun();
    mkdirSync(logDir, { recursive: true });
    test.runner.end(attemptKey, { out: "42 files\n" });
    const report = await rehearsal;
    expect(report).toMatchObject({
      status: "ok",
      runStatus: "succeeded",
      exitCode: 0,
      stdout: "42 files\n",
      text: "42 files",
      to: [{ mode: "webhook", to: "https://ops.example/hook" }],
    });
    await test.clock.advance(5_000);
    expect(everything()).toEqual(before);
    expect(test.runner.started).toHaveLength(1);
    expect(existsSync(logDir)).toBe(false);
    expect(existsSync(join(test.stateDir, "logs"))).toBe(false);
  });

  it("has the error line of a failure, and the reason of a silence", async () => {
    const failed = await tried({}, { exitCode: 3, out: "half" });
    expect(failed).toMatchObject({ status: "error", text: "half\n\ncommand exited with code 3" });
    expect(await tried({}, {})).toMatchObject({ status: "ok", silent: "empty" });
    const quiet = { policy: { deliver: { on: "failure" } } } as const;
    expect(await tried(quiet, { out: "x" })).toMatchObject({ silent: "policy" });
    const nowhere = await tried({ delivery: { mode: "none" } }, { out: "x" });
    expect([nowhere.to, nowhere.text, nowhere.silent]).toEqual([[], undefined, undefined]);
  });

  it("has the job's limits, never more than ten minutes, and ends with the gateway", async () => {
    for (const [timeoutSeconds, timeoutMs] of [
      [0, 600_000],
      [7_200, 600_000],
      [5, 5_000],
    ] as const) {
      const payload: JobInput["payload"] = { kind: "command", argv: ["true"], timeoutSeconds };
      const report = await tried({ payload }, { outcome: "timed_out", exitCode: null, signal: "SIGTERM" });
      expect(begun()).toMatchObject({ timeoutMs, onGatewayExit: "stop" });
      expect(report).toMatchObject({ runStatus: "timed_out", text: "command timed out" });
    }
  });

  it("is answered when its runner is lost, and when the service stops", async () => {
    const lost = test.engine.rehearseJob(input());
    await settle();
    test.runner.lose("killed");
    expect(await lost).toMatchObject({ runStatus: "lost", error: "command lost: killed" });
    const stopped = test.engine.rehearseJob(input());
    await settle();
    const refusal = expect(stopped).rejects.toMatchObject({ code: "SERVICE_STOPPED" });
    await test.engine.stop();
    await refusal;
  });
});
