import { readFileSync } from "node:fs";

const LOOK_MS = 100;

/** Resident bytes of a process (Linux). */
export function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kilobytes ?? Number.NaN) * 1_024;
}

/** Bytes of a process that no other process shares, written or not (Linux). */
export function privateBytes(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  return (
    1_024 * [...rollup.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB/gm)].reduce((sum, [, kb]) => sum + Number(kb), 0)
  );
}

/** Two counters of a process that stand beside each other, user's and system's, in milliseconds (Linux, 100 ticks a second). */
function ticksMs(pid: number | "self", first: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[first]) + Number(fields[first + 1])) * 10;
}

/** CPU milliseconds a process has used. */
export const cpuMs = (pid: number): number => ticksMs(pid, 11);

/** CPU milliseconds of all children of this process that have ended, and of theirs. */
export const childrenCpuMs = (): number => ticksMs("self", 13);

/** Watches a process grow. */
export function watchRss(pid: number): { stop(): { first: number; peak: number } } {
  const first = residentBytes(pid);
  let peak = first;
  const timer = setInterval(() => {
    peak = Math.max(peak, residentBytes(pid));
  }, LOOK_MS);
  return {
    stop() {
      clearInterval(timer);
      return { first, peak: Math.max(peak, residentBytes(pid)) };
    },
  };
}
