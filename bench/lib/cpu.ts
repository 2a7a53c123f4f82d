import { repeat } from "./repeat.ts";
import { median } from "./stats.ts";

const sum = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1_000;

/** CPU milliseconds of this process so far, all its threads together. */
export const processCpuMs = (): number => sum(process.cpuUsage());

/** CPU time of this thread; threads that sync the disk or collect garbage beside it do not hold its event loop. */
export const threadCpuMs = (): number => sum(process.threadCpuUsage());

/** CPU milliseconds that this process uses meanwhile. */
export async function cpuOf(work: () => unknown): Promise<number> {
  const before = processCpuMs();
  await work();
  return processCpuMs() - before;
}

/** Median of several tries of the same work, after some that do not count. */
export async function medianCpuOf(work: () => unknown, tries: number, warmUp = 0): Promise<number> {
  await repeat(warmUp, work);
  return median(await repeat(tries, () => cpuOf(work)));
}
