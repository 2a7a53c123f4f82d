import { parseDurationMs } from "../../kernel/durations.ts";
import { CommandCronError } from "../../kernel/errors.ts";
import { present } from "../../kernel/present.ts";

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
  return new CommandCronError("USAGE", present({ field, expected, got }));
}

/** Where the argument parser puts the value of a flag; it reads `--no-x` as the negation of `--x`. */
const keyOf = (flag: string): string =>
  flag.replace(/^--(no-)?/, "").replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** The value of a flag as it came; undefined when it was not given with one. */
export function rawFlag(options: Options, flag: string): string | undefined {
  const value = options[keyOf(flag)];
  return typeof value === "string" ? value : undefined;
}

/** The trimmed value of a flag; undefined when it was not given. A blank value is refused. */
export function textFlag(options: Options, flag: string): string | undefined {
  const text = rawFlag(options, flag)?.trim();
  if (text === "") throw usage(flag, "a text that is not blank", "a blank text");
  return text;
}

/** Whether a flag without a value was given. */
export const given = (options: Options, flag: string): boolean => options[keyOf(flag)] === !flag.startsWith("--no-");

/** A flag that has a `--no-` of its own; undefined when neither was given. */
export function onOffFlag(options: Options, flag: string): boolean | undefined {
  const value = options[keyOf(flag)];
  return typeof value === "boolean" ? value : undefined;
}

/** Which of two flags was given; undefined: neither. */
export function eitherFlag(options: Options, yes: string, no: string): boolean | undefined {
  const [is, isNot] = [given(options, yes), given(options, no)];
  atMostOne([
    [yes, is],
    [no, isNot],
  ]);
  return is || isNot ? is : undefined;
}

/** A whole number, written plainly. */
export function parseCount(text: string, flag: string, minimum: number): number {
  const value = /^\d+$/.test(text.trim()) ? Number(text.trim()) : Number.NaN;
  if (!Number.isSafeInteger(value) || value < minimum) {
    throw usage(flag, `a whole number of at least ${minimum}`, JSON.stringify(text));
  }
  return value;
}

export function countFlag(options: Options, flag: string, minimum: number): number | undefined {
  const text = rawFlag(options, flag);
  return text === undefined ? undefined : parseCount(text, flag, minimum);
}

/** A number that may have a fraction, for limits in seconds. */
export function numberFlag(options: Options, flag: string, minimum = 0): number | undefined {
  const text = rawFlag(options, flag);
  if (text === undefined) return undefined;
  const number = /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text.trim()) : Number.NaN;
  if (!Number.isFinite(number) || number < minimum) {
    throw usage(flag, `a number of at least ${minimum}`, JSON.stringify(text));
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

export function durationFlag(options: Options, flag: string): number | undefined {
  const text = rawFlag(options, flag);
  return text === undefined ? undefined : parseDuration(text, flag);
}

/** The same in seconds, as jobs have them. */
export function durationSecondsFlag(options: Options, flag: string): number | undefined {
  const ms = durationFlag(options, flag);
  return ms === undefined ? undefined : ms / 1_000;
}

export function choiceFlag<T extends string>(options: Options, flag: string, choices: readonly T[]): T | undefined {
  const text = rawFlag(options, flag);
  if (text === undefined) return undefined;
  const found = choices.find((choice) => choice === text.trim().toLowerCase());
  if (found === undefined) throw usage(flag, choices.map((choice) => `\`${choice}\``).join(", "), JSON.stringify(text));
  return found;
}

/** Seconds: a plain number, or a duration with its unit. */
export function secondsFlag(options: Options, flag: string): number | undefined {
  const ms = readDuration(rawFlag(options, flag) ?? "");
  return ms === undefined ? numberFlag(options, flag) : ms / 1_000;
}

/** Collects a flag that may be given several times. */
export const collect = (value: string, earlier: string[] | undefined): string[] => [...(earlier ?? []), value];

/** The values of a flag that may be given several times, as they came. */
export function rawListFlag(options: Options, flag: string): string[] | undefined {
  const values = options[keyOf(flag)];
  return Array.isArray(values) ? values.map(String) : undefined;
}

/** The same, trimmed; none of them may be blank. */
export const listFlag = (options: Options, flag: string): string[] | undefined =>
  rawListFlag(options, flag)?.map((value) => textFlag({ [keyOf(flag)]: value }, flag) ?? "");

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
