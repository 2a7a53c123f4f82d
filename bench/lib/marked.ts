import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive } from "../../test/helpers/processes.ts";
import { waitFor } from "../../test/helpers/wait-for.ts";

const LOOK_MS = 1;

function argumentsOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

/** Living processes with this text among their arguments. */
export const findMarked = (mark: string): number[] =>
  readdirSync("/proc")
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid && argumentsOf(pid).includes(mark) && isAlive(pid));

/** Waits until there are so many. */
export const untilMarked = (mark: string, count: number): Promise<number[]> =>
  waitFor(
    () => {
      const found = findMarked(mark);
      return found.length >= count ? found : undefined;
    },
    { timeoutMs: 30_000, everyMs: 100, what: `${count} processes marked ${mark}` },
  );

/** Resolves when none of them is alive; a process that only waits to be reaped is not. */
export async function allDead(pids: readonly number[]): Promise<void> {
  const left = [...pids];
  for (;;) {
    while (left.length > 0 && !isAlive(left.at(-1) ?? 0)) left.pop();
    if (left.length === 0) return;
    await sleep(LOOK_MS);
  }
}
