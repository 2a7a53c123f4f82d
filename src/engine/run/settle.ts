import { setImmediate as nextTurn } from "node:timers/promises";
import type { Cleanup } from "../../../schema/wire/run.ts";
import type { AttemptResult } from "../../executor/types.ts";
import type { Clock } from "../../kernel/clock.ts";
import { SECOND_MS } from "../../kernel/durations.ts";
import { errorText } from "../../kernel/errors.ts";
import type { Events } from "../../kernel/events.ts";
import type { Logger } from "../../kernel/logger.ts";
import { eachApart } from "../../ledger/index.ts";
import type { Ledger } from "../../ledger/types.ts";
import type { CommitPoint } from "../deps.ts";
import { runningRun } from "./attempt-ends.ts";
import type { Finished, RunEnds } from "./end-run.ts";
import { parseAttemptKey } from "./spec.ts";

interface SettlerDeps {
  ledger: Ledger;
  clock: Clock;
  events: Events;
  logger: Logger;
  ends: RunEnds;
  /** The runs have left their slots and everything about them is committed. */
  settled(runIds: string[]): void;
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
const RESULTS_PER_TURN = 4;

/** Writes how attempts ended: attempt, run, job state, alerts and outbox rows in one transaction. */
export function createSettler(deps: SettlerDeps): Settler {
  const { ledger, clock, events, ends } = deps;
  const waiting = new Map<Waiting[0], Waiting[1]>();
  /** Committed, and not yet known to be on disk. */
  const unacknowledged: string[] = [];
  let flushing: Promise<void> | undefined;
  let cancelRetry: (() => void) | undefined;

  async function flush(): Promise<void> {
    const batch = [...waiting];
    try {
      for (let from = 0; from < batch.length; from += RESULTS_PER_TURN) {
        if (from > 0) await nextTurn();
        settleSome(batch.slice(from, from + RESULTS_PER_TURN));
      }
      await ledger.durable();
      deps.onLedger(undefined);
      deps.acknowledge(unacknowledged.splice(0));
      deps.at("acknowledged");
    } catch (error) {
      deps.logger.error(`results wait for the ledger: ${errorText(error)}`);
      deps.onLedger(error);
      cancelRetry ??= clock.setTimer(() => {
        cancelRetry = undefined;
        schedule();
      }, SECOND_MS);
    }
  }

  function settleSome(batch: Waiting[]): void {
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
    for (const [attemptKey] of batch) {
      waiting.delete(attemptKey);
      if (!unwritable.has(attemptKey)) unacknowledged.push(attemptKey);
    }
    deps.at("settled");
    // The slot of a run whose next attempt is on its way already is not that of the attempt that ended.
    const left = batch.flatMap(([key], index) => {
      const { runId } = parseAttemptKey(key);
      const isOver = finished[index] !== undefined || unwritable.has(key);
      return isOver || ledger.runs.get(runId)?.status !== "running" ? [runId] : [];
    });
    deps.settled(left);
    for (const end of finished) if (end !== undefined) events.emit("run-finished", end);
  }

  function schedule(): void {
    flushing ??= nextTurn()
      .then(flush)
      .finally(() => {
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
    },
    stop() {
      cancelRetry?.();
    },
  };
}
