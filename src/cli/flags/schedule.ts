import type { Schedule } from "../../../schema/wire/schedule.ts";
import { parseDurationMs } from "../../kernel/durations.ts";
import { offsetlessInZone } from "./at-time.ts";
import { compact, durationFlag, given, type Options, parseDuration, textFlag, usage } from "./parse.ts";

const ISO = /^\d{4}-\d{2}-\d{2}([Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?([Zz]|[+-]\d{2}:?\d{2})?$/;
const HAS_ZONE = /([Zz]|[+-]\d{2}:?\d{2})$/;

/** An ISO time of a day that exists; `Date.parse` alone reads "10" as a month and 31 February as 3 March. */
export const isIsoTime = (text: string): boolean =>
  ISO.test(text) && new Date(`${text.slice(0, 10)}T00:00Z`).getUTCDate() === Number(text.slice(8, 10));

/** An `at` as the gateway stores it: durations count from now, times without a zone are in `tz`, else in UTC. */
export function parseAt(text: string, tz: string | undefined, nowMs: number): string {
  const wanted = text.trim();
  const delay = parseDurationMs(wanted.startsWith("+") ? wanted.slice(1) : wanted);
  if (delay !== undefined && delay > 0) return new Date(nowMs + delay).toISOString();
  if (/^\d{9,16}$/.test(wanted)) return new Date(Number(wanted)).toISOString();
  if (!isIsoTime(wanted)) {
    throw usage(
      "--at",
      "an ISO time such as `2027-01-31T09:00:00Z`, or a duration such as `20m`",
      JSON.stringify(text),
    );
  }
  const zoned = /\d[Tt ]\d/.test(wanted) && HAS_ZONE.test(wanted.slice(11));
  return tz === undefined || zoned ? wanted : offsetlessInZone(wanted, tz);
}

const looksLikeCron = (text: string): boolean => [5, 6].includes(text.trim().split(/\s+/).length);

/** A positional schedule: `every 10m`, a cron expression, or what `--at` takes. */
export function parseSchedule(text: string, flags: { tz?: string; staggerMs?: number }, nowMs: number): Schedule {
  const every = /^every\s+(.+)$/i.exec(text.trim())?.[1];
  if (every !== undefined) {
    if (flags.tz !== undefined) throw usage("--tz", "--cron, or an --at without a zone", JSON.stringify(text));
    return { kind: "every", everyMs: positive(parseDuration(every, "schedule"), "schedule") };
  }
  if (looksLikeCron(text)) return { kind: "cron", expr: text.trim(), ...flags };
  return { kind: "at", at: parseAt(text, flags.tz, nowMs) };
}

function positive(ms: number, flag: string): number {
  if (ms < 1) throw usage(flag, "a duration longer than nothing", "0");
  return ms;
}

interface Timing {
  tz?: string;
  staggerMs?: number;
}

function timingOf(options: Options): Timing {
  const staggerMs = durationFlag(options, "stagger", "--stagger");
  if (staggerMs !== undefined && given(options, "exact"))
    throw usage("--stagger, --exact", "at most one of them", "both");
  return compact({ tz: textFlag(options, "tz", "--tz"), staggerMs: given(options, "exact") ? 0 : staggerMs });
}

const SCHEDULE_FLAGS = ["cron", "every", "at"] as const;

export const hasScheduleFlag = (options: Options): boolean =>
  SCHEDULE_FLAGS.some((name) => typeof options[name] === "string");

/** The schedule the flags name; undefined when they name none. */
function directSchedule(options: Options, timing: Timing, nowMs: number): Schedule | undefined {
  const named = SCHEDULE_FLAGS.filter((name) => typeof options[name] === "string");
  if (named.length > 1) {
    throw usage(named.map((name) => `--${name}`).join(", "), "exactly one schedule", `${named.length}`);
  }
  const every = textFlag(options, "every", "--every");
  const at = textFlag(options, "at", "--at");
  const expr = textFlag(options, "cron", "--cron");
  if (timing.staggerMs !== undefined && expr === undefined && named.length > 0) {
    throw usage("--stagger, --exact", "a cron schedule", `--${named[0]}`);
  }
  if (every !== undefined) {
    if (timing.tz !== undefined) throw usage("--tz", "--cron, or an --at without a zone", "--every");
    return { kind: "every", everyMs: positive(parseDuration(every, "--every"), "--every") };
  }
  if (at !== undefined) return { kind: "at", at: parseAt(at, timing.tz, nowMs) };
  return expr === undefined ? undefined : { kind: "cron", expr, ...timing };
}

/** For `create`: the flags, or else the positional. */
export function createSchedule(options: Options, positional: string | undefined, nowMs: number): Schedule {
  const timing = timingOf(options);
  const direct = directSchedule(options, timing, nowMs);
  if (direct !== undefined) return direct;
  if (positional === undefined || positional.trim() === "") {
    throw usage("schedule", 'a schedule, e.g. `create "*/15 * * * *" …`, `--every 10m` or `--at 20m`', "nothing");
  }
  const schedule = parseSchedule(positional, timing, nowMs);
  if (schedule.kind !== "cron" && timing.staggerMs !== undefined) {
    throw usage("--stagger, --exact", "a cron schedule", JSON.stringify(positional));
  }
  return schedule;
}

/**
 * For `edit`: a new schedule, or the stored one with another zone or spread. A new cron expression keeps the stored
 * zone unless `--tz` is given. Answers undefined when no flag concerns the schedule.
 */
export async function editSchedule(
  options: Options,
  nowMs: number,
  stored: () => Promise<Schedule>,
): Promise<Schedule | undefined> {
  const timing = timingOf(options);
  const direct = directSchedule(options, timing, nowMs);
  if (direct !== undefined && (direct.kind !== "cron" || direct.tz !== undefined)) return direct;
  if (direct === undefined && timing.tz === undefined && timing.staggerMs === undefined) return undefined;
  const before = await stored();
  if (direct?.kind === "cron") {
    return before.kind === "cron" && before.tz !== undefined ? { ...direct, tz: before.tz } : direct;
  }
  if (before.kind !== "cron") {
    throw usage("--tz, --stagger, --exact", "a job with a cron schedule", `kind "${before.kind}"`);
  }
  return { ...before, ...timing };
}
