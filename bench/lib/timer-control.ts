import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { systemClock } from "../../src/kernel/clock.ts";

const run = promisify(execFile);

/** How late each firing came, milliseconds, given its due instant. */
type Judge = (dueMs: number) => Promise<number>;

/**
 * What Node's own timers do with the same instants: `count` timers, each due every second at its own offset, always set
 * to the next instant of the grid. Answers how late each came, milliseconds.
 */
export const bareTimers = (count: number, fromMs: number, untilMs: number): Promise<number[]> =>
  grid(count, fromMs, untilMs, async (dueMs) => systemClock.nowMs() - dueMs);

/** The same timers, each starting a command that prints its own clock, microseconds: late by that. */
export const spawningTimers = (
  count: number,
  fromMs: number,
  untilMs: number,
  [program = "", ...args]: readonly string[],
): Promise<number[]> =>
  grid(count, fromMs, untilMs, async (dueMs) => Number((await run(program, args)).stdout) / 1_000 - dueMs);

async function grid(count: number, fromMs: number, untilMs: number, late: Judge): Promise<number[]> {
  const found: Promise<number>[] = [];
  const one = (offsetMs: number): Promise<void> =>
    new Promise((resolve) => {
      const arm = (dueMs: number): void => {
        if (dueMs >= untilMs) {
          resolve();
          return;
        }
        setTimeout(() => {
          found.push(late(dueMs));
          arm(dueMs + 1_000);
        }, dueMs - systemClock.nowMs());
      };
      arm(fromMs + offsetMs);
    });
  await Promise.all(Array.from({ length: count }, (_, index) => one((index * 1_000) / count)));
  return await Promise.all(found);
}
