import type { JobPolicy } from "../../../schema/wire/policy.ts";
import type { Schedule } from "../../../schema/wire/schedule.ts";
import { SECOND_MS } from "../../kernel/durations.ts";
import {
  type CompiledSchedule,
  countBetween,
  lastAtOrBefore,
  newestBetween,
  nextAfter,
  occurrencesBetween,
} from "./schedule.ts";

/** An occurrence late by less is on time: timers, a busy host and a slow commit are no misfire. */
export const ON_TIME_MS = 10 * SECOND_MS;
/** After a hiccup shorter than `ON_TIME_MS` at most so many occurrences of one job run, newest first to stay. */
const ON_TIME_MAX = 10;
export const DEFAULT_MISFIRE_WINDOW_SECONDS = 86_400;
export const DEFAULT_MISFIRE_MAX = 10;

export type OccurrenceDecision =
  | {
      verdict: "run";
      scheduledForMs: number;
      /** Decided together with later ones: it must not be dropped for overlapping with its own siblings. */
      catchUp: boolean;
    }
  | {
      verdict: "missed";
      /** First instant of the range. */
      scheduledForMs: number;
      /** Last instant of the range; the same for a single one. */
      throughMs: number;
      count: number;
      reason: "misfire_policy" | "outside_window";
    };

interface MisfireQuestion {
  compiled: CompiledSchedule;
  /** Everything up to here has been decided. */
  cursorMs: number;
  nowMs: number;
  policy: JobPolicy["misfire"] | undefined;
  kind: Schedule["kind"];
  /** Runs answered at once; a longer backlog continues after the last decided one. */
  limit: number;
}

/**
 * What becomes of every instant in (cursorMs, nowMs], each covered exactly once, oldest first. The ones that run are
 * always the newest; those before them are `missed`, folded into at most two rows with exact counts. A clock that was
 * set back decides nothing.
 */
export function decideOccurrences(question: MisfireQuestion): {
  rows: OccurrenceDecision[];
  nextDueMs: number | undefined;
  more: boolean;
} {
  const { compiled, cursorMs, nowMs, limit } = question;
  const first = nextAfter(compiled, cursorMs);
  if (first === undefined || first > nowMs) return { rows: [], nextDueMs: first, more: false };
  const second = nextAfter(compiled, first);
  if (second === undefined || second > nowMs) {
    const wanted = runsWanted(question, 1, (sinceMs) => (first > sinceMs ? 1 : 0));
    const rows = wanted === 1 ? [toRun(first, false)] : missedRows(question, undefined);
    return { rows, nextDueMs: second, more: false };
  }
  const dueSince = (sinceMs: number) => countBetween(compiled, Math.max(cursorMs, sinceMs), nowMs);
  const runs = newestBetween(compiled, cursorMs, nowMs, runsWanted(question, dueSince(cursorMs), dueSince));
  const now = runs.slice(0, limit);
  return {
    rows: [...missedRows(question, runs[0]), ...now.map((atMs) => toRun(atMs, runs.length > 1))],
    nextDueMs: nextAfter(compiled, nowMs),
    more: runs.length > now.length,
  };
}

const toRun = (scheduledForMs: number, catchUp: boolean): OccurrenceDecision => ({
  verdict: "run",
  scheduledForMs,
  catchUp,
});

/** How many of the newest due instants run. */
function runsWanted(
  { nowMs, policy, kind }: MisfireQuestion,
  due: number,
  dueSince: (sinceMs: number) => number,
): number {
  if (kind === "at") return 1;
  const onTime = dueSince(nowMs - ON_TIME_MS);
  if (onTime === due) return Math.min(due, ON_TIME_MAX);
  const newest = Math.min(1, onTime);
  const inWindow = dueSince(windowStart(nowMs, policy));
  switch (policy?.mode ?? "run_once") {
    case "skip":
      return newest;
    case "run_once":
      return Math.max(newest, Math.min(1, inWindow));
    case "run_all":
      return Math.max(newest, Math.min(policy?.max ?? DEFAULT_MISFIRE_MAX, inWindow));
  }
}

/** Instants strictly after this are inside the window; one exactly as old as the window is long still is. */
const windowStart = (nowMs: number, policy: MisfireQuestion["policy"]): number =>
  nowMs - (policy?.windowSeconds ?? DEFAULT_MISFIRE_WINDOW_SECONDS) * SECOND_MS - 1;

/** The instants in (afterMs, throughMs] as one stretch; undefined when there is none. */
export function missedRange(
  compiled: CompiledSchedule,
  afterMs: number,
  throughMs: number,
): { scheduledForMs: number; throughMs: number; count: number } | undefined {
  const count = countBetween(compiled, afterMs, throughMs);
  const first = occurrencesBetween(compiled, afterMs, throughMs, 1).instants[0];
  if (count === 0 || first === undefined) return undefined;
  const last = count === 1 ? first : (lastAtOrBefore(compiled, throughMs, afterMs) ?? first);
  return { scheduledForMs: first, throughMs: last, count };
}

function missedRows(question: MisfireQuestion, firstRunMs: number | undefined): OccurrenceDecision[] {
  const { compiled, cursorMs, nowMs, policy } = question;
  const endMs = firstRunMs === undefined ? nowMs : firstRunMs - 1;
  const splitMs = Math.min(endMs, Math.max(cursorMs, windowStart(nowMs, policy)));
  const missed = (afterMs: number, throughMs: number, reason: "misfire_policy" | "outside_window") => {
    const range = missedRange(compiled, afterMs, throughMs);
    return range === undefined ? [] : [{ verdict: "missed" as const, ...range, reason }];
  };
  return [...missed(cursorMs, splitMs, "outside_window"), ...missed(splitMs, endMs, "misfire_policy")];
}
