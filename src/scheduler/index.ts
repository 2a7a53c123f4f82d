/** One timer: due occurrences become runs, ready runs get slots. */
import type { Clock } from "../kernel/clock.ts";
import { SECOND_MS } from "../kernel/durations.ts";
import { errorText } from "../kernel/errors.ts";
import type { Events } from "../kernel/events.ts";
import type { Logger } from "../kernel/logger.ts";
import type { JobRecord, Ledger, NewRun, RunRecord } from "../ledger/types.ts";
import { createDecider } from "./decider.ts";
import { createDispatcher } from "./dispatcher.ts";
import { createWakeTimer, MAX_SLEEP_MS } from "./timer.ts";

export { compileJob, firstDueMs } from "./compile.ts";
export { BLOCKED_UNTIL_MS, DEFAULT_POOL, newRunFor, overlapOf, weighOverlap } from "./decider.ts";
export { bringBack, nextUnclaimed, unclaimedStretches } from "./set-back.ts";

export interface SchedulerDeps {
  ledger: Ledger;
  clock: Clock;
  events: Events;
  logger: Logger;
  hostTz: string;
  concurrency: number;
  pools: Record<string, number>;
  /** A step of decisions is committed. */
  decided(): void;
  passedOver(job: JobRecord, row: NewRun): void;
  began(run: RunRecord, startedAtMs: number): void;
  launch(runs: RunRecord[]): void;
  cancelRuns(runIds: string[], by: string): void;
  onBroken(job: JobRecord, reason: string): void;
  /** The ledger refused a decision (undefined: it works again). Nothing was started for it. */
  onLedger(error: unknown | undefined): void;
  /** The wall clock moved by itself. */
  onClockJump(byMs: number): void;
}

export interface Scheduler {
  start(): void;
  stop(): void;
  /** Something changed: look again in the next turn of the event loop, once for all who ask. Resolves after the look. */
  poke(): Promise<void>;
  /** A run has left its slot. */
  release(runId: string): void;
  /** A run holds a slot since before the restart. */
  occupy(runId: string, pool: string): void;
  running(): number;
  /** Decides what is due of one job now: it is about to change. */
  decide(jobId: string): void;
}

/** The one timer: decides what is due, gives slots to what is ready, sleeps until the next instant. */
export function createScheduler(deps: SchedulerDeps): Scheduler {
  const decider = createDecider(deps);
  const dispatcher = createDispatcher(deps);
  const timer = createWakeTimer(deps.clock, wake, deps.onClockJump);
  let live = false;
  let nextLook: Promise<void> | undefined;
  let failures = 0;
  /** The wall clock at the last look. A clock that shows less has been set back, perhaps while we were away. */
  let lookedAtMs = Number.POSITIVE_INFINITY;

  /** Deciding and claiming each have a turn of the event loop: nobody waits for both. */
  function wake(): void {
    attempt(() => {
      const nowMs = deps.clock.nowMs();
      const ahead = nowMs < lookedAtMs && decider.bringBack(nowMs);
      if (!ahead) lookedAtMs = nowMs;
      if (!isDue(nowMs)) return claim(ahead);
      const more = decider.step(nowMs) || ahead;
      setImmediate(() => attempt(() => claim(more)));
    });
  }

  function claim(more = false): void {
    dispatcher.pump();
    timer.arm(more ? deps.clock.nowMs() : earliestMs());
    if (failures > 0) {
      failures = 0;
      deps.onLedger(undefined);
    }
  }

  function attempt(work: () => void): void {
    if (!live) return;
    try {
      work();
    } catch (error) {
      failures += 1;
      deps.logger.error(`scheduling stopped for now: ${errorText(error)}`);
      deps.onLedger(error);
      timer.arm(deps.clock.nowMs() + Math.min(MAX_SLEEP_MS, SECOND_MS * 2 ** Math.min(failures - 1, 5)));
    }
  }

  /** A look without a transaction: most wakes are for a run that ended or was asked for. */
  function isDue(nowMs: number): boolean {
    const due = deps.ledger.jobs.earliestDueMs();
    return due !== undefined && due <= nowMs;
  }

  /** Ready runs that found no slot wait for a release, not for the timer. */
  function earliestMs(): number | undefined {
    const due = deps.ledger.jobs.earliestDueMs();
    const ready = deps.ledger.runs.earliestReadyMs(deps.clock.nowMs());
    return due === undefined || ready === undefined ? (due ?? ready) : Math.min(due, ready);
  }

  return {
    start() {
      live = true;
      wake();
    },
    stop() {
      live = false;
      timer.stop();
    },
    poke() {
      if (!live) return Promise.resolve();
      nextLook ??= new Promise((looked) => {
        setImmediate(() => {
          nextLook = undefined;
          wake();
          looked();
        });
      });
      return nextLook;
    },
    release: (runId) => dispatcher.release(runId),
    occupy: (runId, pool) => dispatcher.occupy(runId, pool),
    running: () => dispatcher.running(),
    decide: decider.decide,
  };
}
