import { closeSync, openSync, readdirSync, readFileSync, readSync, writeFileSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { systemCode } from "../../kernel/errors.ts";
import { orUndefined, succeeds } from "../../kernel/or-undefined.ts";
import { type ProcessEntry, type ProcessTable, sendSignal } from "./table.ts";

/** USER_HZ has been 100 on every Linux platform Node supports. */
const MS_PER_TICK = 10;
/** Reading more rows than this in one go would hold up the event loop. */
const ROWS_PER_TURN = 512;
/** A wider range of fresh pids is not cheaper than the whole list. */
const SINCE_MAX = 400;

const scratch = Buffer.allocUnsafeSlow(4_096);

/** A small file of /proc; sizes there are unknown until read. */
function readSmall(path: string): string | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(path, "r");
    return scratch.toString("latin1", 0, readSync(fd, scratch, 0, scratch.length, null));
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** Reads a line of /proc/<pid>/stat. The name in brackets may hold anything, so fields are counted from its last bracket. */
export function parseStat(line: string): ProcessEntry | undefined {
  const open = line.indexOf(" (");
  const close = line.lastIndexOf(") ");
  if (open < 0 || close < 0) return undefined;
  const fields = line.slice(close + 2).split(" ");
  const field = (index: number): number => Number(fields[index]);
  return {
    pid: Number(line.slice(0, open)),
    // The main thread may have ended before the others: the process is shown as a zombie and works on.
    state: fields[0] === "Z" && field(17) > 1 ? "S" : (fields[0] ?? "X"),
    ppid: field(1),
    pgrp: field(2),
    session: field(3),
    cpuMs: (field(11) + field(12) + field(13) + field(14)) * MS_PER_TICK,
    startTime: field(19),
  };
}

function entry(pid: number): ProcessEntry | undefined {
  const line = readSmall(`/proc/${pid}/stat`);
  return line === undefined ? undefined : parseStat(line);
}

async function list(): Promise<ProcessEntry[]> {
  const rows: ProcessEntry[] = [];
  const last = lastPid();
  const pids = readdirSync("/proc").flatMap((name) => (name.charCodeAt(0) <= 57 ? [Number(name)] : []));
  for (const [index, pid] of pids.entries()) {
    const row = entry(pid);
    if (row !== undefined) rows.push(row);
    if (index % ROWS_PER_TURN === ROWS_PER_TURN - 1) await nextTurn();
  }
  // The names were read at once, the rows were not: who was forked in between would be missing.
  return [...rows, ...(since(last) ?? [])];
}

/** The pid that was given out last. */
const lastPid = (): number => Number(readSmall("/proc/loadavg")?.trim().split(" ").at(-1));

function since(pid: number): ProcessEntry[] | undefined {
  const rows: ProcessEntry[] = [];
  for (let next = pid + 1, last = lastPid(); ; last = lastPid()) {
    // Pids wrap: a smaller last pid says nothing about what was given out in between.
    if (!(last >= pid) || last - pid > SINCE_MAX) return undefined;
    if (next > last) return rows;
    for (; next <= last; next++) {
      const row = entry(next);
      if (row !== undefined) rows.push(row);
    }
  }
}

/** The environment of a process; of one whose main thread has ended, through another of its threads. */
function environOf(pid: number): string {
  const environ = readFileSync(`/proc/${pid}/environ`, "latin1");
  if (environ !== "" || entry(pid)?.state !== "S") return environ;
  const threads = readdirSync(`/proc/${pid}/task`).filter((thread) => Number(thread) !== pid);
  return threads.length === 0 ? "" : readFileSync(`/proc/${pid}/task/${threads[0]}/environ`, "latin1");
}

function carries(pid: number, variable: string): boolean | undefined {
  try {
    const environ = environOf(pid);
    if (environ === "") return undefined;
    return environ.startsWith(`${variable}\0`) || environ.includes(`\0${variable}\0`);
  } catch (error) {
    // Gone since it was listed: it may have started another one on its way out.
    return ["ENOENT", "ESRCH"].includes(systemCode(error) ?? "") ? undefined : false;
  }
}

function commandOf(pid: number): string {
  const line = orUndefined(() => readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim());
  // Gone, or not ours to read: its short name may still be.
  return line || (readSmall(`/proc/${pid}/comm`)?.trim() ?? "");
}

function memoryOf(pid: number): { residentBytes: number; peakBytes: number } | undefined {
  const status = readSmall(`/proc/${pid}/status`);
  if (status === undefined) return undefined;
  const kib = (name: string): number => Number(new RegExp(`^${name}:\\s*(\\d+) kB`, "m").exec(status)?.[1] ?? 0);
  return { residentBytes: kib("VmRSS") * 1_024, peakBytes: kib("VmHWM") * 1_024 };
}

/** Reads /proc. */
export const linuxProcessTable: ProcessTable = {
  list,
  since,
  entry,
  carries,
  commandOf,
  memoryOf,
  signal: sendSignal,
  weighSession: (pid, nice) => succeeds(() => writeFileSync(`/proc/${pid}/autogroup`, String(nice))),
};
