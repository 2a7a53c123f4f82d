import {
  DEFAULT_PROGRESS,
  type Progress,
  type ProgressEntry,
  type ProgressPolicy,
} from "../../../schema/wire/progress.ts";
import { SECOND_MS } from "../../kernel/durations.ts";

/** Below this part of the way an attempt's pace says little, and the job's earlier runs say more where there are any. */
const PACE_FROM_PERCENT = 5;
const HISTORY_MIN = 3;

interface EtaQuestion {
  progress: Progress | undefined;
  /** When the attempt began. */
  startedAtMs: number;
  /** How long good runs of the job took, in any order. */
  earlierMs: readonly number[];
}

/**
 * When a run will be over: by the pace of this attempt, else as its job's runs usually take; undefined where nothing says it.
 * The pace is counted by a clock that nobody can set; only the last step, from what was said last, is by the wall clock.
 */
export function etaOf(question: EtaQuestion): Pick<ProgressEntry, "etaAtMs" | "etaFrom"> {
  const pace = byPace(question.progress);
  const seen = question.progress?.percent ?? 0;
  const usualMs = question.earlierMs.length < HISTORY_MIN ? undefined : median(question.earlierMs);
  if (pace !== undefined && (usualMs === undefined || seen >= PACE_FROM_PERCENT))
    return { etaAtMs: Math.round(pace), etaFrom: "pace" };
  return usualMs === undefined ? {} : { etaAtMs: Math.round(question.startedAtMs + usualMs), etaFrom: "history" };
}

function byPace(progress: Progress | undefined): number | undefined {
  if (progress?.percent === undefined) return undefined;
  const { atMs, elapsedMs, percent, first = { percent: 0, elapsedMs: 0 } } = progress;
  // One word alone is the way from the start to it.
  const from = percent > first.percent ? first : { percent: 0, elapsedMs: 0 };
  const [gone, tookMs] = [percent - from.percent, elapsedMs - from.elapsedMs];
  if (gone <= 0 || tookMs <= 0) return undefined;
  return atMs + (Math.max(0, 100 - percent) * tookMs) / gone;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** How long a run of a job may stand still; undefined: for ever. */
export function stallLimitMs(policy: ProgressPolicy | undefined): number | undefined {
  if (policy === undefined) return undefined;
  const seconds = policy.stallSeconds ?? DEFAULT_PROGRESS.stallSeconds;
  return seconds === 0 ? undefined : seconds * SECOND_MS;
}
