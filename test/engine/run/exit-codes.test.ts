import { beforeEach, describe, expect, it } from "vitest";
import { settle } from "../../helpers/clock.ts";
import { CALLER, startTestEngine, type TestEngine } from "../../helpers/engine.ts";
import { oneRun, webhook } from "../one-run.ts";

let test: TestEngine;
beforeEach(async () => {
  test = await startTestEngine();
});
const { only, key, runOnce, ends } = oneRun(() => test);

describe("exit codes with meanings", () => {
  it("make a run of code 24 a success, with the code in its record", async () => {
    const id = await test.add({ policy: { exitCodes: { "24": "ok" } }, delivery: webhook });
    await ends(id, { exitCode: 24, out: "copied, but for vanished files" });
    expect(only()).toMatchObject({ runStatus: "succeeded", status: "ok", exitCode: 24 });
    expect(only().error).toBeUndefined();
    expect(test.sent.map(({ text }) => text)).toEqual(["copied, but for vanished files"]);
    expect(test.engine.getJob(id).state).toMatchObject({ lastRunStatus: "ok", consecutiveErrors: 0 });
  });

  it("make a run that had nothing to do neither a success nor a failure, and silent", async () => {
    const id = await test.add({ policy: { exitCodes: { "100": "skip" } }, delivery: webhook });
    await ends(id, { exitCode: 1 });
    test.sent.length = 0;
    await ends(id, { exitCode: 100, out: "nothing new" });
    expect(only()).toMatchObject({
      runStatus: "skipped",
      status: "skipped",
      exitCode: 100,
      reason: "exit code 100",
      deliverySuppressionReason: "skipped",
    });
    expect(test.sent).toEqual([]);
    const { state } = test.engine.getJob(id);
    expect(state).toMatchObject({ lastRunStatus: "skipped", consecutiveErrors: 1, consecutiveSkipped: 1 });
    expect(state.totals).toMatchObject({ runs: 2, error: 1, skipped: 1, ok: 0 });
  });

  it("try a code again that means it, also without a retry policy", async () => {
    const id = await test.add({ policy: { exitCodes: { "75": "retry", "2": "fail" } } });
    await ends(id, { exitCode: 75 });
    expect(only()).toMatchObject({ runStatus: "queued", attempts: [{ exitCode: 75 }] });
    await test.clock.advance(30_000);
    await settle(10);
    test.runner.end(key(), { exitCode: 0 });
    await settle(10);
    expect(only()).toMatchObject({ runStatus: "succeeded", attempts: [{ exitCode: 75 }, { exitCode: 0 }] });
  });
});

describe("until", () => {
  it("disables the job when it comes true, and its last message goes out whatever it usually says", async () => {
    const policy = { until: { exitCode: 0 }, exitCodes: { "1": "skip" as const }, deliver: { on: "failure" as const } };
    const id = await test.add({ policy, delivery: webhook });
    await ends(id, { exitCode: 1, out: "not yet" });
    expect(test.engine.getJob(id).enabled).toBe(true);
    expect(test.sent).toEqual([]);
    await ends(id, { exitCode: 0, out: "the file is there" });
    const job = test.engine.getJob(id);
    expect(job).toMatchObject({ enabled: false, state: { autoDisabled: { reason: "until" } } });
    expect(job.state.nextRunAtMs).toBeUndefined();
    expect(test.sent.map(({ text }) => text)).toEqual([
      "the file is there\n\nThis was the job's last run: the command exited with code 0. It is disabled now.",
    ]);
  });

  it("has no trial: the job stays off through good runs by hand and edits, until somebody enables it", async () => {
    const id = await test.add({ policy: { until: { match: "ready" } } });
    await ends(id, { out: "it is ready" });
    await test.engine.updateJob(id, { description: "still off" }, CALLER);
    await test.clock.advance(7_200_000);
    await ends(id, { out: "once more" });
    expect(test.engine.getJob(id)).toMatchObject({ enabled: false, state: { autoDisabled: { reason: "until" } } });
    expect(test.engine.runs({ jobId: id, limit: 10, offset: 0 }).entries.map((run) => run.trigger)).toEqual([
      "manual",
      "manual",
    ]);
    const on = await test.engine.updateJob(id, { enabled: true }, CALLER);
    expect(on.state.autoDisabled).toBeUndefined();
    expect(on.state.nextRunAtMs).toBeGreaterThan(test.clock.nowMs());
  });

  it("ends what waits behind the run", async () => {
    const id = await test.add({
      schedule: { kind: "every", everyMs: 60_000 },
      policy: { overlap: "buffer_one", until: { exitCode: 0 } },
    });
    await runOnce(id);
    const first = key();
    await test.clock.advance(61_000);
    await settle(10);
    expect(only().runStatus).toBe("queued");
    test.runner.end(first, { exitCode: 0 });
    await settle(10);
    expect(only()).toMatchObject({ runStatus: "canceled", reason: "until" });
    expect(test.runner.running.size).toBe(0);
  });
});
