import { CommandCronError } from "../../../kernel/errors.ts";
import { isRecord } from "../../../kernel/record.ts";
import { layUnit, type Unit, type UnitFile } from "./unit.ts";

/** Above each file `systemctl cat` names it: a unit, or a drop-in in the directory of one or of many. */
const FILE_MARK = /^# (\/\S*(?:\.(?:timer|service)|[/.](?:timer|service)\.d\/[^/\s]+\.conf))$/;
/** Directories that win over those below them. */
const RANKS = [/^\/etc\/|\/\.config\//, /^\/run\//, /^\/usr\/local\/|\/\.local\//];

const baseOf = (path: string): string => path.split("/").at(-1) ?? path;
const dirOf = (path: string): string => path.split("/").at(-2) ?? "";
const isDropIn = ({ path }: UnitFile): boolean => dirOf(path).endsWith(".d");
const rankOf = (path: string): number => {
  const rank = RANKS.findIndex((form) => form.test(path));
  return rank < 0 ? RANKS.length : rank;
};

/** `sync@docs.service`, taken apart; `instance` is empty for a template and undefined for a plain unit. */
export function partsOf(unit: string): { bare: string; prefix: string; instance: string | undefined; suffix: string } {
  const dot = unit.lastIndexOf(".");
  const bare = dot < 0 ? unit : unit.slice(0, dot);
  const at = bare.indexOf("@");
  return {
    bare,
    prefix: at < 0 ? bare : bare.slice(0, at),
    instance: at < 0 ? undefined : bare.slice(at + 1),
    suffix: unit.slice(bare.length),
  };
}

const templateOf = (unit: string): string => {
  const { prefix, instance, suffix } = partsOf(unit);
  return instance === undefined ? unit : `${prefix}@${suffix}`;
};

/** The files of an import, and the units they make. */
export interface UnitFiles {
  /** Names of units that have a file, templates among them. */
  names: string[];
  /** Names of instances that drop-ins speak of: `backup@daily.timer`. */
  instances: string[];
  /** A unit by its full name; of an instance its template serves when it has no file of its own. */
  unit(name: string): Unit | undefined;
}

/**
 * Units from what `systemctl cat a.timer a.service` prints, or from an object of file name and text. Raises FILE_INVALID.
 */
export function collectFiles(input: unknown): UnitFiles {
  const files = typeof input === "string" ? splitCat(input) : isRecord(input) ? fromObject(input) : [];
  const mains = new Map<string, UnitFile>();
  for (const file of files.filter((each) => !isDropIn(each))) {
    const known = mains.get(baseOf(file.path));
    if (known === undefined || rankOf(file.path) < rankOf(known.path)) mains.set(baseOf(file.path), file);
  }
  const dropIns = files.filter(isDropIn);
  if (mains.size === 0) {
    throw new CommandCronError("FILE_INVALID", {
      field: "file",
      expected: "the output of `systemctl cat <timer> <service>`, or a directory of units",
      got: dropIns.length > 0 ? "drop-ins alone" : "no unit",
    });
  }
  const owners = dropIns.map(({ path }) => dirOf(path).slice(0, -2));
  return {
    names: [...mains.keys()],
    instances: [...new Set(owners.filter((name) => /@.+\./.test(name)))],
    unit(name) {
      const main = mains.get(name) ?? mains.get(templateOf(name));
      return main === undefined ? undefined : layUnit(name, [main, ...dropInsOf(name, dropIns)]);
    },
  };
}

function fromObject(input: Record<string, unknown>): UnitFile[] {
  return Object.entries(input).map(([path, text]) => {
    if (typeof text !== "string") {
      throw new CommandCronError("FILE_INVALID", { field: path, expected: "the text of a unit", got: typeof text });
    }
    return { path, text };
  });
}

function splitCat(text: string): UnitFile[] {
  const files: { path: string; lines: string[] }[] = [];
  for (const line of text.split(/\r?\n/)) {
    const path = FILE_MARK.exec(line)?.[1];
    if (path === undefined) files.at(-1)?.lines.push(line);
    else files.push({ path, lines: [] });
  }
  // A unit is printed once for each time it is named.
  const once = new Map(files.map(({ path, lines }) => [path, lines.join("\n")]));
  return [...once].map(([path, lines]) => ({ path, text: lines }));
}

/**
 * The drop-ins of a unit in the order systemd applies them: by file name, wherever they lie. Of equal names one counts:
 * a unit's own before those of its template, of a prefix of its name (`a-.service.d`) and of its type (`service.d`).
 */
function dropInsOf(name: string, dropIns: readonly UnitFile[]): UnitFile[] {
  const { prefix, suffix } = partsOf(name);
  const dashes = [...prefix.matchAll(/-/g)].map(({ index }) => `${prefix.slice(0, index + 1)}${suffix}`).reverse();
  const owners = [...new Set([name, templateOf(name), ...dashes, suffix.slice(1)])];
  const weigh = ({ path }: UnitFile): number => {
    const owner = owners.indexOf(dirOf(path).slice(0, -2));
    return (owner === owners.length - 1 ? 1_000_000 : rankOf(path) * 1_000) + owner;
  };
  const chosen = new Map<string, UnitFile>();
  for (const file of dropIns.filter(({ path }) => owners.includes(dirOf(path).slice(0, -2)))) {
    const known = chosen.get(baseOf(file.path));
    if (known === undefined || weigh(file) < weigh(known)) chosen.set(baseOf(file.path), file);
  }
  return [...chosen].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, file]) => file);
}
