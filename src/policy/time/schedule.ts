import { createHash } from "node:crypto";
import { MAX_DATE_MS } from "../../../schema/wire/common.ts";
import type { Schedule } from "../../../schema/wire/schedule.ts";
import { CommandCronError } from "../../kernel/errors.ts";
import { invalidAt, parseInstant } from "./at.ts";
import { countInstants, nextInstant } from "./cron-instants.ts";
import { type CronWalls, cronWallsOf } from "./cron-walls.ts";
import { type Zone, zoneOf } from "./zone.ts";

/** A schedule made ready to be asked. Cheap to make again: expressions and zones are kept. */
export type CompiledSchedule = { kind: Schedule["kind"]; tz: string; staggerOffsetMs: number } & (
  | { kind: "at"; atMs: number }
  | { kind: "every"; everyMs: number; anchorMs: number }
  | { kind: "cron"; expr: string; walls: CronWalls; zone: Zone }
  /** No instants of its own: it has those at which another job ends. */
  | { kind: "after" }
);

interface CompileOptions {
  /** Fixes the place inside a stagger window. */
  jobId: string;
  /** Zone of cron expressions that name none, and of previews. */
  hostTz: string;
  /** Anchor of intervals that name none: when the job was created. */
  anchorDefaultMs: number;
}

/**
 * Reads a schedule. Raises SCHEDULE_INVALID or TIME_ZONE_UNKNOWN, naming the field. Whether it can still fire is asked
 * separately with `assertCanFire`: a stored schedule stays readable after its last instant.
 */
export function compileSchedule(schedule: Schedule, options: CompileOptions): CompiledSchedule {
  const host = { tz: options.hostTz, staggerOffsetMs: 0 };
  if (schedule.kind === "at") {
    const atMs = parseInstant(schedule.at);
    if (atMs === undefined) throw invalidAt(schedule.at);
    return { kind: "at", ...host, atMs };
  }
  if (schedule.kind === "after") return { kind: "after", ...host };
  if (schedule.kind === "every") {
    const everyMs = wholeMs(schedule.everyMs);
    const anchorMs = Math.floor(schedule.anchorMs ?? options.anchorDefaultMs);
    // Only one that was still to come says when the interval begins. The others are its phase, whatever clock wrote them.
    const isPhase = anchorMs <= options.anchorDefaultMs;
    return { kind: "every", ...host, everyMs, anchorMs: isPhase ? anchorMs % everyMs : anchorMs };
  }
  const tz = zoneOfSchedule(schedule, options.hostTz);
  return {
    kind: "cron",
    tz,
    staggerOffsetMs: staggerOffsetMs(options.jobId, schedule.staggerMs ?? 0),
    expr: schedule.expr.trim(),
    walls: cronWallsOf(schedule.expr.trim()),
    zone: zoneOf(tz),
  };
}

/** Fields that are no days, by how many there are in all. */
const TIME_FIELDS: Record<number, Record<number, string>> = {
  5: { 0: "minute", 1: "hour", 3: "month" },
  6: { 0: "second", 1: "minute", 2: "hour", 4: "month" },
};

/**
 * Raises SCHEDULE_INVALID for a `?` in another field than the days. It says nothing there; where it stands there, the
 * expression has a year at its end and is written for another scheduler.
 */
export function refuseYears(schedule: Schedule): void {
  if (schedule.kind !== "cron") return;
  const fields = schedule.expr.trim().split(/\s+/);
  const names = TIME_FIELDS[fields.length] ?? {};
  const name = fields.map((field, index) => (field.includes("?") ? names[index] : undefined)).find(Boolean);
  if (name === undefined) return;
  throw new CommandCronError("SCHEDULE_INVALID", {
    field: "schedule.expr",
    expected: "`?` in a field of days only; years are not supported, and AWS puts the year last",
    got: `${JSON.stringify(schedule.expr)}, with \`?\` in the ${name} field`,
  });
}

/** The zone a schedule's times are read and shown in. */
export const zoneOfSchedule = (schedule: Schedule, hostTz: string): string =>
  (schedule.kind === "cron" ? schedule.tz?.trim() : undefined) || hostTz;

function wholeMs(everyMs: number): number {
  if (Number.isFinite(everyMs) && everyMs >= 1) return Math.floor(everyMs);
  throw new CommandCronError("SCHEDULE_INVALID", {
    field: "schedule.everyMs",
    expected: "a whole number of milliseconds, at least 1",
    got: String(everyMs),
  });
}

/**
 * The job's own place in [0, staggerMs): the same after every restart, spread evenly over jobs. The gateway's formula,
 * so that a job moved from its cron keeps its place.
 */
export function staggerOffsetMs(jobId: string, staggerMs: number): number {
  if (!(staggerMs > 1)) return 0;
  return createHash("sha256").update(jobId).digest().readUInt32BE(0) % Math.floor(staggerMs);
}

/** The first instant strictly after `afterMs`; undefined when there is none. */
export function nextAfter(compiled: CompiledSchedule, afterMs: number): number | undefined {
  const next = unlimitedNext(compiled, afterMs);
  return next === undefined || next > MAX_DATE_MS ? undefined : next;
}

function unlimitedNext(compiled: CompiledSchedule, afterMs: number): number | undefined {
  switch (compiled.kind) {
    case "at":
      return compiled.atMs > afterMs ? compiled.atMs : undefined;
    case "every":
      return compiled.anchorMs + Math.max(0, stepsThrough(compiled, afterMs)) * compiled.everyMs;
    case "cron": {
      const offset = compiled.staggerOffsetMs;
      const base = nextInstant(compiled.walls, compiled.zone, afterMs - offset);
      return base === undefined ? undefined : base + offset;
    }
    case "after":
      return undefined;
  }
}

/** Instants of an interval at or before `atMs`. */
const stepsThrough = (every: { anchorMs: number; everyMs: number }, atMs: number): number =>
  Math.max(0, Math.floor((atMs - every.anchorMs) / every.everyMs) + 1);

/** The instants in (afterMs, throughMs], oldest first, at most `limit`; `more` when others follow. */
export function occurrencesBetween(
  compiled: CompiledSchedule,
  afterMs: number,
  throughMs: number,
  limit: number,
): { instants: number[]; more: boolean } {
  const instants: number[] = [];
  let next = nextAfter(compiled, afterMs);
  while (next !== undefined && next <= throughMs && instants.length < limit) {
    instants.push(next);
    next = nextAfter(compiled, next);
  }
  return { instants, more: next !== undefined && next <= throughMs };
}

/** How many instants lie in (afterMs, throughMs]; computed, never walked through. */
export function countBetween(compiled: CompiledSchedule, afterMs: number, throughMs: number): number {
  if (throughMs <= afterMs) return 0;
  switch (compiled.kind) {
    case "at":
      return compiled.atMs > afterMs && compiled.atMs <= throughMs ? 1 : 0;
    case "every":
      return stepsThrough(compiled, throughMs) - stepsThrough(compiled, afterMs);
    case "cron": {
      const offset = compiled.staggerOffsetMs;
      return countInstants(compiled.walls, compiled.zone, afterMs - offset, throughMs - offset);
    }
    case "after":
      return 0;
  }
}

/** The newest instant in (afterMs, atMs]; undefined when there is none. */
export function lastAtOrBefore(compiled: CompiledSchedule, atMs: number, afterMs = 0): number | undefined {
  if (compiled.kind === "every") {
    const steps = stepsThrough(compiled, atMs);
    const last = compiled.anchorMs + (steps - 1) * compiled.everyMs;
    return steps > 0 && last > afterMs ? last : undefined;
  }
  return newestBetween(compiled, afterMs, atMs, 1)[0];
}

/** The newest `wanted` instants in (afterMs, throughMs], oldest first. Cost grows with `wanted`, not with the range. */
export function newestBetween(
  compiled: CompiledSchedule,
  afterMs: number,
  throughMs: number,
  wanted: number,
): number[] {
  if (wanted < 1) return [];
  let start = afterMs;
  if (compiled.kind === "every") {
    start = Math.max(start, throughMs - wanted * compiled.everyMs);
  } else if (countBetween(compiled, afterMs, throughMs) > wanted) {
    start = latestStart(compiled, afterMs, throughMs, wanted);
  }
  return occurrencesBetween(compiled, start, throughMs, wanted).instants;
}

/** The latest instant after which `wanted` occurrences are still left; gallops back from the end, then narrows. */
function latestStart(compiled: CompiledSchedule, afterMs: number, throughMs: number, wanted: number): number {
  let stepMs = 1_000;
  while (throughMs - stepMs > afterMs && countBetween(compiled, throughMs - stepMs, throughMs) < wanted) stepMs *= 2;
  let low = Math.max(afterMs, throughMs - stepMs);
  let high = throughMs;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (countBetween(compiled, middle, throughMs) >= wanted) low = middle;
    else high = middle;
  }
  return low;
}

/** Refuses a schedule without a coming instant: `at` in the past, the 30th of February. Raises SCHEDULE_NEVER_FIRES. */
export function assertCanFire(compiled: CompiledSchedule, nowMs: number): void {
  if (compiled.kind === "after" || nextAfter(compiled, nowMs) !== undefined) return;
  const now = new Date(nowMs).toISOString();
  if (compiled.kind === "at") {
    const got = new Date(compiled.atMs).toISOString();
    throw new CommandCronError("SCHEDULE_NEVER_FIRES", { field: "schedule.at", expected: `a time after ${now}`, got });
  }
  const [field, got] =
    compiled.kind === "cron"
      ? ["schedule.expr", JSON.stringify(compiled.expr)]
      : ["schedule.everyMs", String(compiled.everyMs)];
  throw new CommandCronError("SCHEDULE_NEVER_FIRES", { field, expected: "a schedule with a date that exists", got });
}
