import { NotCarried } from "../../candidate.ts";
import { type Calendar, type Chain, type Item, parseCalendar, SECOND_US } from "./calendar-grammar.ts";

type CalendarSchedule = { kind: "cron"; expr: string; tz?: string } | { kind: "at"; at: string };

/**
 * An `OnCalendar=` expression as a schedule with the same times, but for the hours that a change of the clocks leaves out
 * or repeats, where the rules of this program hold. Throws Mistake where systemd refuses the expression, NotCarried where
 * no schedule here has its times: years, days counted from the end of a month, fractions of a second.
 */
export function readCalendar(expression: string): CalendarSchedule {
  const { rest, tz } = splitZone(expression);
  const calendar = parseCalendar(rest);
  const noCounterpart = (reason: string): NotCarried =>
    new NotCarried(`\`OnCalendar=${expression}\` has no exact counterpart: ${reason}`);
  const seconds = wholeSeconds(calendar.second);
  if (seconds === undefined) throw noCounterpart("it names fractions of a second");
  if (calendar.year !== undefined) {
    const at = oneInstant(calendar, seconds, tz);
    if (at === undefined) throw noCounterpart("it names a year, and is no single time in UTC");
    return { kind: "at", at };
  }
  if (calendar.fromEnd && !isLastDay(calendar.day)) throw noCounterpart("it counts days from the end of a month");
  const fields = [
    chainText(calendar.minute, 59),
    chainText(calendar.hour, 23),
    calendar.fromEnd ? "L" : chainText(calendar.day, 31),
    chainText(calendar.month, 12),
  ];
  const days = weekdaysText(calendar.weekdays);
  // Both must match there; here `+` says so.
  fields.push(days !== "*" && fields[2] !== "*" ? `+${days}` : days);
  const second = chainText(seconds, 59);
  const expr = second === "0" ? fields.join(" ") : [second, ...fields].join(" ");
  return { kind: "cron", expr, ...(tz === undefined ? {} : { tz }) };
}

/** A zone at the end of the expression. Abbreviations of the host's own zone mean nothing elsewhere. */
function splitZone(expression: string): { rest: string; tz?: string } {
  const [, rest = "", word = ""] = /^(.*) (\S+)$/.exec(expression) ?? [];
  if (/^utc$/i.test(word)) return { rest, tz: "UTC" };
  if (isZone(word)) return { rest, tz: word };
  if (/^[A-Z]{3,5}$|^(posix|right)\/|^localtime$/.test(word)) {
    throw new NotCarried(`the zone \`${word}\` is not known here: name it as \`Europe/Berlin\` or \`UTC\``);
  }
  return { rest: expression };
}

/** A name of the time zone database, in its own letters: systemd looks for a file of that name. */
function isZone(word: string): boolean {
  if (!/^[A-Z][\w+-]*(\/[A-Z][\w+-]*)*$/.test(word) || /^[A-Z]{3,}\//.test(word)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: word });
    return true;
  } catch {
    return false;
  }
}

const itemText = ({ start, stop, step }: Item, max: number): string =>
  step === 0 ? String(start) : `${start}-${stop ?? max}${step === 1 ? "" : `/${step}`}`;

function chainText(chain: Chain, max: number): string {
  return chain === undefined ? "*" : chain.map((item) => itemText(item, max)).join(",");
}

/** Every second is a `*` here; undefined where a fraction is named. */
function wholeSeconds(chain: Chain): Chain | undefined {
  const items = (chain ?? []).map(({ start, stop, step }) => ({
    start: start / SECOND_US,
    ...(stop === undefined ? {} : { stop: stop / SECOND_US }),
    step: step / SECOND_US,
  }));
  return items.every((item) => Object.values(item).every(Number.isInteger)) ? items : undefined;
}

const isLastDay = (chain: Chain): boolean => chain?.length === 1 && chain[0]?.start === 1 && chain[0].step === 0;

/** Cron counts from Sunday, systemd from Monday. */
function weekdaysText(days: ReadonlySet<number>): string {
  if (days.size === 0 || days.size === 7) return "*";
  return [...days]
    .map((day) => (day + 1) % 7)
    .sort((a, b) => a - b)
    .join(",");
}

/** A year makes it one instant, and only where the zone is certain. */
function oneInstant(calendar: Calendar, seconds: Chain, tz: string | undefined): string | undefined {
  const { year, month, day, fromEnd, hour, minute, weekdays } = calendar;
  const parts = [year, month, day, hour, minute, seconds].map((chain) =>
    chain?.length === 1 && chain[0]?.step === 0 ? chain[0].start : undefined,
  );
  if (tz !== "UTC" || weekdays.size > 0 || fromEnd || parts.includes(undefined)) return undefined;
  const [years = "", ...rest] = parts.map((part, index) => String(part).padStart(index === 0 ? 4 : 2, "0"));
  const [months, days, hours, minutes, secondText] = rest;
  return `${years}-${months}-${days}T${hours}:${minutes}:${secondText}Z`;
}
