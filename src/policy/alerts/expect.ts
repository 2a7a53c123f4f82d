import type { Expectations } from "../../../schema/wire/policy.ts";
import { DAY_MS, formatDurationMs, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../kernel/durations.ts";
import { type CompiledSchedule, nextAfter } from "../time/index.ts";

/** Incidents about time: what did not happen, or takes too long. */
const TIME_CAUSES = ["missed", "late", "overrun", "silent", "stalled", "level"] as const;
export type TimeCause = (typeof TIME_CAUSES)[number];
export const isTimeCause = (cause: string): cause is TimeCause => (TIME_CAUSES as readonly string[]).includes(cause);

export const DEFAULT_START_WITHIN_SECONDS = 600;
/** A run that is expected to take longer than usual is no surprise: three times the longest of nearly all. */
const USUAL_TIMES = 3;
export const USUAL_RUNS = 20;
const USUAL_RUNS_MIN = 5;
const OVERRUN_MIN_MS = MINUTE_MS;
const LIMIT_SHARE = 0.8;

/** From an instant to the one after it; infinite where there is none. */
export function gapAfter(compiled: CompiledSchedule, atMs: number): number {
  const next = nextAfter(compiled, atMs);
  return next === undefined ? Number.POSITIVE_INFINITY : next - atMs;
}

/** Whether anybody is told when an instant passes without a run. */
export const hearsOfMissed = (expect: Expectations | undefined, gapMs: number): boolean =>
  expect?.missed ?? gapMs > HOUR_MS;

/** How often a schedule comes, in a word: `daily`, `weekly`; undefined where no single word says it. */
export function frequencyWord(gapMs: number): string | undefined {
  const days = gapMs / DAY_MS;
  if (days > 0.95 && days < 1.05) return "daily";
  if (days > 6.9 && days < 7.1) return "weekly";
  if (days > 27.9 && days < 31.1) return "monthly";
  return days > 364 && days < 367 ? "yearly" : undefined;
}

export const startLimitMs = (expect: Expectations | undefined): number =>
  (expect?.startWithinSeconds ?? DEFAULT_START_WITHIN_SECONDS) * SECOND_MS;

interface OverrunQuestion {
  expect: Expectations | undefined;
  /** How long the run has been going on, and the attempt that is under way. */
  ranMs: number;
  attemptMs: number;
  /** The attempt is ended then; 0: never. */
  timeoutMs: number;
  /** How long earlier runs took, in any order. */
  earlierMs: readonly number[];
}

/** Why a run that goes on is longer than expected, in words; undefined when it is not. */
export function overrunReason({ expect, ranMs, attemptMs, timeoutMs, earlierMs }: OverrunQuestion): string | undefined {
  const ran = formatDurationMs(ranMs);
  if (timeoutMs * LIMIT_SHARE >= OVERRUN_MIN_MS && attemptMs >= timeoutMs * LIMIT_SHARE)
    return `runs for ${ran}, and is ended at its limit of ${formatDurationMs(timeoutMs)}`;
  if (expect?.maxSeconds !== undefined) {
    const maxMs = expect.maxSeconds * SECOND_MS;
    return ranMs > maxMs ? `runs for ${ran}, expected at most ${formatDurationMs(maxMs)}` : undefined;
  }
  const usualMs = usualLongestMs(earlierMs);
  if (usualMs === undefined || ranMs <= Math.max(OVERRUN_MIN_MS, USUAL_TIMES * usualMs)) return undefined;
  return `runs for ${ran}, usually at most ${formatDurationMs(usualMs)}`;
}

/** The 95th percentile; undefined where too few are known to call anything usual. */
function usualLongestMs(durations: readonly number[]): number | undefined {
  if (durations.length < USUAL_RUNS_MIN) return undefined;
  const sorted = [...durations].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1];
}
