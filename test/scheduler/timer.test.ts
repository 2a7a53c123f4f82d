import { describe, expect, it } from "vitest";
import { createWakeTimer, MAX_SLEEP_MS } from "../../src/scheduler/timer.ts";
import { createFakeClock } from "../helpers/clock.ts";

function create() {
  const clock = createFakeClock();
  const wakes: number[] = [];
  const jumps: number[] = [];
  const timer = createWakeTimer(
    clock,
    () => wakes.push(clock.monotonicMs()),
    (byMs) => jumps.push(byMs),
  );
  return { clock, timer, wakes, jumps, startMs: clock.nowMs(), monoMs: clock.monotonicMs() };
}

describe("the one timer", () => {
  it("wakes at the armed instant", async () => {
    const { clock, timer, wakes, startMs, monoMs } = create();
    timer.arm(startMs + 700);
    await clock.advance(699);
    expect(wakes).toEqual([]);
    await clock.advance(1);
    expect(wakes).toEqual([monoMs + 700]);
  });

  it.each([
    ["nothing is known to come", undefined],
    ["it is far away", Number.MAX_SAFE_INTEGER],
  ])("looks again after the longest sleep where %s", async (_, atMs) => {
    const { clock, timer, wakes } = create();
    timer.arm(atMs);
    await clock.advance(MAX_SLEEP_MS - 1);
    expect(wakes).toEqual([]);
    await clock.advance(1);
    expect(wakes).toHaveLength(1);
  });

  it("is one: armed again it forgets what it was set to", async () => {
    const { clock, timer, wakes, startMs } = create();
    timer.arm(startMs + 100);
    timer.arm(startMs + 500);
    await clock.advance(400);
    expect(wakes).toEqual([]);
    timer.stop();
    await clock.advance(MAX_SLEEP_MS);
    expect(wakes).toEqual([]);
  });

  it.each([[3_600_000], [-3_600_000]])("tells of a wall clock that moved by %d ms", async (byMs) => {
    const { clock, timer, jumps } = create();
    timer.arm(undefined);
    clock.setWall(clock.nowMs() + byMs);
    await clock.advance(MAX_SLEEP_MS);
    expect(jumps).toEqual([byMs]);
  });

  it("says nothing of two seconds", async () => {
    const { clock, timer, jumps } = create();
    timer.arm(undefined);
    clock.setWall(clock.nowMs() + 2_000);
    await clock.advance(MAX_SLEEP_MS);
    expect(jumps).toEqual([]);
  });
});
