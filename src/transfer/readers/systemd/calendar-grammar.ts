import { Mistake } from "../../candidate.ts";

/** One item of a component: a value, a range, or a value with a step; `stop` undefined and `step` 0 is the value alone. */
export interface Item {
  start: number;
  stop?: number;
  step: number;
}

/** A component's items; undefined is `*`. */
export type Chain = Item[] | undefined;

/** A calendar expression, taken apart. Seconds are counted in microseconds, weekdays from Monday = 0. */
export interface Calendar {
  weekdays: ReadonlySet<number>;
  year: Chain;
  month: Chain;
  day: Chain;
  /** Days are counted from the end of the month. */
  fromEnd: boolean;
  hour: Chain;
  minute: Chain;
  second: Chain;
}

export const SECOND_US = 1_000_000;
const INT_MAX = 2_147_483_647;
const WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
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
  "bi-annually": "*-01,07-01 00:00:00",
  yearly: "*-01-01 00:00:00",
  annually: "*-01-01 00:00:00",
  anually: "*-01-01 00:00:00",
};

/**
 * Reads an expression, its time zone taken off, as systemd's own parser does: what that refuses throws Mistake, and
 * nothing else does.
 */
export function parseCalendar(expression: string): Calendar {
  const scanner = new Scanner(SHORTHANDS[expression.toLowerCase()] ?? expression, expression);
  const weekdays = scanner.weekdays();
  const date = scanner.date();
  const time = scanner.time();
  const calendar = { weekdays, ...date, ...time };
  const valid =
    isValid(calendar.year, 1970, 2199) &&
    isValid(calendar.month, 1, 12) &&
    isValid(calendar.day, 1, 31, calendar.fromEnd) &&
    isValid(calendar.hour, 0, 23) &&
    isValid(calendar.minute, 0, 59) &&
    isValid(calendar.second, 0, 60 * SECOND_US - 1);
  if (!valid) throw scanner.wrong();
  return calendar;
}

function isValid(chain: Chain, from: number, to: number, fromEnd = false): boolean {
  const last = fromEnd ? to - 3 : to;
  return (chain ?? []).every(({ start, stop, step }) => {
    if (start < from || start > last || step > last - from) return false;
    if (stop !== undefined) return stop >= from && stop <= last && start + step <= stop;
    return fromEnd ? start - step >= from : start + step <= last;
  });
}

class Scanner {
  #at = 0;
  readonly #text: string;
  readonly #whole: string;

  constructor(text: string, whole: string) {
    this.#text = text;
    this.#whole = whole;
  }

  wrong(): Mistake {
    return new Mistake(`systemd refuses \`${this.#whole}\` as a calendar expression`);
  }

  get #rest(): string {
    return this.#text.slice(this.#at);
  }

  #take(form: RegExp): RegExpExecArray | undefined {
    const match = form.exec(this.#rest);
    if (match === null || match.index !== 0) return undefined;
    this.#at += match[0].length;
    return match;
  }

  /** Names in a list, each alone or as the ends of a range; a comma may stand at the end, an open range may not. */
  weekdays(): Set<number> {
    const days = new Set<number>();
    let from: number | undefined;
    for (let first = true; ; first = false) {
      const name = /^[A-Za-z]+/.exec(this.#rest)?.[0].toLowerCase() ?? "";
      const day = WEEKDAYS.findIndex((weekday) => name === weekday || name === weekday.slice(0, 3));
      if (day < 0) {
        if (first && name === "") return days;
        throw this.wrong();
      }
      this.#at += name.length;
      if (from !== undefined && from > day) throw this.wrong();
      for (let each = from ?? day; each <= day; each += 1) days.add(each);
      const separator = this.#take(/^(\.\.|-|,|(?= )|$)/)?.[0];
      if (separator === undefined || (from !== undefined && /^(\.\.|-)$/.test(separator))) throw this.wrong();
      from = separator === ".." || separator === "-" ? day : undefined;
      if (/^( |$)/.test(this.#rest)) {
        this.#take(/^ +/);
        if (from !== undefined) throw this.wrong();
        return days;
      }
    }
  }

  date(): Pick<Calendar, "year" | "month" | "day" | "fromEnd"> {
    const none = { year: undefined, month: undefined, day: undefined, fromEnd: false };
    const start = this.#at;
    if (this.#rest === "") return none;
    const stamp = this.#take(/^@(\d+)$/);
    if (stamp !== undefined) return { ...none, year: [] };
    const first = this.#chain(false);
    if (this.#rest === "" || this.#rest.startsWith(":")) {
      this.#at = start;
      return none;
    }
    const one = this.#take(/^[-~]/)?.[0];
    if (one === undefined) throw this.wrong();
    const second = this.#chain(false);
    if (/^( |$)/.test(this.#rest)) {
      this.#take(/^ +/);
      return { year: undefined, month: first, day: second, fromEnd: one === "~" && second !== undefined };
    }
    const two = one === "~" ? undefined : this.#take(/^[-~]/)?.[0];
    if (two === undefined) throw this.wrong();
    const third = this.#chain(false);
    if (!/^( |$)/.test(this.#rest)) throw this.wrong();
    this.#take(/^ +/);
    return { year: first?.map(fullYear), month: second, day: third, fromEnd: two === "~" && third !== undefined };
  }

  time(): Pick<Calendar, "hour" | "minute" | "second"> {
    const zero = [{ start: 0, step: 0 }];
    if (this.#rest === "") return { hour: zero, minute: zero, second: zero };
    const hour = this.#chain(false);
    if (this.#take(/^:/) === undefined) throw this.wrong();
    const minute = this.#chain(false);
    if (this.#rest === "") return { hour, minute, second: zero };
    if (this.#take(/^:/) === undefined) throw this.wrong();
    const second = this.#chain(true);
    if (this.#rest !== "") throw this.wrong();
    return { hour, minute, second };
  }

  #chain(fractions: boolean): Chain {
    if (this.#take(/^\*/) !== undefined) return fractions ? [{ start: 0, step: SECOND_US }] : undefined;
    const items: Item[] = [];
    do items.push(this.#item(fractions));
    while (this.#take(/^,/) !== undefined);
    return items;
  }

  #item(fractions: boolean): Item {
    const start = this.#number(fractions);
    let stop: number | undefined;
    let step = 0;
    if (this.#take(/^\.\./) !== undefined) {
      stop = this.#number(fractions);
      step = fractions ? SECOND_US : 1;
    }
    if (this.#take(/^\//) !== undefined) {
      step = this.#number(fractions);
      if (step === 0) throw this.wrong();
    } else if (fractions && stop !== undefined && start + step > stop) throw this.wrong();
    if (!/^([ ,\-~:]|$)/.test(this.#rest)) throw this.wrong();
    if (stop === undefined) return { start, step };
    const end = stop > start && step > 0 ? stop - ((stop - start) % step) : stop;
    return end === start ? { start, step: 0 } : { start, stop: end, step };
  }

  #number(fractions: boolean): number {
    const form = fractions ? /^(\d+)(?:\.(\d+))?/ : /^(\d+)/;
    const match = this.#take(form);
    if (match === undefined) throw this.wrong();
    const whole = Number(match[1]) * (fractions ? SECOND_US : 1);
    const value = whole + Math.round(Number(`0.${match[2] ?? 0}`) * SECOND_US);
    if (value > INT_MAX) throw this.wrong();
    return value;
  }
}

/** A year of two digits belongs to 1970 to 2069. */
function fullYear({ start, stop, step }: Item): Item {
  const full = (year: number): number => (year < 70 ? year + 2000 : year < 100 ? year + 1900 : year);
  return { start: full(start), ...(stop === undefined ? {} : { stop: full(stop) }), step };
}
