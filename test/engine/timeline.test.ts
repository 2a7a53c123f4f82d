import { beforeEach, expect, it } from "vitest";
import { startTestEngine, type TestEngine } from "../helpers/engine.ts";

const HOUR = 3_600_000;
let test: TestEngine;
beforeEach(async () => {
  test = await startTestEngine();
});

it("a timeline tells what each job asked for did and will do, and how it stands", async () => {
  test.runner.auto = true;
  const each = await test.add({ name: "each minute" });
  const hourly = await test.add({ name: "hourly", schedule: { kind: "cron", expr: "0 * * * *", tz: "UTC" } });
  const off = await test.add({ name: "off", enabled: false });
  await test.clock.advance(3 * 60_000);
  const nowMs = test.clock.nowMs();
  const span = { sinceMs: nowMs - HOUR, untilMs: nowMs + 3 * HOUR, slotMs: 30 * 60_000 };
  const { jobs } = await test.engine.timeline({ ids: [each, "gone", hourly, off], ...span });
  expect(jobs.map(({ jobId }) => jobId)).toEqual([each, hourly, off]);
  const [first, second, third] = jobs;
  expect(first?.marks.reduce((sum, { runs }) => sum + runs, 0)).toBe(3);
  expect(first?.marks.every(({ status }) => status === "succeeded")).toBe(true);
  expect(first?.latest).toHaveLength(3);
  expect(first?.state).toMatchObject({ lastStatus: "ok" });
  // One instant a slot, however many there are.
  expect(first?.next.length).toBeGreaterThanOrEqual(6);
  expect(first?.next.length).toBeLessThanOrEqual(7);
  expect(second?.next.map((atMs) => atMs % HOUR)).toEqual([0, 0, 0]);
  expect(third).toMatchObject({ enabled: false, marks: [], next: [], latest: [] });
});
