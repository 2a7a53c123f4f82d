import { setImmediate as nextTurn } from "node:timers/promises";
import type { Cleanup, RunStatus } from "../../schema/wire/run.ts";
import { unstarted } from "../executor/index.ts";
import type { AttemptResult } from "../executor/types.ts";
import type { Clock } from "../kernel/clock.ts";
import { SECOND_MS } from "../kernel/durations.ts";
import { errorText } from "../kernel/errors.ts";
import type { EventMap, Events } from "../kernel/events.ts";
import type { Logger } from "../kernel/logger.ts";
import type { JobRecord, JobStatePatch, Ledger, RunRecord } from "../ledger/types.ts";
import { decideAfterRun, decideRetry, outcomeError, toRunStatus, toWireStatus } from "../policy/index.ts";
import { BLOCKED_UNTIL_MS, firstDueMs } from "../scheduler/index.ts";
import type { CommitPoint } from "./deps.ts";
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
  /** The run has left its slot and everything about it is committed. */
  settled(runIds: string[]): void;
  /** The results are on disk; whoever held them may forget them. */
  acknowledge(attemptKeys: string[]): void;
  onLedger(error: unknown | undefined): void;
  at(point: CommitPoint): void;
}

export interface Settler {
  /** Takes one result; a few that come together share a transaction. Repeats are harmless. */
  take(result: AttemptResult): void;
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

/** Results settled in one transaction; more of them hold the event loop no longer, they take further turns. */
const RESULTS_PER_TURN = 4;

/** Writes how attempts ended: attempt, run, job state, alerts and outbox rows in one transaction. */
export function createSettler(deps: SettlerDeps): Settler {
  const { ledger, clock, events } = deps;
  const waiting = new Map<string, AttemptResult>();
  /** Committed, and not yet known to be on disk. */
  const unacknowledged: string[] = [];
  let flushing: Promise<void> | undefined;
  let cancelRetry: (() => void) | undefined;

  function recordAttempt(run: RunRecord, result: AttemptResult): void {
    ledger.attempts.end(run.id, run.attempt, {
      endedAtMs: result.endedAtMs,
      outcome: result.outcome,
      ...(result.exitCode === null ? {} : { exitCode: result.exitCode }),
      ...(result.signal === null ? {} : { signal: result.signal }),
      ...(result.error === undefined ? {} : { errorCode: result.error.code, error: result.error.message }),
      ...(result.canceledBy === undefined ? {} : { canceledBy: result.canceledBy }),
      ...(result.identity === undefined ? {} : { identity: result.identity }),
      stdout: streamRecord(result.stdout),
      stderr: streamRecord(result.stderr),
      actionLines: result.actionLines,
      cleanup: result.cleanup,
      ...(result.resources === undefined ? {} : { resources: result.resources }),
      log: result.log,
    });
  }

  /** Answers what to tell when the run is over; nothing when it is tried again, or was settled before. */
  function settleOne(result: AttemptResult): EventMap["run-finished"] | undefined {
    const key = parseAttemptKey(result.attemptKey);
    const run = ledger.runs.get(key.runId);
    if (run === undefined || run.status !== "running" || run.attempt !== key.attempt) return undefined;
    recordAttempt(run, result);
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
    if (job.definition.schedule.kind === "at" && run.trigger === "schedule") retire(job, wire === "ok");
  }

  /** A job that was disabled for its failures is well again: it goes on from here. */
  function wake(job: JobRecord): JobStatePatch {
    const nowMs = clock.nowMs();
    return { cursorMs: Math.max(job.cursorMs, nowMs), nextDueMs: firstDueMs(job, nowMs, deps.hostTz) ?? null };
  }

  /** A one-shot job has had its occurrence: gone after success when it asked for that, else kept, disabled. */
  function retire(job: JobRecord, ok: boolean): void {
    if (ok && job.definition.deleteAfterRun === true) ledger.jobs.remove(job.id);
    else ledger.jobs.patchState(job.id, { enabled: false, nextDueMs: null });
  }

  async function flush(): Promise<void> {
    const batch = [...waiting.values()];
    try {
      for (let from = 0; from < batch.length; from += RESULTS_PER_TURN) {
        if (from > 0) await nextTurn();
        settleSome(batch.slice(from, from + RESULTS_PER_TURN));
      }
      await ledger.durable();
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

  function settleSome(results: AttemptResult[]): void {
    const ends = ledger.transaction(() => results.map(settleOne));
    for (const { attemptKey } of results) {
      waiting.delete(attemptKey);
      unacknowledged.push(attemptKey);
    }
    deps.at("settled");
    deps.settled(results.map((result) => parseAttemptKey(result.attemptKey).runId));
    for (const end of ends) if (end !== undefined) events.emit("run-finished", end);
    deps.onLedger(undefined);
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
    take(result) {
      deps.at("result-received");
      waiting.set(result.attemptKey, result);
      schedule();
    },
    settleWithoutProcess(run, status, reason, error, cleanup) {
      const nowMs = clock.nowMs();
      const job = ledger.jobs.get(run.jobId);
      const outcome = status === "lost" ? "lost" : "canceled";
      const startedAtMs = run.startedAtMs ?? nowMs;
      const result = unstarted(attemptKey(run.id, run.attempt), nowMs, {
        outcome,
        startedAtMs,
        ...(cleanup === undefined ? {} : { cleanup }),
      });
      const published = deps.publisher.publish({ run, job, result, status, error });
      ledger.runs.settle(run.id, { status, endedAtMs: nowMs, outcome, error, reason, ...published.settlement });
      if (job !== undefined) {
        noteOnJob(run, job, { status, error, startedAtMs: result.startedAtMs, endedAtMs: nowMs }, published.patch);
      }
      ledger.runs.release(run.jobId, BLOCKED_UNTIL_MS, clock.nowMs());
    },
    async idle() {
      while (flushing !== undefined) await flushing;
    },
    stop() {
      cancelRetry?.();
    },
  };
}

const streamRecord = (stream: AttemptResult["stdout"]) => ({
  bytes: stream.bytes,
  head: Buffer.from(stream.head, "base64"),
  tail: Buffer.from(stream.tail, "base64"),
});
