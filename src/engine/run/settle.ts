import { setImmediate as nextTurn } from "node:timers/promises";
import type { Cleanup, RunStatus } from "../../../schema/wire/run.ts";
import { unstarted } from "../../executor/index.ts";
import type { AttemptResult } from "../../executor/types.ts";
import type { Clock } from "../../kernel/clock.ts";
import { SECOND_MS } from "../../kernel/durations.ts";
import { errorText } from "../../kernel/errors.ts";
import type { EventMap, Events } from "../../kernel/events.ts";
import type { Logger } from "../../kernel/logger.ts";
import type { JobRecord, JobStatePatch, Ledger, RunRecord } from "../../ledger/types.ts";
import {
  decideAfterRun,
  decideRetry,
  outcomeError,
  parseInstant,
  toRunStatus,
  toWireStatus,
} from "../../policy/index.ts";
import { BLOCKED_UNTIL_MS, firstDueMs } from "../../scheduler/index.ts";
import type { CommitPoint } from "../deps.ts";
import { removeJob } from "../jobs/index.ts";
import { endAttempt, endOpenAttempt, runningRun } from "./attempt-ends.ts";
import { attemptKey, parseAttemptKey } from "./launch.ts";
import type { Publisher } from "./publish.ts";

export interface SettlerDeps {
  ledger: Ledger;
  clock: Clock;
  hostTz: string;
  random(): number;
  events: Events;
  logger: Logger;
  publisher: Publisher;
  /** The runs have left their slots and everything about them is committed. */
  settled(runIds: string[]): void;
  /** The results are on disk; whoever held them may forget them. */
  acknowledge(attemptKeys: string[]): void;
  onLedger(error: unknown | undefined): void;
  at(point: CommitPoint): void;
}

export interface Settler {
  /** Takes one result; a few that come together share a transaction. Repeats are harmless. */
  take(result: AttemptResult): void;
  /** Takes an attempt whose result nobody will ever know; a result that waits already is better. */
  takeLost(attemptKey: string, reason: string, cleanup: Cleanup | undefined): void;
  /** Writes a lost attempt and its run, in the caller's transaction. */
  settleLost(run: RunRecord, reason: string, cleanup: Cleanup | undefined): void;
  /** Ends a run that never got (or lost) its process, in the caller's transaction. */
  settleWithoutProcess(
    run: RunRecord,
    status: "lost" | "canceled",
    reason: string,
    error: string,
    cleanup?: Cleanup,
  ): void;
  /** Resolves when nothing waits to be written. */
  idle(): Promise<void>;
  stop(): void;
}

/** Writes one end, in the transaction of a few; answers what to tell when a run is over with it. */
type Waiting = () => EventMap["run-finished"] | undefined;

/** Results settled in one transaction; more of them hold the event loop no longer, they take further turns. */
const RESULTS_PER_TURN = 4;

/** Writes how attempts ended: attempt, run, job state, alerts and outbox rows in one transaction. */
export function createSettler(deps: SettlerDeps): Settler {
  const { ledger, clock, events } = deps;
  const waiting = new Map<string, Waiting>();
  /** Committed, and not yet known to be on disk. */
  const unacknowledged: string[] = [];
  let flushing: Promise<void> | undefined;
  let cancelRetry: (() => void) | undefined;

  /** Answers what to tell when the run is over; nothing when it is tried again, or was settled before. */
  function settleOne(result: AttemptResult): EventMap["run-finished"] | undefined {
    const run = runningRun(ledger, parseAttemptKey(result.attemptKey));
    if (run === undefined) return undefined;
    endAttempt(ledger, run, result);
    const job = ledger.jobs.get(run.jobId);
    const retry = decideRetry({
      policy: job?.definition.policy?.retry,
      attempt: run.attempt,
      result: { outcome: result.outcome, exitCode: result.exitCode, treeGone: result.cleanup.left.length === 0 },
      firstStartedAtMs: run.startedAtMs ?? result.startedAtMs,
      nowMs: clock.nowMs(),
      random: deps.random(),
    });
    if (retry.verdict === "retry") {
      ledger.runs.requeue(run.id, retry.atMs);
      return undefined;
    }
    return { jobId: run.jobId, runId: run.id, status: finish(run, job, result) };
  }

  function finish(run: RunRecord, job: JobRecord | undefined, result: AttemptResult): RunStatus {
    const status = toRunStatus(result.outcome, result.exitCode);
    const error = outcomeError(result);
    const published = deps.publisher.publish({ run, job, result, status, error });
    ledger.runs.settle(run.id, {
      status,
      endedAtMs: result.endedAtMs,
      outcome: result.outcome,
      ...(result.exitCode === null ? {} : { exitCode: result.exitCode }),
      ...(result.signal === null ? {} : { signal: result.signal }),
      ...(error === undefined ? {} : { error }),
      ...(result.canceledBy === undefined ? {} : { reason: `canceled by ${result.canceledBy}` }),
      ...published.settlement,
    });
    if (job !== undefined) {
      noteOnJob(
        run,
        job,
        { status, error, startedAtMs: result.startedAtMs, endedAtMs: result.endedAtMs },
        published.patch,
      );
    }
    ledger.runs.release(run.jobId, BLOCKED_UNTIL_MS, clock.nowMs());
    return status;
  }

  function noteOnJob(
    run: RunRecord,
    job: JobRecord,
    end: { status: RunRecord["status"]; error: string | undefined; startedAtMs: number; endedAtMs: number },
    extra: JobStatePatch,
  ): void {
    const wire = toWireStatus(end.status) ?? "error";
    const after = decideAfterRun({
      policy: job.definition.policy,
      trigger: run.trigger,
      status: wire,
      canceled: end.status === "canceled",
      state: job,
      nowMs: end.endedAtMs,
    });
    const startedAtMs = run.startedAtMs ?? end.startedAtMs;
    ledger.jobs.patchState(job.id, {
      ...after,
      ...(after.enabled === true && job.nextDueMs === undefined ? wake(job) : {}),
      lastRunId: run.id,
      lastRunAtMs: startedAtMs,
      lastStatus: wire,
      lastError: end.error ?? null,
      lastDurationMs: Math.max(0, end.endedAtMs - startedAtMs),
      ...(wire === "ok" ? { lastOkAtMs: end.endedAtMs } : {}),
      addTotals: { runs: 1, ...(wire === "ok" ? { ok: 1 } : { error: 1 }) },
      ...extra,
    });
    if (after.enabled === true) ledger.notices.close("JOB_DISABLED", job.id, end.endedAtMs);
    if (run.trigger === "schedule" && isTheOne(job, run)) retire(job, wire === "ok");
  }

  /** A job that was disabled for its failures is well again: it goes on from here. */
  function wake(job: JobRecord): JobStatePatch {
    const nowMs = clock.nowMs();
    return { cursorMs: Math.max(job.cursorMs, nowMs), nextDueMs: firstDueMs(job, nowMs, deps.hostTz) ?? null };
  }

  /** True for the occurrence of a one-shot job: it may have been given another instant meanwhile. */
  const isTheOne = (job: JobRecord, { scheduledForMs }: RunRecord): boolean =>
    job.definition.schedule.kind === "at" && scheduledForMs === parseInstant(job.definition.schedule.at);

  /** A one-shot job has had its occurrence: gone after success when it asked for that, else kept, disabled. */
  function retire(job: JobRecord, ok: boolean): void {
    if (ok && job.definition.deleteAfterRun === true) removeJob(deps, job.id);
    else ledger.jobs.patchState(job.id, { enabled: false, nextDueMs: null });
  }

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

  function settleSome(batch: [attemptKey: string, settle: Waiting][]): void {
    const ends = ledger.transaction(() => batch.map(([, settle]) => settle()));
    for (const [attemptKey] of batch) {
      waiting.delete(attemptKey);
      unacknowledged.push(attemptKey);
    }
    deps.at("settled");
    // The slot of a run whose next attempt is on its way already is not that of the attempt that ended.
    const runIds = batch.map(([attemptKey]) => parseAttemptKey(attemptKey).runId);
    deps.settled(runIds.filter((runId) => ledger.runs.get(runId)?.status !== "running"));
    for (const end of ends) if (end !== undefined) events.emit("run-finished", end);
  }

  function schedule(): void {
    flushing ??= nextTurn()
      .then(flush)
      .finally(() => {
        flushing = undefined;
        if (waiting.size > 0 && cancelRetry === undefined) schedule();
      });
  }

  const settleWithoutProcess: Settler["settleWithoutProcess"] = (run, status, reason, error, cleanup) => {
    const nowMs = clock.nowMs();
    const job = ledger.jobs.get(run.jobId);
    const startedAtMs = run.startedAtMs ?? nowMs;
    const result = unstarted(attemptKey(run.id, run.attempt), nowMs, {
      outcome: status,
      startedAtMs,
      ...(cleanup === undefined ? {} : { cleanup }),
    });
    const published = deps.publisher.publish({ run, job, result, status, error });
    ledger.runs.settle(run.id, { status, endedAtMs: nowMs, outcome: status, error, reason, ...published.settlement });
    if (job !== undefined) noteOnJob(run, job, { status, error, startedAtMs, endedAtMs: nowMs }, published.patch);
    // What only waited for others has held up nobody.
    const waited = run.status === "queued" && run.readyAtMs === BLOCKED_UNTIL_MS;
    if (!waited) ledger.runs.release(run.jobId, BLOCKED_UNTIL_MS, nowMs);
  };

  function settleLost(run: RunRecord, reason: string, cleanup: Cleanup | undefined): void {
    endOpenAttempt(ledger, run, clock.nowMs(), cleanup);
    const error = "command lost: its runner ended before the result was known";
    settleWithoutProcess(run, "lost", reason, error, cleanup);
  }

  return {
    take(result) {
      deps.at("result-received");
      waiting.set(result.attemptKey, () => settleOne(result));
      schedule();
    },
    takeLost(key, reason, cleanup) {
      if (waiting.has(key)) return;
      waiting.set(key, () => {
        const run = runningRun(ledger, parseAttemptKey(key));
        if (run === undefined) return undefined;
        settleLost(run, reason, cleanup);
        return { jobId: run.jobId, runId: run.id, status: "lost" };
      });
      schedule();
    },
    settleLost,
    settleWithoutProcess,
    async idle() {
      while (flushing !== undefined) await flushing;
    },
    stop() {
      cancelRetry?.();
    },
  };
}
