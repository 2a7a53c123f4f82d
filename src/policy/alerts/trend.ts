import { SECOND_MS } from "../../kernel/durations.ts";

/** A run that succeeded. */
interface GoodRun {
  durationMs: number;
  attempts: number;
}

/** So many of a job's newest good runs are looked at; the newest of them are held against the others. */
export const TREND_RUNS = 25;
const RECENT_RUNS = 5;
const EARLIER_RUNS_MIN = 5;
export const FLAKY_RUNS = 10;
const SLOWER_TIMES = 1.5;

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)] ?? 0;

/**
 * How a job does of late, by its good runs, the newest first. Slow: the middle one of the last five took half as long again
 * as the middle one of those before, and at least a second more; runs that were tried again do not count. Flaky: one of the
 * last ten succeeded only after a retry.
 */
export function trendOf(runs: readonly GoodRun[]): { slow: boolean; flaky: boolean } {
  const flaky = runs.slice(0, FLAKY_RUNS).some(({ attempts }) => attempts > 1);
  const straight = runs.filter(({ attempts }) => attempts <= 1).map(({ durationMs }) => durationMs);
  const earlier = straight.slice(RECENT_RUNS);
  if (earlier.length < EARLIER_RUNS_MIN) return { slow: false, flaky };
  const [now, before] = [median(straight.slice(0, RECENT_RUNS)), median(earlier)];
  return { slow: now >= before * SLOWER_TIMES && now - before >= SECOND_MS, flaky };
}
