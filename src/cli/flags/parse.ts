import { parseDurationMs } from "../../kernel/durations.ts";
import { CommandCronError } from "../../kernel/errors.ts";

/** The flags of a command line, by name, as the argument parser hands them over. */
export type Options = Record<string, unknown>;

const DAYS = new Map([
  ["yesterday", -1],
  ["today", 0],
  ["tomorrow", 1],
]);

/** When the day of a word begins here: `yesterday`, `today`, `tomorrow`; undefined for any other word. */
export function beginOf(word: string, nowMs: number): number | undefined {
  const days = DAYS.get(word.trim().toLowerCase());
  if (days === undefined) return undefined;
  const day = new Date(nowMs);
  day.setHours(0, 0, 0, 0);
  day.setDate(day.getDate() + days);
  return day.getTime();
}

/** Refuses a command line; exit code 2. */
export function usage(field: string, expected: string, got?: string): CommandCronError {
  return new CommandCronError("USAGE", { field, expected, ...(got === undefined ? {} : { got }) });
}

/** The trimmed value of a flag; undefined when it was not given. A blank value is refused. */
export function textFlag(options: Options, name: string, flag: string): string | undefined {
  const value = options[name];
  if (typeof value !== "string") return undefined;
  const text = value.trim();
  if (text === "") throw usage(flag, "a text that is not blank", "a blank text");
  return text;
}

export const given = (options: Options, name: string): boolean => options[name] === true;

/** A whole number, written plainly. */
export function parseCount(text: string, flag: string, minimum: number): number {
  const value = /^\d+$/.test(text.trim()) ? Number(text.trim()) : Number.NaN;
  if (!Number.isSafeInteger(value) || value < minimum) {
    throw usage(flag, `a whole number of at least ${minimum}`, JSON.stringify(text));
  }
  return value;
}

export function countFlag(options: Options, name: string, flag: string, minimum: number): number | undefined {
  const value = options[name];
  return typeof value === "string" ? parseCount(value, flag, minimum) : undefined;
}

/** A number that may have a fraction, for limits in seconds. */
export function numberFlag(options: Options, name: string, flag: string, minimum = 0): number | undefined {
  const value = options[name];
  if (typeof value !== "string") return undefined;
  const number = /^\d+(\.\d+)?$/.test(value.trim()) ? Number(value.trim()) : Number.NaN;
  if (!Number.isFinite(number) || number < minimum) {
    throw usage(flag, `a number of at least ${minimum}`, JSON.stringify(value));
  }
  return number;
}

const LONG_UNIT =
  /(\d+(?:\.\d+)?)\s*(?:(milliseconds?|msecs?|ms)|(seconds?|secs?|s)|(minutes?|mins?|m)|(hours?|hrs?|h)|(days?|d)|(weeks?|w))(?![a-z])(?:\s*(?:,|and\b))?\s*/gi;
const SHORT_UNITS = ["ms", "s", "m", "h", "d", "w"];

/** Milliseconds of `1h30m`, or the same in words: `5 minutes`, `1 hour and 30 minutes`. Undefined when it is neither. */
export function readDuration(text: string): number | undefined {
  const short = text.trim().replaceAll(LONG_UNIT, (_match, count: string, ...units: unknown[]) => {
    return count + (SHORT_UNITS[units.slice(0, SHORT_UNITS.length).findIndex((unit) => unit !== undefined)] ?? "");
  });
  return parseDurationMs(text) ?? parseDurationMs(short);
}

/** Milliseconds of a duration such as `30s` or `1h30m`. */
export function parseDuration(text: string, flag: string): number {
  const ms = readDuration(text);
  if (ms === undefined)
    throw usage(flag, "a duration such as `500ms`, `30s`, `20m`, `1h30m` or `2d`", JSON.stringify(text));
  return ms;
}

export function durationFlag(options: Options, name: string, flag: string): number | undefined {
  const value = options[name];
  return typeof value === "string" ? parseDuration(value, flag) : undefined;
}

export function choiceFlag<T extends string>(
  options: Options,
  name: string,
  flag: string,
  choices: readonly T[],
): T | undefined {
  const value = options[name];
  if (typeof value !== "string") return undefined;
  const found = choices.find((choice) => choice === value.trim().toLowerCase());
  if (found === undefined)
    throw usage(flag, choices.map((choice) => `\`${choice}\``).join(", "), JSON.stringify(value));
  return found;
}

/** Seconds: a plain number, or a duration with its unit. */
export function secondsFlag(options: Options, name: string, flag: string): number | undefined {
  const value = options[name];
  const ms = typeof value === "string" ? readDuration(value) : undefined;
  return ms === undefined ? numberFlag(options, name, flag) : ms / 1_000;
}

/** Collects a flag that may be given several times. */
export const collect = (value: string, earlier: string[] | undefined): string[] => [...(earlier ?? []), value];

/** The trimmed values of a flag that may be given several times, none of them blank. */
export function listFlag(options: Options, name: string, flag: string): string[] | undefined {
  const values = options[name];
  if (!Array.isArray(values)) return undefined;
  return values.map((value) => textFlag({ value }, "value", flag) ?? "");
}

/** At most one of some flags. */
export function atMostOne(flags: readonly [flag: string, present: boolean][]): void {
  const present = flags.filter(([, is]) => is).map(([flag]) => flag);
  if (present.length > 1) throw usage(present.join(", "), "at most one of them", `${present.length}`);
}

export function parseJsonFlag(text: string, flag: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw usage(flag, "valid JSON", "a text that is not");
  }
}
