import { readSpan } from "./span.ts";

/** A unit's file, or a drop-in of one. */
export interface UnitFile {
  path: string;
  text: string;
}

/** `Key=value` with the place it was read from. */
export interface Assignment {
  /** `Section.Key`. */
  key: string;
  value: string;
  /** `backup.service:12`. */
  where: string;
}

/** A unit as systemd has it in force: its file and drop-ins, one laid over the other. */
export interface Unit {
  name: string;
  /** The file itself; drop-ins apart. */
  path: string;
  /** Read by a user's manager, not by the system's. */
  user: boolean;
  /** Values in force, by key. */
  values: ReadonlyMap<string, readonly Assignment[]>;
  /** Lines that systemd leaves out with a warning. */
  ignored: readonly string[];
}

/** The times of a timer are one list: an empty one of any kind clears them all. */
const TIME = /^Timer\.On(Calendar|(Active|Boot|Startup|UnitActive|UnitInactive)Sec)$/;
/** So are the conditions, and the assertions. */
const CONDITION = /^Unit\.Condition/;
const ASSERTION = /^Unit\.Assert/;
const LISTS = [TIME, CONDITION, ASSERTION];

const BOOLEAN = /^(1|yes|y|true|t|on|0|no|n|false|f|off)$/i;
/** Values that systemd leaves out with a warning when they are not of their kind; an empty one is none, too. */
const KINDS: readonly (readonly [keys: RegExp, kind: string, isKind: (value: string) => boolean])[] = [
  [
    /^Timer\.(OnClockChange|OnTimezoneChange|Persistent|WakeSystem|RemainAfterElapse|FixedRandomDelay)$/,
    "boolean",
    (value) => BOOLEAN.test(value),
  ],
  [/^Service\.(RemainAfterExit|DynamicUser|SendSIGKILL|SendSIGHUP)$/, "boolean", (value) => BOOLEAN.test(value)],
  [
    /^(Timer\.(On\w+Sec|AccuracySec|RandomizedDelaySec)|Service\.(Timeout\w*Sec|RuntimeMaxSec))$/,
    "time span",
    (value) => readSpan(value) !== undefined,
  ],
  [/^Service\.Type$/, "type", (value) => /^(simple|exec|forking|oneshot|dbus|notify|notify-reload|idle)$/.test(value)],
  [/^Service\.(Final|Restart)?KillSignal$/, "signal", (value) => /^(SIG)?[A-Z][A-Z0-9+-]+$|^\d+$/.test(value)],
];

/** Lays the files of a unit over each other, in the order given. */
export function layUnit(name: string, files: readonly UnitFile[]): Unit {
  const values = new Map<string, Assignment[]>();
  const ignored: string[] = [];
  for (const file of files) readFile(file, values, ignored);
  const path = files[0]?.path ?? name;
  return { name, path, user: isUserPath(path), values, ignored };
}

/** Directories of a user's manager; under /run/user there is nothing else. */
const isUserPath = (path: string): boolean => /\/systemd\/user(\.control)?\/|^\/run\/user\//.test(path);

function readFile({ path, text }: UnitFile, values: Map<string, Assignment[]>, ignored: string[]): void {
  const file = path.split("/").pop() ?? path;
  let section: string | undefined;
  for (const { line, number } of readLines(text)) {
    const where = `${file}:${number}`;
    const header = /^\[(.+)\]$/.exec(line)?.[1];
    if (header !== undefined) {
      section = header;
      continue;
    }
    const at = line.indexOf("=");
    if (section?.startsWith("X-") === true) continue;
    if (at < 1 || section === undefined) {
      ignored.push(`${where}: \`${line.slice(0, 40)}\` is no setting of a section; systemd leaves it out`);
      continue;
    }
    const name = line.slice(0, at).trim();
    if (name.startsWith("X-")) continue;
    assign({ key: `${section}.${name}`, value: line.slice(at + 1).trim(), where }, values, ignored);
  }
}

function assign(assignment: Assignment, values: Map<string, Assignment[]>, ignored: string[]): void {
  const { key, value, where } = assignment;
  const list = LISTS.find((form) => form.test(key));
  if (value === "" && list !== undefined) {
    for (const other of [...values.keys()].filter((name) => list.test(name))) values.delete(other);
    return;
  }
  const [, kind, isKind] = KINDS.find(([keys]) => keys.test(key)) ?? [];
  if (isKind?.(value) === false) {
    ignored.push(`${where}: \`${key.split(".")[1]}=${value}\` is no ${kind}; systemd leaves it out`);
    return;
  }
  if (value === "") values.delete(key);
  else if (key === "Service.TimeoutSec") {
    for (const name of ["Service.TimeoutStartSec", "Service.TimeoutStopSec"]) put(values, { ...assignment, key: name });
  } else put(values, assignment);
}

const put = (values: Map<string, Assignment[]>, assignment: Assignment): void => {
  values.set(assignment.key, [...(values.get(assignment.key) ?? []), assignment]);
};

/** Lines with their continuations. Comments go first, as in systemd: a backslash at the end of one continues nothing. */
function readLines(text: string): { line: string; number: number }[] {
  const lines: { line: string; number: number }[] = [];
  let open: { line: string; number: number } | undefined;
  for (const [index, raw] of text
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .entries()) {
    if (/^\s*[#;]/.test(raw)) continue;
    open = open === undefined ? { line: raw, number: index + 1 } : { ...open, line: `${open.line} ${raw}` };
    if (/(?<!\\)(\\\\)*\\$/.test(raw)) {
      open.line = open.line.slice(0, -1);
      continue;
    }
    lines.push({ ...open, line: open.line.trim() });
    open = undefined;
  }
  if (open !== undefined) lines.push({ ...open, line: open.line.trim() });
  return lines.filter(({ line }) => line !== "");
}

export const allOf = (unit: Unit, key: string): string[] => (unit.values.get(key) ?? []).map(({ value }) => value);
export const lastOf = (unit: Unit, key: string): string | undefined => unit.values.get(key)?.at(-1)?.value;
/** Where the value in force stands: `backup.service:12`. */
export const placeOf = (unit: Unit, key: string): string => unit.values.get(key)?.at(-1)?.where ?? unit.name;

export const isYes = (value: string | undefined): boolean => /^(1|yes|y|true|t|on)$/i.test(value ?? "");
