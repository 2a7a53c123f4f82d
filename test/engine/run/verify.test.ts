import { beforeEach, describe, expect, it } from "vitest";
import type { VerifyEntry } from "../../../schema/wire/run.ts";
import type { AttemptResult } from "../../../src/executor/types.ts";
import { settle } from "../../helpers/clock.ts";
import { CALLER, startTestEngine, type TestEngine } from "../../helpers/engine.ts";
import { oneRun, webhook } from "../one-run.ts";

let test: TestEngine;
beforeEach(async () => {
  test = await startTestEngine();
});
const { only, key, runOnce, ends } = oneRun(() => test);

const VERIFY = { argv: ["sh", "-lc", "pg_restore --list dump"], timeoutSeconds: 90, attempts: 2 };

const verified = (more: Partial<VerifyEntry> = {}): VerifyEntry => ({
  command: "pg_restore --list dump",
  passed: true,
  attempts: 1,
  outcome: "exited",
  exitCode: 0,
  signal: null,
  startedAtMs: 1,
  endedAtMs: 2,
  ...more,
});
const FAILED: Partial<AttemptResult> = {
  outcome: "verify_failed",
  verify: verified({ passed: false, exitCode: 1, attempts: 2, lastLine: "only 3 of 4 tables" }),
};
const WORDS = "check failed: pg_restore --list dump (exited with code 1, 2 tries): only 3 of 4 tables";

describe("a run with a check", () => {
  it("hands it to the runner with every code it follows, and its own limit", async () => {
    const id = await test.add({
      policy: { verify: { ...VERIFY, cwd: "~/x" }, exitCodes: { "24": "ok", "2": "skip" } },
    });
    await runOnce(id);
    expect(test.runner.started[0]?.verify).toEqual({
      after: [0, 24],
      argv: VERIFY.argv,
      cwd: expect.stringMatching(/.\/x$/),
      timeoutMs: 90_000,
      attempts: 2,
      delayMs: 1_000,
    });
  });

  it("has succeeded when the check passed, and says what the command said", async () => {
    const id = await test.add({ policy: { verify: VERIFY }, delivery: webhook });
    await ends(id, { out: "dumped", verify: verified() });
    expect(only()).toMatchObject({ runStatus: "succeeded", attempts: [{ verify: { passed: true } }] });
    expect(test.sent.map(({ text }) => text)).toEqual(["dumped"]);
  });

  it("has failed when it did not, with its exit code; the text names the check and its last line", async () => {
    const id = await test.add({ policy: { verify: VERIFY }, delivery: webhook, failureAlert: { after: 1 } });
    await ends(id, { out: "dumped", ...FAILED });
    expect(only()).toMatchObject({ runStatus: "failed", outcome: "verify_failed", exitCode: 0, error: WORDS });
    expect(test.sent[0]?.text).toBe(`dumped\n\n${WORDS}`);
    expect(test.engine.getJob(id).state).toMatchObject({ consecutiveErrors: 1, lastError: WORDS });
    expect(test.engine.alerts({ limit: 1, offset: 0 }).alerts[0]).toMatchObject({ cause: "verify_failed" });
  });

  it("is tried again where the retry policy says so", async () => {
    const on = (cause: "verify_failed" | 1) => ({ maxAttempts: 2, delaySeconds: 1, on: [cause] });
    const id = await test.add({ policy: { verify: VERIFY, retry: on("verify_failed") } });
    await ends(id, FAILED);
    expect(only()).toMatchObject({ runStatus: "queued", attempts: [{ outcome: "verify_failed", exitCode: 0 }] });
    await test.clock.advance(1_000);
    await settle(10);
    test.runner.end(key(), { verify: verified() });
    await settle(10);
    expect(only().runStatus).toBe("succeeded");
    const other = await test.add({ policy: { verify: VERIFY, retry: on(1) } });
    await ends(other, FAILED);
    expect(only()).toMatchObject({ jobId: other, runStatus: "failed" });
  });

  it("is past its limit only when the check had its time too", async () => {
    const id = await test.add({
      payload: { kind: "command", argv: ["true"], timeoutSeconds: 60 },
      policy: { verify: VERIFY },
    });
    await runOnce(id);
    const overdue = () => test.engine.status().notices.some(({ code }) => code === "RUN_OVERDUE");
    // The command's minute, and two tries of the check.
    await test.clock.advance(240_000);
    expect(overdue()).toBe(false);
    await test.clock.advance(60_000);
    await settle(10);
    expect(overdue()).toBe(true);
  });

  it("never counts as good without the check, as when an older runner or an earlier job began it", async () => {
    const id = await test.add({ delivery: webhook });
    await runOnce(id);
    await test.engine.updateJob(id, { policy: { verify: VERIFY } }, CALLER);
    test.runner.end(key(), { out: "dumped" });
    await settle(10);
    expect(only()).toMatchObject({ runStatus: "failed", outcome: "verify_failed", exitCode: 0 });
    expect(only().error).toContain("the job got it while the command ran");
  });

  it("is named by doctor while its check does not pass", async () => {
    const finding = async () => (await test.engine.doctor()).find(({ check }) => check === "checks");
    const id = await test.add({ name: "Backup", policy: { verify: VERIFY } });
    expect(await finding()).toMatchObject({ level: "ok" });
    await ends(id, FAILED);
    expect(await finding()).toMatchObject({ level: "warn", detail: expect.stringContaining("Backup") });
    await ends(id, { exitCode: 3 });
    expect(await finding()).toMatchObject({ level: "ok" });
  });

  it("that failed or was skipped by itself had no check to pass", async () => {
    const id = await test.add({ policy: { verify: VERIFY, exitCodes: { "100": "skip" } } });
    await ends(id, { exitCode: 3 });
    expect(only()).toMatchObject({ outcome: "exited", error: "command exited with code 3" });
    await ends(id, { exitCode: 100 });
    expect(only()).toMatchObject({ runStatus: "skipped", outcome: "exited" });
  });
});
