import { readFileSync } from "node:fs";

const LOOK_MS = 100;

/** Resident bytes of a process (Linux). */
export function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kilobytes ?? Number.NaN) * 1_024;
}

/** CPU milliseconds a process has used (Linux, 100 ticks a second). */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

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
