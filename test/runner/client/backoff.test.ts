import { expect, it } from "vitest";
import { createBackoff } from "../../../src/runner/client/backoff.ts";
import { createFakeClock } from "../../helpers/clock.ts";

it("a runner that dies again and again is waited for longer each time, and at once after one that lived for a minute", async () => {
  const clock = createFakeClock();
  const backoff = createBackoff(clock);
  const delays = (count: number) => Array.from({ length: count }, () => backoff.nextMs());
  expect(delays(8)).toEqual([0, 500, 2_000, 10_000, 30_000, 30_000, 30_000, 30_000]);
  backoff.started();
  await clock.advance(60_000);
  expect(backoff.nextMs()).toBe(30_000);
  backoff.started();
  await clock.advance(60_001);
  expect(backoff.nextMs()).toBe(0);
  backoff.started();
  expect(backoff.nextMs()).toBe(500);
});
