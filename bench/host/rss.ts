import { setTimeout as sleep } from "node:timers/promises";

/** Resident bytes once what is garbage is gone and pages had a moment to go back. Needs `--expose-gc`. */
export async function settledRss(): Promise<number> {
  for (let turn = 0; turn < 3; turn += 1) {
    globalThis.gc?.();
    await sleep(50);
  }
  return process.memoryUsage.rss();
}
