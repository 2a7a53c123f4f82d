import type { Cleanup } from "../../../../schema/wire/run.ts";
import type { AttemptResult } from "../../../executor/types.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { SECOND_MS } from "../../../kernel/durations.ts";
import { errorText } from "../../../kernel/errors.ts";
import type { Events } from "../../../kernel/events.ts";
import type { Logger } from "../../../kernel/logger.ts";
import { eachApart } from "../../../ledger/index.ts";
import type { Ledger } from "../../../ledger/types.ts";
import type { CommitPoint } from "../../deps.ts";
import { parseAttemptKey, runningRun } from "../attempt/index.ts";
import type { Finished, RunEnds } from "./end-run.ts";

interface SettlerDeps {
  ledger: Ledger;
  clock: Clock;
  events: Events;
  logger: Logger;
  ends: RunEnds;
  /** The scheduler's: does the work in the transaction of its next look. */
  join<T>(work: () => T): Promise<T>;
  /** The runs leave their slots; within joined work. */
  left(runIds: string[]): void;
  /** Everything about some ends is committed. */
  settled(): void;
  /** The results are on disk; whoever held them may forget them. */
  acknowledge(attemptKeys: string[]): void;
  onLedger(error: unknown | undefined): void;
  at(point: CommitPoint): void;
}

/** What has ended waits here until it is written, together with a few others. Repeats are harmless. */
export interface Settler {
  /** One result. */
  queue(result: AttemptResult): void;
  /** An attempt whose result nobody will ever know; a result that waits already is better. */
  queueLost(attemptKey: string, reason: string, cleanup: Cleanup | undefined): void;
  /** Resolves when nothing waits to be written. */
  idle(): Promise<void>;
  stop(): void;
}

/** Writes one end, in the transaction of a few; answers what to tell when a run is over with it. */
type Waiting = [attemptKey: string, settle: () => Finished | undefined];

/** Results settled in one transaction; more of them hold the event loop no longer, they take further turns. */
const RESULTS_PER_TURN = 8;

/** Writes how attempts ended: attempt, run, job state, alerts and outbox rows in one transaction. */
export function createSettler(deps: SettlerDeps): Settler {
  const { ledger, clock, events, ends } = deps;
  const waiting = new Map<Waiting[0], Waiting[1]>();
  /** Committed, and not yet known to be on disk. */
  const unacknowledged: string[] = [];
  let flushing: Promise<void> | undefined;
  /** Resolves when all of them are. */
  let acknowledged: Promise<unknown> = Promise.resolve();
  let cancelRetry: (() => void) | undefined;

  async function flush(): Promise<void> {
    try {
      while (waiting.size > 0) {
        const { batch, finished, unwritable } = await deps.join(settleSome);
        for (const [attemptKey] of batch) {
          waiting.delete(attemptKey);
          if (!unwritable.has(attemptKey)) unacknowledged.push(attemptKey);
        }
        deps.at("settled");
        deps.settled();
        for (const end of finished) if (end !== undefined) events.emit("run-finished", end);
        acknowledged = Promise.all([acknowledged, acknowledge()]);
      }
    } catch (error) {
      tryAgain(error);
    }
  }

  async function acknowledge(): Promise<void> {
    const keys = unacknowledged.splice(0);
    try {
      await ledger.durable();
      deps.onLedger(undefined);
      deps.acknowledge(keys);
      deps.at("acknowledged");
    } catch (error) {
      unacknowledged.push(...keys);
      tryAgain(error);
    }
  }

  function tryAgain(error: unknown): void {
    deps.logger.error(`results wait for the ledger: ${errorText(error)}`);
    deps.onLedger(error);
    cancelRetry ??= clock.setTimer(() => {
      cancelRetry = undefined;
      if (unacknowledged.length > 0) acknowledged = Promise.all([acknowledged, acknowledge()]);
      schedule();
    }, SECOND_MS);
  }

  /** In the transaction of a look. */
  function settleSome() {
    const batch = [...waiting].slice(0, RESULTS_PER_TURN);
    /** Neither settled nor given up: their slots are free, and whoever holds the results keeps them. */
    const unwritable = new Set<string>();
    const finished = eachApart(
      ledger,
      batch,
      ([, settle]) => settle(),
      ([attemptKey], error) => {
        const run = runningRun(ledger, parseAttemptKey(attemptKey));
        if (run === undefined) return undefined;
        const end = ends.giveUp(run, "lost", "its result could not be recorded", error);
        if (end === undefined) unwritable.add(attemptKey);
        return end;
      },
    );
    // The slot of a run whose next attempt is on its way already is not that of the attempt that ended.
    const left = batch.flatMap(([key], index) => {
      const { runId } = parseAttemptKey(key);
      const isOver = finished[index] !== undefined || unwritable.has(key);
      return isOver || ledger.runs.get(runId)?.status !== "running" ? [runId] : [];
    });
    deps.left(left);
    return { batch, finished, unwritable };
  }

  function schedule(): void {
    flushing ??= flush().finally(() => {
      flushing = undefined;
      if (waiting.size > 0 && cancelRetry === undefined) schedule();
    });
  }

  return {
    queue(result) {
      deps.at("result-received");
      waiting.set(result.attemptKey, () => ends.settle(result));
      schedule();
    },
    queueLost(key, reason, cleanup) {
      if (waiting.has(key)) return;
      waiting.set(key, () => {
        const run = runningRun(ledger, parseAttemptKey(key));
        return run === undefined ? undefined : ends.lost(run, reason, cleanup);
      });
      schedule();
    },
    async idle() {
      while (flushing !== undefined) await flushing;
      await acknowledged;
    },
    stop() {
      cancelRetry?.();
    },
  };
}
