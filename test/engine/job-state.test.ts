import { beforeEach, expect, it } from "vitest";
import { MINUTE_MS } from "../../src/kernel/durations.ts";
import { settle } from "../helpers/clock.ts";
import { startTestEngine, type TestEngine } from "../helpers/engine.ts";

let test: TestEngine;
beforeEach(async () => {
  test = await startTestEngine();
});

async function endAll(exitCode: number): Promise<void> {
  for (const key of [...test.runner.running.keys()]) test.runner.end(key, { exitCode });
  await settle(10);
}
const listed = (lastStatus: "error" | "skipped" | "ok") =>
  test.engine.listJobs({ lastStatus, includeDisabled: true, limit: 9, offset: 0 }).jobs.map((job) => job.name);

it("a failing job is listed as such while it pauses, and no more once it has succeeded", async () => {
  const id = await test.add({ name: "failing", policy: { backoff: { seconds: [150] } } });
  await test.clock.advance(MINUTE_MS);
  await endAll(69);
  await test.clock.advance(2 * MINUTE_MS);
  const state = () => test.engine.getJob(id).state;
  expect(state()).toMatchObject({ lastRunStatus: "error", lastStatus: "error", consecutiveSkipped: 2 });
  expect([listed("error"), listed("skipped")]).toEqual([["failing"], []]);
  await test.clock.advance(MINUTE_MS);
  await endAll(0);
  expect([listed("error"), listed("ok")]).toEqual([[], ["failing"]]);
});

it("a job that went well and then missed an instant is not a failing one", async () => {
  await test.add({ name: "busy" });
  await test.clock.advance(MINUTE_MS);
  await endAll(0);
  await test.clock.advance(2 * MINUTE_MS);
  expect([listed("error"), listed("skipped")]).toEqual([[], ["busy"]]);
});

it("a job's state has its totals, its streaks and when it last went well", async () => {
  const id = await test.add({ policy: { backoff: false } });
  await test.clock.advance(MINUTE_MS);
  await endAll(0);
  const okAtMs = test.clock.nowMs();
  for (let run = 0; run < 2; run += 1) {
    await test.clock.advance(MINUTE_MS);
    await endAll(1);
  }
  await test.clock.advance(2 * MINUTE_MS);
  expect(test.engine.getJob(id).state).toMatchObject({
    lastOkAtMs: okAtMs,
    consecutiveErrors: 2,
    consecutiveSkipped: 1,
    totals: { runs: 3, ok: 1, error: 2, skipped: 1, missed: 0 },
  });
});
