import type { Ours } from "./ours.ts";

/** How often it is looked at who is due. */
const TICK_MS = 10;
/** Never more calls and runs under way than this: beyond it the machine does not follow. */
const UNDER_WAY_MAX = 200;
/** A write to the ledger wakes the look before; this is for the one that was missed. */
const LOOK_MS = 5;

export interface Asked {
  /** From the call to the final row, milliseconds, of runs that ended since the last `take`. */
  eachMs: number[];
  /** Runs asked for, and those whose call was refused, since the beginning. */
  asked: number;
  refused: number;
  /** Not asked for because too many were under way, since the beginning. */
  held: number;
}

/** Asks for so many runs a second, evenly, whatever becomes of them. */
export function askSteadily(ours: () => Ours, ids: readonly string[], perSecond: number) {
  const sums = { asked: 0, refused: 0, held: 0 };
  let eachMs: number[] = [];
  let underWay = 0;
  let due = 0;
  const beganAt = performance.now();

  async function one(id: string): Promise<void> {
    underWay += 1;
    const begin = performance.now();
    try {
      const { run, ledger } = ours();
      const runId = await run(id);
      sums.asked += 1;
      eachMs.push((await ledger.final(runId, LOOK_MS)) - begin);
    } catch {
      sums.refused += 1;
    } finally {
      underWay -= 1;
    }
  }

  const timer = setInterval(() => {
    for (const until = ((performance.now() - beganAt) / 1_000) * perSecond; due < until; due += 1) {
      if (underWay < UNDER_WAY_MAX) void one(ids[due % ids.length] ?? "");
      else sums.held += 1;
    }
  }, TICK_MS);

  return {
    take(): Asked {
      const taken = { ...sums, eachMs };
      eachMs = [];
      return taken;
    },
    stop: () => clearInterval(timer),
  };
}
