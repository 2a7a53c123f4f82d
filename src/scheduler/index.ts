/** One timer: due occurrences become runs, ready runs get slots. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { SECOND_MS } from "../kernel/durations.ts";
import { errorText } from "../kernel/errors.ts";
import type { Logger } from "../kernel/logger.ts";
import { type AdmissionDeps, createAdmission } from "./admission.ts";
import { createDecider, type DeciderDeps } from "./decider.ts";
import { createWakeTimer } from "./timer.ts";

export type { Admitted, Claim } from "./admission.ts";
export { DEFAULT_POOL, newRunFor, pauseAt, recordPassedOver, weighOverlap } from "./new-run.ts";
export { nextUnclaimed, unclaimedStretches } from "./set-back.ts";

/** What the scheduler sets in motion; not asked for before `start`. */
type SchedulerHands = Pick<DeciderDeps, "cancelRuns"> &
  Pick<AdmissionDeps, "launch" | "unclaimable" | "admit"> & {
    /** Ends what waits for a person and whose time is over. */
    expire(): void;
  };

type SchedulerDeps = Omit<DeciderDeps & AdmissionDeps, keyof SchedulerHands> & {
  logger: Logger;
  /** Waits so long for others to share a look's commit. */
  pause(ms: number): Promise<void>;
  /** The ledger refused a decision or a claim (undefined: it works again). Nothing was started for it. */
  onLedger(error: unknown | undefined): void;
  /** The wall clock moved by itself. */
  onClockJump(byMs: number): void;
};

/** A look that fails comes again after 1, 2, 4 and then each 8 seconds: what has ended is known within ten. */
const MAX_DOUBLINGS = 3;

/**
 * Where many run, many end: a look that was asked for waits a millisecond for every so many, and what comes meanwhile shares
 * its commit. By then each of them has taken longer than that to start; fewer wait for nothing.
 */
const RUNS_PER_HELD_MS = 4;
const HELD_MAX_MS = 10;

export interface Scheduler {
  start(hands: SchedulerHands): void;
  stop(): void;
  /** Something changed: look again in the next turn of the event loop, once for all who ask. Resolves after the look. */
  poke(): Promise<void>;
  /**
   * Does the work in the transaction of the next look, before slots are given: what it frees and queues is claimed with
   * it. Resolves when that is committed; raises what the work raises, which undoes its own writes only, and
   * LEDGER_UNAVAILABLE. Where no looks are taken it has a transaction of its own.
   */
  join<T>(work: () => T): Promise<T>;
  /** A run has left its slot; within joined work, if that is committed. */
  free(runId: string): void;
  /** A run holds a slot since before the restart. */
  occupy(runId: string, pool: string): void;
  running(): number;
  /** What a pool may run at a time, and runs now. */
  pool(name: string): { limit: number; running: number };
  /** Decides what is due of one job now: it is about to change. */
  decide(jobId: string): void;
  /** Writes what is left of occurrences on many nodes. */
  spreadAll(): void;
}

/** The one timer: decides what is due, gives slots to what is ready, sleeps until the next instant. */
export function createScheduler(deps: SchedulerDeps): Scheduler {
  let hands: SchedulerHands | undefined;
  const decider = createDecider({ ...deps, cancelRuns: (runIds, by) => hands?.cancelRuns(runIds, by) });
  const admission = createAdmission({
    ...deps,
    launch: (claims) => hands?.launch(claims),
    admit: (run, nowMs) => hands?.admit(run, nowMs),
    unclaimable: (run, error) => hands?.unclaimable(run, error) ?? false,
  });
  const timer = createWakeTimer(deps.clock, wake, deps.onClockJump);
  let live = false;
  let nextLook: Promise<void> | undefined;
  /** Looks in a row in which something failed. */
  let failures = 0;
  /** The wall clock at the last look. A clock that shows less has been set back, perhaps while we were away. */
  let lookedAtMs = Number.POSITIVE_INFINITY;
  let lookedMonoMs = deps.clock.monotonicMs();
  /** The earliest that the clock can have shown since the last look, however it was moved. */
  const shownMs = (nowMs: number): number => nowMs - (deps.clock.monotonicMs() - lookedMonoMs);

  /** Deciding and claiming each have a turn of the event loop: nobody waits for both. Neither stops the other. */
  function wake(): void {
    let more = false;
    let looked = false;
    const failed = attempt(() => {
      const nowMs = deps.clock.nowMs();
      more = nowMs < lookedAtMs && decider.bringBack(nowMs, shownMs(nowMs));
      if (!more) {
        lookedAtMs = nowMs;
        lookedMonoMs = deps.clock.monotonicMs();
      }
      looked = decider.spreading() || isDue(nowMs);
      if (looked) more = decider.step(nowMs) || more;
    });
    if (live && (looked || failed)) setImmediate(claim, more, failed);
    else claim(more, failed);
  }

  function claim(more: boolean, failedBefore: boolean): void {
    const failed = attempt(() => {
      hands?.expire();
      const crowded = admission.pump(more);
      timer.arm(more || crowded ? deps.clock.nowMs() : earliestMs());
    });
    // Whoever waits for it is told also by a look that came to nothing.
    if (failed || !live) admission.alone();
    if (!live) return;
    if (failed || failedBefore) {
      failures += 1;
      timer.arm(deps.clock.nowMs() + SECOND_MS * 2 ** Math.min(failures - 1, MAX_DOUBLINGS));
    } else if (failures > 0) {
      failures = 0;
      deps.onLedger(undefined);
    }
  }

  /** Answers whether it failed. */
  function attempt(work: () => void): boolean {
    if (!live) return false;
    try {
      work();
      return false;
    } catch (error) {
      deps.logger.error(`scheduling stopped for now: ${errorText(error)}`);
      deps.onLedger(error);
      return true;
    }
  }

  /** A look without a transaction: most wakes are for a run that ended or was asked for. */
  function isDue(nowMs: number): boolean {
    const due = deps.ledger.jobs.earliestDueMs();
    return due !== undefined && due <= nowMs;
  }

  /** Ready runs that found no slot wait for a slot to be free, not for the timer. */
  function earliestMs(): number | undefined {
    const { jobs, runs, approvals } = deps.ledger;
    const all = [jobs.earliestDueMs(), runs.earliestReadyMs(deps.clock.nowMs()), approvals.earliestExpiryMs()];
    const known = all.filter((atMs) => atMs !== undefined);
    return known.length === 0 ? undefined : Math.min(...known);
  }

  async function look(): Promise<void> {
    const heldMs = Math.min(Math.floor(admission.running() / RUNS_PER_HELD_MS), HELD_MAX_MS);
    if (heldMs > 0) await deps.pause(heldMs);
    await nextTurn();
    nextLook = undefined;
    wake();
  }

  function poke(): Promise<void> {
    if (!live) return Promise.resolve();
    nextLook ??= look();
    return nextLook;
  }

  return {
    start(given) {
      hands = given;
      live = true;
      wake();
    },
    stop() {
      live = false;
      timer.stop();
      admission.alone();
    },
    poke,
    join(work) {
      const done = admission.join(work);
      if (live) void poke();
      else admission.alone();
      return done;
    },
    free: (runId) => admission.free(runId),
    occupy: (runId, pool) => admission.occupy(runId, pool),
    running: () => admission.running(),
    pool: (name) => admission.pool(name),
    decide: (jobId) => decider.decide(jobId, shownMs(deps.clock.nowMs())),
    spreadAll: decider.spreadAll,
  };
}
