import { FOLLOW_ON } from "../../../schema/limits.ts";
import type { AfterSchedule, Schedule } from "../../../schema/wire/schedule.ts";
import { CommandCronError } from "../../kernel/errors.ts";
import { present } from "../../kernel/present.ts";
import {
  choiceFlag,
  durationFlag,
  durationSecondsFlag,
  given,
  type Options,
  parseDuration,
  readDuration,
  textFlag,
  usage,
} from "./parse.ts";

const ISO = /^\d{4}-\d{2}-\d{2}([Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?([Zz]|[+-]\d{2}:?\d{2})?$/;
const HAS_ZONE = /([Zz]|[+-]\d{2}:?\d{2})$/;

/** An ISO time of a day that exists; `Date.parse` alone reads "10" as a month and 31 February as 3 March. */
export const isIsoTime = (text: string): boolean =>
  ISO.test(text) && new Date(`${text.slice(0, 10)}T00:00Z`).getUTCDate() === Number(text.slice(8, 10));

/** An `at` as the gateway stores it: durations count from now, times without a zone are in `tz`, else in UTC. */
export async function parseAt(text: string, tz: string | undefined, nowMs: number): Promise<string> {
  const wanted = text.trim();
  const delay = readDuration(wanted.replace(/^(\+|in\s+)/i, ""));
  const isDelay = delay !== undefined && delay > 0;
  const date = new Date(isDelay ? nowMs + delay : /^\d{9,16}$/.test(wanted) ? Number(wanted) : Number.NaN);
  // So far ahead that no date holds it is no time either.
  if (!Number.isNaN(date.getTime())) return date.toISOString();
  if (!isIsoTime(wanted)) {
    throw usage(
      "--at",
      "an ISO time such as `2027-01-31T09:00:00Z`, or a duration such as `20m`",
      JSON.stringify(text),
    );
  }
  const zoned = /\d[Tt ]\d/.test(wanted) && HAS_ZONE.test(wanted.slice(11));
  if (tz === undefined || zoned) return wanted;
  // Zones live with the policies; few command lines need them.
  const policy = await import("../../policy/time/index.ts");
  try {
    return policy.parseAt(wanted, nowMs, tz);
  } catch (error) {
    if (!(error instanceof CommandCronError) || error.code !== "TIME_ZONE_UNKNOWN") throw error;
    throw new CommandCronError(error.code, { field: "--tz", got: JSON.stringify(tz), cause: error });
  }
}

const NICKNAME = /^@?(yearly|annually|monthly|weekly|daily|midnight|hourly)$/i;

/** A cron expression: five or six fields, or a nickname, which as an argument needs no `@`. */
function cronOf(text: string): string | undefined {
  const expr = text.trim();
  const name = NICKNAME.exec(expr)?.[1];
  if (name !== undefined) return `@${name.toLowerCase()}`;
  return expr.startsWith("@") || [5, 6].includes(expr.split(/\s+/).length) ? expr : undefined;
}

/** `every 10m`, `every 5 minutes`, `every hour`: the interval's text. */
const everyOf = (text: string): string | undefined =>
  /^every\s+(.+)$/i.exec(text.trim())?.[1]?.replace(/^(?=[a-z])/i, "1 ");

/** A positional schedule: `every 10m`, a cron expression or its nickname, or what `--at` takes. */
export async function parseSchedule(text: string, flags: Timing, nowMs: number): Promise<Schedule> {
  const expr = cronOf(text);
  const every = everyOf(text);
  // `every 1 h 5 min 3 s` has six words, too.
  if (every !== undefined && (expr === undefined || readDuration(every) !== undefined)) {
    refuseZone(flags, JSON.stringify(text));
    return intervalOf(every, "schedule");
  }
  const isDelay = readDuration(text.trim().replace(/^(\+|in\s+)/i, "")) !== undefined;
  if (expr !== undefined && !isDelay) return { kind: "cron", expr, ...flags };
  return { kind: "at", at: await parseAt(text, flags.tz, nowMs) };
}

function refuseZone({ tz }: Timing, got: string): void {
  if (tz !== undefined) throw usage("--tz", "--cron, or an --at without a zone", got);
}

function intervalOf(text: string, flag: string): Schedule {
  const everyMs = parseDuration(text, flag);
  if (everyMs < 1) throw usage(flag, "a duration longer than nothing", "0");
  return { kind: "every", everyMs };
}

type Timing = Pick<Extract<Schedule, { kind: "cron" }>, "tz" | "staggerMs">;

function timingOf(options: Options): Timing {
  const staggerMs = durationFlag(options, "--stagger");
  if (staggerMs !== undefined && given(options, "--exact"))
    throw usage("--stagger, --exact", "at most one of them", "both");
  return present({ tz: textFlag(options, "--tz"), staggerMs: given(options, "--exact") ? 0 : staggerMs });
}

const SCHEDULE_FLAGS = ["cron", "every", "at", "after"] as const;

type Link = Pick<AfterSchedule, "on" | "delaySeconds" | "minGapSeconds" | "match">;

/** What `--on`, `--delay`, `--min-gap` and `--match` say of a follower. */
function linkOf(options: Options): Link {
  return present({
    on: choiceFlag(options, "--on", FOLLOW_ON),
    delaySeconds: durationSecondsFlag(options, "--delay"),
    minGapSeconds: durationSecondsFlag(options, "--min-gap"),
    match: textFlag(options, "--match"),
  });
}

const LINK_FLAGS = "--on, --delay, --min-gap, --match";

export const hasScheduleFlag = (options: Options): boolean =>
  SCHEDULE_FLAGS.some((name) => typeof options[name] === "string");

/** The schedule the flags name; undefined when they name none. */
async function directSchedule(options: Options, timing: Timing, nowMs: number): Promise<Schedule | undefined> {
  const named = SCHEDULE_FLAGS.filter((name) => typeof options[name] === "string");
  if (named.length > 1) {
    throw usage(named.map((name) => `--${name}`).join(", "), "exactly one schedule", `${named.length}`);
  }
  const every = textFlag(options, "--every");
  const at = textFlag(options, "--at");
  const expr = textFlag(options, "--cron");
  const job = textFlag(options, "--after");
  const link = linkOf(options);
  if (job === undefined && named.length > 0 && Object.keys(link).length > 0) {
    throw usage(LINK_FLAGS, "--after", `--${named[0]}`);
  }
  if (timing.staggerMs !== undefined && expr === undefined && named.length > 0) {
    throw usage("--stagger, --exact", "a cron schedule", `--${named[0]}`);
  }
  if (job !== undefined) {
    refuseZone(timing, "--after");
    return { kind: "after", job, ...link };
  }
  if (every !== undefined) {
    refuseZone(timing, "--every");
    return intervalOf(every, "--every");
  }
  if (at !== undefined) return { kind: "at", at: await parseAt(at, timing.tz, nowMs) };
  return expr === undefined ? undefined : { kind: "cron", expr, ...timing };
}

/** For `create`: the flags, or else the positional. */
export async function createSchedule(
  options: Options,
  positional: string | undefined,
  nowMs: number,
): Promise<Schedule> {
  const timing = timingOf(options);
  const direct = await directSchedule(options, timing, nowMs);
  if (direct !== undefined) return direct;
  if (Object.keys(linkOf(options)).length > 0) throw usage(LINK_FLAGS, "--after", "none");
  if (positional === undefined || positional.trim() === "") {
    throw usage(
      "schedule",
      'a schedule, e.g. `create "*/15 * * * *" …`, `--every 10m`, `--at 20m` or `--after Backup`',
      "nothing",
    );
  }
  const schedule = await parseSchedule(positional, timing, nowMs);
  if (schedule.kind !== "cron" && timing.staggerMs !== undefined) {
    throw usage("--stagger, --exact", "a cron schedule", JSON.stringify(positional));
  }
  return schedule;
}

/**
 * For `edit`: the stored schedule with what the flags name, or a schedule of another kind. Answers undefined when no flag
 * concerns the schedule.
 */
export async function editSchedule(
  options: Options,
  nowMs: number,
  stored: () => Promise<Schedule>,
): Promise<Schedule | undefined> {
  const timing = timingOf(options);
  const direct = await directSchedule(options, timing, nowMs);
  const link = linkOf(options);
  const changesLink = Object.keys(link).length > 0;
  if (direct === undefined && timing.tz === undefined && timing.staggerMs === undefined && !changesLink)
    return undefined;
  if (direct?.kind === "at") return direct;
  const before = await stored();
  if (direct !== undefined) return before.kind === direct.kind ? ({ ...before, ...direct } as Schedule) : direct;
  if (changesLink) {
    if (before.kind === "after") return { ...before, ...link };
    throw usage(LINK_FLAGS, "--after, or a job that follows another", `kind "${before.kind}"`);
  }
  if (before.kind !== "cron") {
    throw usage("--tz, --stagger, --exact", "a job with a cron schedule", `kind "${before.kind}"`);
  }
  return { ...before, ...timing };
}
