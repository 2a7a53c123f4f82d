import { describe, expect, it } from "vitest";
import { watchDeadlines } from "../../src/executor/deadlines.ts";
import { createFakeClock } from "../helpers/clock.ts";

const DAY_MS = 86_400_000;

function watch(timeoutMs: number, noOutputTimeoutMs: number) {
  const clock = createFakeClock();
  const passed: string[] = [];
  const deadlines = watchDeadlines({ clock, timeoutMs, noOutputTimeoutMs, onPassed: (which) => passed.push(which) });
  return { clock, passed, deadlines };
}

describe("time limits", () => {
  it("pass once, the first one only", async () => {
    const { clock, passed } = watch(1_000, 400);
    await clock.advance(399);
    expect(passed).toEqual([]);
    await clock.advance(1);
    expect(passed).toEqual(["silent"]);
    await clock.advance(5_000);
    expect(passed).toEqual(["silent"]);
    expect(clock.timers()).toBe(0);
  });

  it("of silence begin anew with every sign of life; the other does not", async () => {
    const { clock, passed, deadlines } = watch(1_000, 400);
    for (let round = 0; round < 3; round++) {
      await clock.advance(300);
      deadlines.heard();
    }
    await clock.advance(99);
    expect(passed).toEqual([]);
    await clock.advance(1);
    expect(passed).toEqual(["timed_out"]);
  });

  it("beyond what one timer can hold are kept", async () => {
    const { clock, passed } = watch(60 * DAY_MS, 0);
    await clock.advance(60 * DAY_MS - 1);
    expect(passed).toEqual([]);
    await clock.advance(1);
    expect(passed).toEqual(["timed_out"]);
  });

  it("of 0 never pass and need no timer, nor does one that was stopped", async () => {
    const none = watch(0, 0);
    expect(none.clock.timers()).toBe(0);
    const stopped = watch(100, 100);
    stopped.deadlines.stop();
    await stopped.clock.advance(1_000);
    expect(stopped.passed).toEqual([]);
  });
});
