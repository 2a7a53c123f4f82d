import { DAY_MS, MINUTE_MS, roughDurationText, SECOND_MS } from "../../src/kernel/durations.ts";

/** A span of wall-clock time, milliseconds. */
export interface Span {
  sinceMs: number;
  untilMs: number;
}

const format = (options: Intl.DateTimeFormatOptions): ((atMs: number) => string) => {
  const formatter = new Intl.DateTimeFormat("en-GB", options);
  return (atMs) => formatter.format(atMs);
};
const hourMinute = format({ hour: "2-digit", minute: "2-digit" });
const withSeconds = format({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
const weekdayDay = format({ weekday: "short", day: "numeric", month: "short" });
const withYear = format({ day: "numeric", month: "short", year: "numeric" });

/** Midnight of the reader's day, `days` later. */
export function startOfDay(atMs: number, days = 0): number {
  const date = new Date(atMs);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime();
}

export const clockText = (atMs: number): string => hourMinute(atMs);
export const exactClockText = (atMs: number): string => withSeconds(atMs);

/** `today`, `yesterday`, `tomorrow`, `Mon 4 Jan`, or with the year where that is far away. */
export function dayText(atMs: number, nowMs: number): string {
  const day = startOfDay(atMs);
  if (day === startOfDay(nowMs)) return "today";
  if (day === startOfDay(nowMs, -1)) return "yesterday";
  if (day === startOfDay(nowMs, 1)) return "tomorrow";
  const near = Math.abs(atMs - nowMs) < 180 * DAY_MS;
  return near ? weekdayDay(atMs).replace(",", "") : withYear(atMs);
}

/** `03:00` of today, `yesterday 22:15`, `Mon 4 Jan 03:00`. */
export function instantText(atMs: number, nowMs: number): string {
  const day = dayText(atMs, nowMs);
  return day === "today" ? clockText(atMs) : `${day} ${clockText(atMs)}`;
}

/** An instant on an axis: midnight is its day. */
export const tickText = (atMs: number, nowMs: number): string =>
  atMs === startOfDay(atMs) ? dayText(atMs, nowMs) : instantText(atMs, nowMs);

/** `in 2 h 10 min`, `6 h ago`, `now`: as exact as one wants to know from afar. */
export function agoText(atMs: number, nowMs: number): string {
  const away = Math.abs(nowMs - atMs);
  if (away < 5 * SECOND_MS) return "now";
  const text = roughDurationText(away);
  return atMs > nowMs ? `in ${text}` : `${text} ago`;
}

/** The zone the reader's clock is in, and how far it is from UTC now. */
export function zoneText(nowMs: number): string {
  const minutes = -new Date(nowMs).getTimezoneOffset();
  const sign = minutes < 0 ? "−" : "+";
  const two = (value: number): string => String(Math.floor(value)).padStart(2, "0");
  const offset = `UTC${sign}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
  return `${Intl.DateTimeFormat().resolvedOptions().timeZone} (${offset})`;
}

interface Tick {
  atMs: number;
  label: string;
  /** The first of a day. */
  day: boolean;
}

const STEPS_MINUTES = [5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440, 2_880, 10_080];

/** Where a time axis of a span is marked: at whole hours and days of the reader, at least `spacing` apart. */
export function ticksOf({ sinceMs, untilMs }: Span, width: number, nowMs: number, spacing = 64): Tick[] {
  const wanted = ((untilMs - sinceMs) / Math.max(1, width)) * spacing;
  const step = STEPS_MINUTES.find((minutes) => minutes * MINUTE_MS >= wanted) ?? 10_080;
  const ticks: Tick[] = [];
  const days = Math.max(1, step / 1_440);
  for (let day = 0, start = startOfDay(sinceMs); start <= untilMs; day += days, start = startOfDay(sinceMs, day)) {
    // By the clock on the wall: on a day with a change of clock an hour is left out or comes once.
    const date = new Date(start);
    for (let minute = 0; minute < 1_440; minute += step) {
      const atMs = new Date(date.getFullYear(), date.getMonth(), date.getDate(), 0, minute).getTime();
      if (atMs < sinceMs || atMs > untilMs || atMs === ticks.at(-1)?.atMs) continue;
      ticks.push({ atMs, label: minute === 0 ? dayText(atMs, nowMs) : clockText(atMs), day: minute === 0 });
    }
  }
  return ticks;
}
