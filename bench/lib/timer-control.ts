import { systemClock } from "../../src/kernel/clock.ts";

/**
 * What Node's own timers do with the same instants: `count` timers, each due every second at its own offset, always set
 * to the next instant of the grid. Answers how late each came, milliseconds.
 */
export function bareTimers(count: number, fromMs: number, untilMs: number): Promise<number[]> {
  const late: number[] = [];
  const one = (offsetMs: number): Promise<void> =>
    new Promise((resolve) => {
      const arm = (dueMs: number): void => {
        if (dueMs >= untilMs) {
          resolve();
          return;
        }
        setTimeout(() => {
          late.push(systemClock.nowMs() - dueMs);
          arm(dueMs + 1_000);
        }, dueMs - systemClock.nowMs());
      };
      arm(fromMs + offsetMs);
    });
  return Promise.all(Array.from({ length: count }, (_, index) => one((index * 1_000) / count))).then(() => late);
}
