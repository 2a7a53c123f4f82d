import { present } from "../kernel/present.ts";

/** What becomes of a key of another system's file. */
export const FATES = {
  carried: "comes along",
  remark: "comes along or is left out, and the plan says what is different",
  aside: "says nothing about when or how the command runs; left out without a word",
  decisive: "does not come along: the job comes in disabled, with the reason",
} as const;

type Fate = keyof typeof FATES;

export interface KeyGroup {
  /** Names, parted by blanks; `*` stands for any letters. */
  keys: string;
  fate: Fate;
  /** What it is here, or what was decided by it there. */
  here: string;
  /** Values that say as much as no value. */
  nothing?: RegExp;
}

type Group = (keys: string, here: string, nothing?: RegExp) => KeyGroup;

const group =
  (fate: Fate): Group =>
  (keys, here, nothing) => ({ keys, fate, here, ...present({ nothing }) });

export const carried = group("carried");
export const remark = group("remark");
export const aside = group("aside");
export const decisive = group("decisive");

/** What a format's keys become. A key that stands in no group is decisive. */
export interface KeyTable {
  format: string;
  /** How people of that system write a key: `User=`. */
  shown(key: string): string;
  groups: readonly KeyGroup[];
}

const UNKNOWN = decisive("*", "unknown here");

const matchers = new WeakMap<KeyGroup, RegExp>();

function matches(group: KeyGroup, key: string): boolean {
  let matcher = matchers.get(group);
  if (matcher === undefined) {
    const names = group.keys
      .trim()
      .split(/\s+/)
      .map((name) => name.replaceAll(".", "\\.").replaceAll("*", "\\w*"));
    matcher = new RegExp(`^(?:${names.join("|")})$`);
    matchers.set(group, matcher);
  }
  return matcher.test(key);
}

const groupOf = (table: KeyTable, key: string): KeyGroup =>
  table.groups.find((group) => matches(group, key)) ?? UNKNOWN;

interface Judged {
  notes: string[];
  holds: string[];
}

/** What a table says of the keys in force, each with its value: a line for each reason, with the keys it is about. */
export function judge(table: KeyTable, entries: Iterable<readonly [key: string, value: string]>): Judged {
  const found = new Map<KeyGroup, string[]>();
  for (const [key, value] of entries) {
    const group = groupOf(table, key);
    if (group.fate === "carried" || group.fate === "aside" || group.nothing?.test(value) === true) continue;
    const names = found.get(group) ?? [];
    if (!names.includes(table.shown(key))) names.push(table.shown(key));
    found.set(group, names);
  }
  const lines = (fate: Fate): string[] =>
    [...found].filter(([group]) => group.fate === fate).map(([group, names]) => `${names.join(", ")}: ${group.here}`);
  return { notes: lines("remark"), holds: lines("decisive") };
}
