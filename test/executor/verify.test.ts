import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reapOrphans, tailLog } from "../../src/executor/index.ts";
import type { CommandSpec, VerifySpec } from "../../src/executor/types.ts";
import { type Bench, createBench, specOf, textOf } from "../helpers/commands.ts";
import { isAlive } from "../helpers/processes.ts";
import { waitFor } from "../helpers/wait-for.ts";

let bench: Bench;
beforeAll(() => {
  bench = createBench({ cgroupName: "command-cron-verify" });
});
afterAll(() => bench.close());

const check = (line: string, more: Partial<VerifySpec> = {}): { verify: VerifySpec } => ({
  verify: { after: [0], argv: ["sh", "-c", line], timeoutMs: 60_000, attempts: 1, delayMs: 0, ...more },
});

async function logOf(spec: CommandSpec): Promise<string> {
  const { chunks } = await tailLog(spec.logDir, { bytes: 65_536 });
  return chunks.map((chunk) => Buffer.from(chunk.dataBase64, "base64").toString()).join("");
}

describe("the check of a command", () => {
  it("runs after a good end, in the run's directory and environment, into the same log; its words are kept apart", async () => {
    const spec = specOf(bench.dir, "echo made; echo $OPENCLAW_STEP >step", {
      env: { PATH: process.env["PATH"] ?? "", OWN: "mine" },
      ...check('echo "$OWN $OPENCLAW_STEP $PWD"; echo fine >&2'),
    });
    const steps: string[] = [];
    const result = await bench.executor.run(spec, (_identity, step) => steps.push(step)).result;
    expect(result).toMatchObject({
      outcome: "exited",
      exitCode: 0,
      verify: { passed: true, attempts: 1, outcome: "exited", exitCode: 0, lastLine: "fine" },
    });
    expect(steps).toEqual(["command", "verify"]);
    expect(textOf(result)).toBe("made\n");
    expect(result.stderr.bytes).toBe(0);
    expect(readFileSync(join(bench.dir, "step"), "utf8")).toBe("\n");
    expect(await logOf(spec)).toBe(`made\nmine verify ${bench.dir}\nfine\n`);
  });

  it("fails the attempt, whose exit code stays; it is named with its last line", async () => {
    const result = await bench.run("echo made", check("echo looking; echo 'only 3 of 4 tables' >&2; exit 4"));
    expect(result).toMatchObject({
      outcome: "verify_failed",
      exitCode: 0,
      verify: {
        passed: false,
        command: "echo looking; echo 'only 3 of 4 tables' >&2; exit 4",
        exitCode: 4,
        lastLine: "only 3 of 4 tables",
      },
    });
  });

  it("follows no bad end, and every code that it was told means a good one", async () => {
    const marks = (name: string) => check(`touch ${name}`, { after: [0, 24] });
    expect(await bench.run("exit 3", marks("after-3"))).toMatchObject({ outcome: "exited", exitCode: 3 });
    expect((await bench.run("sleep 30", { timeoutMs: 50, ...marks("after-limit") })).verify).toBeUndefined();
    expect(await bench.run("exit 24", marks("after-24"))).toMatchObject({ exitCode: 24, verify: { passed: true } });
    const made = ["after-3", "after-limit", "after-24"].map((name) => existsSync(join(bench.dir, name)));
    expect(made).toEqual([false, false, true]);
  });

  it("is tried as often as it may be", async () => {
    const line = "echo x >>tries; test $(wc -l <tries) -ge 3";
    expect(await bench.run("true", check(line, { attempts: 2 }))).toMatchObject({
      outcome: "verify_failed",
      verify: { attempts: 2 },
    });
    expect(await bench.run("true", check(line, { attempts: 5 }))).toMatchObject({
      outcome: "exited",
      verify: { passed: true, attempts: 1 },
    });
  });

  it("that cannot start is no pass", async () => {
    const result = await bench.run("true", { verify: { ...check("").verify, argv: ["no-such-check"] } });
    expect(result).toMatchObject({ outcome: "verify_failed", verify: { outcome: "spawn_failed" } });
    expect(result.verify?.error).toContain("no-such-check");
  });

  it("that never ends is ended by its own limit, not by the command's, with all that it started", async () => {
    const result = await bench.run("true", {
      timeoutMs: 20_000,
      noOutputTimeoutMs: 20_000,
      stopGraceMs: 200,
      ...check("trap '' TERM; setsid sleep 60 & echo $!; sleep 60", { timeoutMs: 300 }),
    });
    expect(result).toMatchObject({ outcome: "verify_failed", verify: { outcome: "timed_out" }, cleanup: { left: [] } });
    expect(isAlive(Number(result.verify?.lastLine))).toBe(false);
  });

  it("that forks away leaves nothing behind, whatever the command may leave", async () => {
    const result = await bench.run("setsid sleep 60 >/dev/null 2>&1 & echo $!", {
      leftovers: "allow",
      stopGraceMs: 200,
      ...check("setsid sh -c 'sleep 60 & echo $!; wait' & sleep 0.3"),
    });
    expect(result).toMatchObject({ outcome: "exited", verify: { passed: true } });
    expect(isAlive(Number(result.verify?.lastLine))).toBe(false);
    const left = Number(textOf(result));
    expect(isAlive(left)).toBe(true);
    process.kill(left, "SIGKILL");
  });

  it("may print without end: little is kept in memory, and the log keeps its budget", async () => {
    const spec = specOf(bench.dir, "echo first", {
      logBudgetBytes: 262_144,
      ...check("head -c 20000000 /dev/zero | tr '\\0' x; echo; echo the end"),
    });
    const result = await bench.executor.run(spec, () => {}).result;
    expect(result.verify).toMatchObject({ passed: true, lastLine: "the end" });
    expect(result.log.bytes).toBeLessThan(400_000);
    expect(textOf(result)).toBe("first\n");
  });

  it("can be canceled: the run is, and its tree is gone", async () => {
    const spec = specOf(bench.dir, "true", check("echo $$; exec sleep 60"));
    let pid = 0;
    const running = bench.executor.run(spec, (identity, step) => {
      if (step === "verify") pid = identity.pid;
    });
    await waitFor(() => pid > 0 || undefined, { what: "the check" });
    await running.cancel("somebody");
    expect(await running.result).toMatchObject({
      outcome: "canceled",
      canceledBy: "somebody",
      exitCode: 0,
      verify: { passed: false },
    });
    expect(isAlive(pid)).toBe(false);
  });

  it("hides secrets, in its words and its name", async () => {
    const result = await bench.run("true", { masks: ["s3cret"], ...check("echo has s3cret; false # s3cret") });
    expect(JSON.stringify(result.verify)).not.toContain("s3cret");
  });

  it("is found by those who end what nobody looks after any more", async () => {
    const spec = specOf(bench.dir, "true", check("exec sleep 60"));
    let pid = 0;
    const running = bench.executor.run(spec, (identity, step) => {
      if (step === "verify") pid = identity.pid;
    });
    await waitFor(() => pid > 0 || undefined, { what: "the check" });
    await sleep(50);
    const statements = await reapOrphans([{ attemptKey: spec.attemptKey }], { graceMs: 500 });
    expect(statements.get(spec.attemptKey)).toMatchObject({ found: 1, left: [] });
    await running.result;
    expect(isAlive(pid)).toBe(false);
  });
});
