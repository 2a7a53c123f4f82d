import { Mistake, NotCarried } from "../../candidate.ts";

/** Cron's words for a schedule; the last one is FreeBSD's. */
const WORDS: Record<string, string> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
  "@every_minute": "* * * * *",
};
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

interface Field {
  name: string;
  min: number;
  max: number;
  /** Names, the first of which stands for `min`. */
  names: readonly string[];
}

const FIELDS: readonly Field[] = [
  { name: "minute", min: 0, max: 59, names: [] },
  { name: "hour", min: 0, max: 23, names: [] },
  { name: "day of month", min: 1, max: 31, names: [] },
  { name: "month", min: 1, max: 12, names: MONTHS },
  { name: "day of week", min: 0, max: 7, names: DAYS },
];

/** The expression that a word such as `@daily` stands for. */
export function readWord(word: string): string {
  if (word === "@reboot") throw new NotCarried("`@reboot` runs at boot and names no time: start it as a service");
  const expr = WORDS[word];
  if (expr === undefined) throw new Mistake(`the word \`${word}\` is none of cron's: ${Object.keys(WORDS).join(", ")}`);
  return expr;
}

/**
 * Five fields as an expression with the same times here. Throws Mistake for what cron refuses, NotCarried for what it
 * takes and never runs, or runs at random times.
 */
export function readFields(texts: readonly string[]): string {
  const [minute, hour, dayOfMonth = "*", month, dayOfWeek = "*"] = FIELDS.map((field, index) =>
    readField(texts[index] ?? "", field),
  );
  // To cron, day of month and day of week both count when one of them begins with a star (a step over all), and either
  // is enough otherwise; here only `+` says both.
  const both = dayOfMonth !== "*" && dayOfWeek !== "*" && [dayOfMonth, dayOfWeek].some((text) => text.startsWith("*"));
  return `${minute} ${hour} ${dayOfMonth} ${month} ${both ? "+" : ""}${dayOfWeek}`;
}

function readField(text: string, field: Field): string {
  if (/^(\d+)?~(\d+)?(\/\d+)?$/.test(text)) throw new NotCarried("random times (`~`) cannot be carried: choose one");
  return text
    .split(",")
    .map((item) => readItem(item, field))
    .join(",");
}

/** What cron does not look at: anything behind a star, or behind a value or a range that is whole. */
const REST = /^(\*[^/]|(\*\/\d+|\w+(-\w+(\/\d+)?)?)[^\w/-])/;

/** One item of a list: a star, a value or a range; the first and the last with a step. */
function readItem(item: string, field: Field): string {
  const match = /^(?:(\*)|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(item);
  const [, star, from, to, step] = match ?? [];
  const bad = (reason: string): Mistake => new Mistake(`\`${item}\` is no ${field.name} of cron's: ${reason}`);
  if (match === null && REST.test(item)) {
    throw new NotCarried(`of \`${item}\` cron reads the beginning and leaves out the rest: write what is meant`);
  }
  if (match === null) throw bad(`it takes ${field.min} to ${field.max}, \`*\`, ranges, lists and steps`);
  const numberOf = (value: string): number => {
    const named = field.names.indexOf(value.toLowerCase());
    const number = named >= 0 ? named + field.min : /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
    if (Number.isNaN(number)) throw bad(`\`${value}\` is neither a number nor a name`);
    if (number < field.min || number > field.max) throw bad(`it goes from ${field.min} to ${field.max}`);
    return number;
  };
  if (step !== undefined && star === undefined && to === undefined) throw bad("a step needs `*` or a range before it");
  if (step !== undefined && Number(step) === 0) throw bad("a step of 0");
  const first = star === undefined ? numberOf(from ?? "") : field.min;
  const last = star !== undefined ? field.max : to === undefined ? first : numberOf(to);
  if (last < first) {
    const list = Array.from({ length: field.max - first + 1 + last - field.min + 1 }, (_, index) => {
      const value = first + index;
      return value > field.max ? value - (field.max - field.min + 1) : value;
    });
    throw new NotCarried(
      `\`${item}\` runs backwards: cron takes the line and never runs it at these times; if they were meant, write ` +
        `\`${list.join(",")}\``,
    );
  }
  // A step beyond the range leaves its first value.
  return step !== undefined && Number(step) > last - first ? String(first) : item;
}
