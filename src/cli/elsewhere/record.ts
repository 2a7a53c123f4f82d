import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CommandCronError, systemCode } from "../../kernel/errors.ts";
import type { TimerState } from "./timers.ts";

/** What can be moved: this user's crontab, and the timers of this user's systemd. */
export const SYSTEMS = ["crontab", "systemd"] as const;
export type System = (typeof SYSTEMS)[number];

/** What a take-over has to remember; which lines of the crontab run here, their marks say. */
export interface TakeOver {
  version: 1;
  /** Where a move has begun whose end is not on record: what was ended there may be off here. */
  unfinished: System[];
  /** The crontab as it was before the last take-over. */
  copy?: string;
  /** Timers that run here, each as it was. */
  timers: TimerState[];
}

const pathIn = (stateDir: string): string => join(stateDir, "command-cron", "taken-over.json");

/** Writes a file readable by this user alone, whole or not at all, and on disk before it answers. */
export function writeWhole(path: string, data: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.new`;
  rmSync(draft, { force: true });
  writeFileSync(draft, data, { flag: "wx", mode: 0o600, flush: true });
  renameSync(draft, path);
  if (process.platform === "win32") return;
  const directory = openSync(dirname(path), "r");
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

/** The take-over on record, or an empty one. Raises FILE_INVALID for a record that cannot be read. */
export function readRecord(stateDir: string): TakeOver {
  const path = pathIn(stateDir);
  try {
    const record = JSON.parse(readFileSync(path, "utf8")) as TakeOver;
    if (record.version === 1 && Array.isArray(record.timers) && Array.isArray(record.unfinished)) return record;
  } catch (cause) {
    if (systemCode(cause) === "ENOENT") return { version: 1, unfinished: [], timers: [] };
    throw new CommandCronError("FILE_INVALID", { field: path, expected: "the record of a take-over", cause });
  }
  throw new CommandCronError("FILE_INVALID", { field: path, expected: "the record of a take-over, of version 1" });
}

function write(stateDir: string, record: TakeOver): void {
  const { copy, timers, unfinished } = record;
  if (copy === undefined && timers.length === 0 && unfinished.length === 0) rmSync(pathIn(stateDir), { force: true });
  else writeWhole(pathIn(stateDir), `${JSON.stringify(record, null, 2)}\n`);
}

/** Puts on record that a move begins, with what is remembered for it. */
export function beginMove(stateDir: string, record: TakeOver, system: System): void {
  if (!record.unfinished.includes(system)) record.unfinished.push(system);
  write(stateDir, record);
}

/** Puts on record that it has come to its end; a record of nothing goes. */
export function endMove(stateDir: string, record: TakeOver, system: System): void {
  if (!record.unfinished.includes(system)) return;
  record.unfinished = record.unfinished.filter((other) => other !== system);
  write(stateDir, record);
}
