import { Cron, CronPattern } from "croner";
import { DAY_MS, SECOND_MS } from "../../kernel/durations.ts";
import { CommandCronError, errorText } from "../../kernel/errors.ts";
import { createLru } from "./lru.ts";

/**
 * A cron expression over local ("wall") time, without any zone. Wall times are written as milliseconds, the way UTC
 * would be if it showed that local time. Turning wall times into instants is the business of `cron-instants.ts`.
 */
export interface CronWalls {
  /** The first named wall time strictly after `wallMs`; undefined when there is none before the year 10000. */
  next(wallMs: number): number | undefined;
  /** How many named wall times lie in (afterWallMs, throughWallMs]. */
  count(afterWallMs: number, throughWallMs: number): number;
  /** The hour field is a wildcard: the expression is an interval, not a time of day. */
  everyHour: boolean;
  /** Hour, minute or second is a wildcard: the expression repeats inside a stretch of time. */
  repeats: boolean;
}

const EXPRESSIONS_KEPT = 4_096;
const DAY_SECONDS = DAY_MS / SECOND_MS;
/** The last year that is written with four digits. */
const LAST_YEAR = 9_999;
/** Where a named day can be, it is once in so many years: the 29th of February on a given weekday, around 2100. */
const YEARS_APART = 40;

const compiled = createLru<CronWalls>(EXPRESSIONS_KEPT);

/** Compiles an expression of 5 fields, 6 with seconds first, or a nickname such as `@daily`. Raises SCHEDULE_INVALID. */
export function cronWallsOf(expr: string, field = "schedule.expr"): CronWalls {
  return compiled.get(expr, () => createWalls(expr, field));
}

function createWalls(expr: string, field: string): CronWalls {
  const pattern = readPattern(expr, field);
  const times = createDayTimes(pattern);
  const days = createDays(pattern);
  const { hours, minutes, seconds } = openFields(pattern);
  return {
    everyHour: hours,
    repeats: hours || minutes || seconds,
    next(wallMs) {
      const second = Math.floor(wallMs / SECOND_MS) + 1;
      const day = Math.floor(second / DAY_SECONDS);
      const named = days.from(day);
      if (named === undefined) return undefined;
      const time = named === day ? times.from(second - day * DAY_SECONDS) : times.first;
      if (time !== undefined) return (named * DAY_SECONDS + time) * SECOND_MS;
      const later = days.from(day + 1);
      return later === undefined ? undefined : (later * DAY_SECONDS + times.first) * SECOND_MS;
    },
    count(afterWallMs, throughWallMs) {
      if (throughWallMs <= afterWallMs) return 0;
      const upTo = (wallMs: number, day: number) => {
        const second = Math.floor(wallMs / SECOND_MS) - day * DAY_SECONDS;
        return days.from(day) === day ? times.countThrough(second) : 0;
      };
      const firstDay = Math.floor(afterWallMs / DAY_MS);
      const lastDay = Math.floor(throughWallMs / DAY_MS);
      const whole = lastDay > firstDay ? days.countBetween(firstDay, lastDay) * times.size : 0;
      return whole + upTo(throughWallMs, lastDay) - upTo(afterWallMs, firstDay);
    },
  };
}

function readPattern(expr: string, field: string): CronPattern {
  try {
    return new CronPattern(expr.trim(), undefined, { mode: "5-or-6-parts" });
  } catch (cause) {
    const reason = errorText(cause).replace(/^CronPattern: /, "");
    throw new CommandCronError("SCHEDULE_INVALID", {
      field,
      expected: "a cron expression of 5 fields, or 6 with seconds first",
      got: `${JSON.stringify(expr)} (${reason.replace(/\.$/, "")})`,
      details: { reason },
      cause,
    });
  }
}

/** Which of the three time fields are wildcards: `*` and `?`, stepped or not, or a range over the whole field. */
function openFields(pattern: CronPattern): { hours: boolean; minutes: boolean; seconds: boolean } {
  const fields = pattern.pattern.trim().split(/\s+/);
  const [seconds = "0", minutes = "0", hours = "0"] = fields.length === 5 ? ["0", ...fields] : fields;
  const open = (text: string, whole: RegExp) => text.split(",").some((part) => /^[*?]/.test(part) || whole.test(part));
  return {
    hours: open(hours, /^0?0-23(\/|$)/),
    minutes: open(minutes, /^0?0-59(\/|$)/),
    seconds: open(seconds, /^0?0-59(\/|$)/),
  };
}

/** The times of day an expression names, as seconds since midnight, without listing up to 86,400 of them. */
function createDayTimes(pattern: CronPattern) {
  const hours = createSet(pattern.hour, 24);
  const minutes = createSet(pattern.minute, 60);
  const seconds = createSet(pattern.second, 60);
  const join = (hour: number, minute: number, second: number) => hour * 3_600 + minute * 60 + second;
  return {
    size: hours.size * minutes.size * seconds.size,
    first: join(hours.first, minutes.first, seconds.first),
    /** The first time of day at or after `time`. */
    from(time: number): number | undefined {
      const hour = Math.floor(time / 3_600);
      const minute = Math.floor((time % 3_600) / 60);
      if (hours.has(hour)) {
        const second = minutes.has(minute) ? seconds.from(time % 60) : undefined;
        if (second !== undefined) return join(hour, minute, second);
        const laterMinute = minutes.from(minute + 1);
        if (laterMinute !== undefined) return join(hour, laterMinute, seconds.first);
      }
      const laterHour = hours.from(hour + 1);
      return laterHour === undefined ? undefined : join(laterHour, minutes.first, seconds.first);
    },
    /** How many times of day are at or before `time`. */
    countThrough(time: number): number {
      const hour = Math.floor(time / 3_600);
      const minute = Math.floor((time % 3_600) / 60);
      const inMinute = minutes.has(minute) ? seconds.below((time % 60) + 1) : 0;
      const inHour = hours.has(hour) ? minutes.below(minute) * seconds.size + inMinute : 0;
      return hours.below(hour) * minutes.size * seconds.size + inHour;
    },
  };
}

/** A small set of whole numbers below `limit` with next and rank in one step. */
function createSet(flags: readonly number[], limit: number) {
  const next: (number | undefined)[] = new Array(limit + 1);
  const rank: number[] = [0];
  for (let value = limit - 1; value >= 0; value--) next[value] = flags[value] === 1 ? value : next[value + 1];
  for (let value = 0; value < limit; value++) rank.push((rank[value] ?? 0) + (flags[value] === 1 ? 1 : 0));
  return {
    size: rank[limit] ?? 0,
    first: next[0] ?? 0,
    has: (value: number) => flags[value] === 1,
    from: (value: number): number | undefined => next[value],
    below: (value: number): number => rank[value] ?? 0,
  };
}

/**
 * The days an expression names, counted from 1970-01-01. croner judges them: it knows months, weekdays, `L`, `W` and `#`.
 * It is asked about one month of each kind, and only about those that are named at all: which days an expression names in a
 * month depends on the weekday that it begins on and on how long it is. So it is with years.
 */
function createDays(pattern: CronPattern) {
  const daysOf = namesEveryDay(pattern) ? everyDayOf : namedDaysOf(pattern);
  const countInYear = (year: number, beforeDay: number): number => rankOf(daysOf(year), beforeDay - firstDayOf(year));
  return {
    /** The first named day at or after `day`. */
    from(day: number): number | undefined {
      const start = yearOfDay(day);
      for (let year = start; year <= Math.min(LAST_YEAR, start + YEARS_APART); year++) {
        const first = firstDayOf(year);
        const days = daysOf(year);
        const found = days[rankOf(days, day - first)];
        if (found !== undefined) return first + found;
      }
      return undefined;
    },
    /** Named days in [firstDay, beforeDay). */
    countBetween(firstDay: number, beforeDay: number): number {
      const [first, last] = [yearOfDay(firstDay), Math.min(LAST_YEAR, yearOfDay(beforeDay))];
      if (first > last) return 0;
      let total = countInYear(last, beforeDay) - countInYear(first, firstDay);
      for (let year = first; year < last; year++) total += daysOf(year).length;
      return total;
    },
  };
}

/** Named days of a year, counted from its first, in order. */
type DaysOf = (year: number) => readonly number[];

const yearOfDay = (day: number): number => new Date(day * DAY_MS).getUTCFullYear();
const firstDayOf = (year: number): number => Date.UTC(year, 0, 1) / DAY_MS;
const daysIn = (year: number): number => firstDayOf(year + 1) - firstDayOf(year);
/** Years of one kind begin on the same weekday and are as long. */
const kindOf = (year: number): number => daysIn(year) * 7 + weekdayOf(firstDayOf(year));
const weekdayOf = (day: number): number => ((day % 7) + 7) % 7;
/** A year of each kind: any 28 in a row without a left-out leap day hold all of them. */
const KINDS = new Map(Array.from({ length: 28 }, (_, index) => [kindOf(2000 + index), 2000 + index]));

const WHOLE_YEAR = Array.from({ length: 366 }, (_, day) => day);
const [COMMON_YEAR, LEAP_YEAR] = [WHOLE_YEAR.slice(0, 365), WHOLE_YEAR];
const everyDayOf: DaysOf = (year) => (daysIn(year) === 366 ? LEAP_YEAR : COMMON_YEAR);

function namedDaysOf(pattern: CronPattern): DaysOf {
  const [dayOfMonth, , weekday] = dayFields(pattern);
  const cron = new Cron(`0 0 0 ${dayOfMonth} * ${weekday}`, { utcOffset: 0, paused: true, mode: "6-part" });
  const months = new Map<number, readonly number[]>();
  const years = new Map<number, readonly number[]>();

  /** Named days of a month, counted from its first. */
  function daysOfMonth(first: number, length: number): readonly number[] {
    const kind = length * 7 + weekdayOf(first);
    let days = months.get(kind);
    if (days === undefined) {
      days = WHOLE_YEAR.slice(0, length).filter((day) => cron.match(new Date((first + day) * DAY_MS)));
      months.set(kind, days);
    }
    return days;
  }

  return (year) => {
    const kind = kindOf(year);
    let days = years.get(kind);
    if (days === undefined) {
      const alike = KINDS.get(kind) ?? year;
      const firsts = Array.from({ length: 13 }, (_, month) => Date.UTC(alike, month, 1) / DAY_MS);
      const [start = 0] = firsts;
      days = firsts.slice(0, 12).flatMap((first, month) => {
        if (pattern.month[month] !== 1) return [];
        return daysOfMonth(first, (firsts[month + 1] ?? first) - first).map((day) => first - start + day);
      });
      years.set(kind, days);
    }
    return days;
  };
}

/** How many of the sorted numbers are below `limit`. */
function rankOf(sorted: readonly number[], limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? limit) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The most common case: no search needed. */
function namesEveryDay(pattern: CronPattern): boolean {
  return dayFields(pattern).every((field) => field === "*" || field === "?");
}

/** Day of month, month and weekday. */
const dayFields = (pattern: CronPattern): string[] => pattern.pattern.trim().split(/\s+/).slice(-3);
