import { CommandCronError } from "../../../kernel/errors.ts";
import { NotCarried } from "../../candidate.ts";
import { isFields } from "../../fields.ts";

/** Assignments of a unit: `Section.Key` to its values in order; an empty assignment has cleared what came before. */
export type Unit = Map<string, string[]>;

/** Units by name (`backup.timer`), with their drop-ins laid over them. */
export type Units = Map<string, Unit>;

/** Above each file `systemctl cat` names it: a unit, or a drop-in in the directory of one. */
const FILE_MARK = /^# (\/\S*(?:\.(?:timer|service)|[/.](?:timer|service)\.d\/[^/\s]+\.conf))$/;
/** The times of a timer are one list: an empty one of any kind clears them all. */
const TIME = /^Timer\.On(Calendar|(Active|Boot|Startup|UnitActive|UnitInactive)Sec)$/;

/**
 * Units from what `systemctl cat a.timer a.service` prints, or from an object of file name and text. Raises FILE_INVALID.
 */
export function readUnits(file: unknown): Units {
  const files = typeof file === "string" ? splitCat(file) : isFields(file) ? Object.entries(file) : [];
  const units: Units = new Map();
  for (const [path, text] of files) {
    if (typeof text !== "string")
      throw new CommandCronError("FILE_INVALID", { field: path, expected: "the text of a unit" });
    const name = unitName(path);
    const unit = units.get(name) ?? new Map();
    units.set(name, unit);
    readUnit(text, unit);
  }
  if (units.size === 0) {
    throw new CommandCronError("FILE_INVALID", {
      field: "file",
      expected: "the output of `systemctl cat <timer> <service>`",
    });
  }
  return units;
}

function splitCat(text: string): [string, string][] {
  const files: [string, string][] = [];
  let lines: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const path = FILE_MARK.exec(line)?.[1];
    if (path !== undefined) {
      lines = [];
      files.push([path, ""]);
    } else lines.push(line);
    const last = files.at(-1);
    if (last !== undefined) last[1] = lines.join("\n");
  }
  return files;
}

/** `/etc/systemd/system/backup.timer.d/override.conf` belongs to `backup.timer`. */
function unitName(path: string): string {
  const parts = path.split("/");
  const dir = parts.at(-2);
  return dir?.endsWith(".d") === true ? dir.slice(0, -2) : (parts.at(-1) ?? path);
}

function readUnit(text: string, unit: Unit): void {
  let section = "";
  for (const line of readLines(text)) {
    const header = /^\[(.+)\]$/.exec(line)?.[1];
    if (header !== undefined) {
      section = header;
      continue;
    }
    const at = line.indexOf("=");
    if (at < 1) continue;
    const key = `${section}.${line.slice(0, at).trim()}`;
    const value = line.slice(at + 1).trim();
    if (value !== "") unit.set(key, [...(unit.get(key) ?? []), value]);
    else if (TIME.test(key)) for (const time of [...unit.keys()].filter((name) => TIME.test(name))) unit.delete(time);
    else unit.set(key, []);
  }
}

/** Lines with their continuations. Comments go first, as in systemd: a backslash at the end of one continues nothing. */
function readLines(text: string): string[] {
  const lines = text.split(/\r?\n/).filter((line) => !/^\s*[#;]/.test(line));
  const joined = lines.join("\n").replace(/(?<!\\)((?:\\\\)*)\\\n/g, "$1 ");
  return joined.split("\n").map((line) => line.trim());
}

export const allOf = (unit: Unit, key: string): string[] => unit.get(key) ?? [];
export const lastOf = (unit: Unit, key: string): string | undefined => unit.get(key)?.at(-1);

export const isYes = (value: string | undefined): boolean => /^(1|yes|y|true|t|on)$/i.test(value ?? "");

const UNITS_MS: Record<string, number> = {
  "": 1_000,
  ms: 1,
  msec: 1,
  s: 1_000,
  sec: 1_000,
  second: 1_000,
  seconds: 1_000,
  m: 60_000,
  min: 60_000,
  minute: 60_000,
  minutes: 60_000,
  h: 3_600_000,
  hr: 3_600_000,
  hour: 3_600_000,
  hours: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  days: 86_400_000,
  w: 604_800_000,
  week: 604_800_000,
  weeks: 604_800_000,
  M: 2_629_800_000,
  month: 2_629_800_000,
  months: 2_629_800_000,
  y: 31_557_600_000,
  year: 31_557_600_000,
  years: 31_557_600_000,
};

/** A time span such as `5min 20s`, in milliseconds; `infinity` is Infinity. */
export function spanMs(text: string): number {
  if (text === "infinity") return Number.POSITIVE_INFINITY;
  const parts = [...text.matchAll(/\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*/gy)];
  const read = parts.reduce((length, part) => length + part[0].length, 0);
  const ms = parts.reduce((sum, [, number, unit = ""]) => sum + Number(number) * (UNITS_MS[unit] ?? Number.NaN), 0);
  if (parts.length === 0 || read !== text.length || Number.isNaN(ms)) {
    throw new NotCarried(`the time span \`${text}\` cannot be read`);
  }
  return ms;
}
