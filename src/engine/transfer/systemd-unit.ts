import { CommandCronError } from "../../kernel/errors.ts";
import { NotCarried } from "./candidate.ts";
import { isFields } from "./fields.ts";

/** Assignments of a unit: `Section.Key` to its values in order; an empty assignment has cleared what came before. */
export type Unit = Map<string, string[]>;

/** Units by name (`backup.timer`), with their drop-ins laid over them. */
export type Units = Map<string, Unit>;

const FILE_MARK = /^# (\/\S*)$/;

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
    if (path !== undefined && /\.(timer|service|conf)$/.test(path)) {
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
  const joined = text.replace(/\\\r?\n(?:[ \t]*[#;].*\r?\n)*/g, " ");
  for (const raw of joined.split(/\r?\n/)) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#") || line.startsWith(";")) continue;
    const header = /^\[(.+)\]$/.exec(line)?.[1];
    if (header !== undefined) {
      section = header;
      continue;
    }
    const at = line.indexOf("=");
    if (at < 1) continue;
    const key = `${section}.${line.slice(0, at).trim()}`;
    const value = line.slice(at + 1).trim();
    unit.set(key, value === "" ? [] : [...(unit.get(key) ?? []), value]);
  }
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
