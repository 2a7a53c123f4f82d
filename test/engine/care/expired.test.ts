import { beforeEach, expect, it } from "vitest";
import type { JobInput } from "../../../schema/wire/job.ts";
import { DAY_MS, HOUR_MS } from "../../../src/kernel/durations.ts";
import { settle } from "../../helpers/clock.ts";
import { CALLER, startTestEngine, type TestEngine } from "../../helpers/engine.ts";

let test: TestEngine;
beforeEach(async () => {
  test = await startTestEngine();
});

const names = () =>
  test.engine
    .listJobs({ limit: 50, offset: 0, includeDisabled: true })
    .jobs.map(({ name }) => name)
    .sort();
const add = (name: string, job: Partial<JobInput> = {}) => test.add({ name, policy: { ttlDays: 1 }, ...job });
/** Upkeep looks by the hour, and its clock of ages goes on by a day in ten minutes. */
async function days(count: number): Promise<void> {
  for (let hour = 0; hour < count * 24; hour += 1) await test.clock.advance(HOUR_MS);
}

it("a job that is off for as long as it may be is removed, with its record kept; one that is on stays", async () => {
  test.runner.auto = true;
  const off = await add("off", { schedule: { kind: "every", everyMs: DAY_MS } });
  await add("on", { schedule: { kind: "every", everyMs: DAY_MS } });
  await add("off for good", { enabled: false, policy: {} });
  await test.engine.runJob(off, CALLER, {});
  await settle();
  await test.engine.updateJob(off, { enabled: false }, CALLER);
  await days(0.8);
  expect(names()).toEqual(["off", "off for good", "on"]);
  await days(0.5);
  expect(names()).toEqual(["off for good", "on"]);
  expect(test.engine.runs({ jobId: off, limit: 5, offset: 0 }).entries).toMatchObject([{ runStatus: "succeeded" }]);
});

it("a one-shot goes so long after its run", async () => {
  test.runner.auto = true;
  const at = new Date(test.clock.nowMs() + HOUR_MS).toISOString();
  await add("once", { schedule: { kind: "at", at }, deleteAfterRun: false });
  await days(0.9);
  expect(names()).toEqual(["once"]);
  await days(0.5);
  expect(names()).toEqual([]);
});

it("a job that runs, or that others follow, stays until that is over", async () => {
  const busy = await add("busy");
  const parent = await add("parent");
  const follower = await add("follower", { schedule: { kind: "after", job: parent }, policy: {} });
  await test.engine.runJob(busy, CALLER, {});
  await settle();
  for (const id of [busy, parent, follower]) await test.engine.updateJob(id, { enabled: false }, CALLER);
  await days(1.5);
  expect(names()).toEqual(["busy", "follower", "parent"]);
  test.runner.end([...test.runner.running.keys()][0] ?? "");
  await test.engine.removeJob(follower, CALLER);
  await days(1.5);
  expect(names()).toEqual([]);
});

it("a follower that was switched off with its parent counts from then", async () => {
  const parent = await add("parent", { schedule: { kind: "every", everyMs: 30 * DAY_MS }, policy: {} });
  await add("follower", { schedule: { kind: "after", job: parent } });
  await days(1.5);
  await test.engine.removeJob(parent, CALLER, { cascade: true });
  await days(0.8);
  expect(names()).toEqual(["follower"]);
  await days(0.5);
  expect(names()).toEqual([]);
});
