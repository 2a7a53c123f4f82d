import { NotCarried } from "../../candidate.ts";

const SHORTHANDS: Record<string, string> = {
  minutely: "*-*-* *:*:00",
  hourly: "*-*-* *:00:00",
  daily: "*-*-* 00:00:00",
  weekly: "Mon *-*-* 00:00:00",
  monthly: "*-*-01 00:00:00",
  quarterly: "*-01,04,07,10-01 00:00:00",
  semiannually: "*-01,07-01 00:00:00",
  "semi-annually": "*-01,07-01 00:00:00",
  biannually: "*-01,07-01 00:00:00",
  yearly: "*-01-01 00:00:00",
  annually: "*-01-01 00:00:00",
};
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

export type CalendarSchedule = { kind: "cron"; expr: string; tz?: string } | { kind: "at"; at: string };

/**
 * An `OnCalendar=` expression as a schedule that fires at exactly the same times. Throws NotCarried where no schedule
 * here does: years, days counted from the end of a month, fractions of a second.
 */
export function readCalendar(expression: string): CalendarSchedule {
  const words = expression.trim().split(/\s+/);
  const tz = /^(?:UTC|[A-Za-z_]+\/[\w/+-]+)$/.test(words.at(-1) ?? "") ? words.pop() : undefined;
  const spelled = words.length === 1 ? (SHORTHANDS[(words[0] ?? "").toLowerCase()] ?? words[0]) : words.join(" ");
  const parts = (spelled ?? "").split(/\s+/);
  const weekday = /^[A-Za-z]/.test(parts[0] ?? "") ? parts.shift() : undefined;
  const date = (parts[0] ?? "").includes(":") ? undefined : parts.shift();
  const time = parts.shift();
  if (parts.length > 0 || (weekday ?? date ?? time) === undefined) throw unreadable(expression);
  const [year, month, day] = splitDate(date ?? "*-*-*", expression);
  const [hour, minute, second] = splitTime(time ?? "00:00:00", expression);
  if (year !== "*") return oneInstant([year, month, day, hour, minute, second], weekday, tz, expression);
  const fields = [
    component(minute, 0, 59, expression),
    component(hour, 0, 23, expression),
    component(day, 1, 31, expression),
    component(month, 1, 12, expression),
  ];
  const days = weekday === undefined ? "*" : weekdays(weekday, expression);
  // Both must match there; here `+` says so.
  fields.push(days !== "*" && fields[2] !== "*" ? `+${days}` : days);
  const seconds = component(second, 0, 59, expression);
  const expr = seconds === "0" ? fields.join(" ") : [seconds, ...fields].join(" ");
  return { kind: "cron", expr, ...(tz === undefined ? {} : { tz }) };
}

const unreadable = (expression: string): NotCarried =>
  new NotCarried(`\`OnCalendar=${expression}\` has no exact counterpart`);

function splitDate(date: string, expression: string): [string, string, string] {
  if (date.includes("~")) throw unreadable(expression);
  const parts = date.split("-");
  const [a = "", b = "", c = ""] = parts;
  if (parts.length === 3) return [a, b, c];
  if (parts.length === 2) return ["*", a, b];
  throw unreadable(expression);
}

function splitTime(time: string, expression: string): [string, string, string] {
  const parts = time.split(":");
  const [hour = "", minute = "", second = "00"] = parts;
  if (parts.length < 2 || parts.length > 3) throw unreadable(expression);
  return [hour, minute, second];
}

/** One component: `*`, numbers, `a..b`, each with `/step`, in a list. A bare `a/step` runs to the end of the range. */
function component(text: string, min: number, max: number, expression: string): string {
  const items = text.split(",").map((item) => {
    const match = /^(?:(\*)|(\d+)(?:\.\.(\d+))?)(?:\/(\d+))?$/.exec(item);
    if (match === null) throw unreadable(expression);
    const [, star, from, to, step] = match;
    if (star !== undefined) return step === undefined ? "*" : `${min}-${max}/${Number(step)}`;
    const first = Number(from);
    const last = to === undefined ? undefined : Number(to);
    const inRange = (value: number): boolean => value >= min && value <= max;
    if (!inRange(first) || (last !== undefined && (!inRange(last) || last < first)) || Number(step ?? 1) < 1) {
      throw unreadable(expression);
    }
    if (step !== undefined) return `${first}-${last ?? max}/${Number(step)}`;
    return last === undefined ? String(first) : `${first}-${last}`;
  });
  return items.includes("*") ? "*" : items.join(",");
}

function weekdays(text: string, expression: string): string {
  const dayOf = (name: string): number => {
    const index = DAYS.findIndex((day) => /^[a-z]{3,}$/i.test(name) && name.toLowerCase().startsWith(day));
    if (index < 0) throw unreadable(expression);
    return index;
  };
  const chosen = text.split(",").flatMap((item) => {
    const [from = "", to, ...more] = item.split(/\.\.|-/);
    if (more.length > 0) throw unreadable(expression);
    const first = dayOf(from);
    const length = to === undefined ? 1 : ((dayOf(to) - first + 7) % 7) + 1;
    return Array.from({ length }, (_, step) => (first + step) % 7);
  });
  const days = [...new Set(chosen)].sort((a, b) => a - b);
  return days.length === 7 ? "*" : days.join(",");
}

/** A year makes it one instant, and only where the zone is certain. */
function oneInstant(
  parts: string[],
  weekday: string | undefined,
  tz: string | undefined,
  expression: string,
): CalendarSchedule {
  if (tz !== "UTC" || weekday !== undefined || parts.some((part) => !/^\d+$/.test(part))) throw unreadable(expression);
  const [year = "", ...rest] = parts;
  const [month, day, hour, minute, second] = rest.map((part) => part.padStart(2, "0"));
  return { kind: "at", at: `${year}-${month}-${day}T${hour}:${minute}:${second}Z` };
}
