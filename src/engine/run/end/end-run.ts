import type { JobPolicy } from "../../../../schema/wire/policy.ts";
import type { Cleanup } from "../../../../schema/wire/run.ts";
import { unstarted } from "../../../executor/index.ts";
import type { AttemptResult } from "../../../executor/types.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { errorText } from "../../../kernel/errors.ts";
import type { EventMap, Events } from "../../../kernel/events.ts";
import { apart } from "../../../ledger/index.ts";
import type { JobRecord, Ledger, RunRecord, RunSettlement } from "../../../ledger/types.ts";
import {
  type AfterRun,
  awaitsTrial,
  decideAfterRun,
  decideRetry,
  farewellOf,
  meaningOf,
  outcomeError,
  toRunStatus,
  toWireStatus,
} from "../../../policy/run/index.ts";
import type { EngineDeps } from "../../deps.ts";
import {
  attemptKey,
  attemptResult,
  endAttempt,
  endAttemptAsLost,
  parseAttemptKey,
  runningRun,
} from "../attempt/index.ts";
import { completes, type Judged, judgeCondition, keepState } from "../steps/index.ts";
import type { FollowUps } from "./follow-up.ts";
import { noteOnJob } from "./note-on-job.ts";
import { type Publisher, spokenText } from "./publish.ts";

interface RunEndsDeps {
  ledger: Ledger;
  clock: Clock;
  hostTz: string;
  random(): number;
  events: Events;
  publisher: Publisher;
  followUps: FollowUps;
  /** Something about a run could not be done as for the others; it was set aside so that they go on. */
  setAside(run: RunRecord, what: string, error: unknown): void;
  /** A run that was approved is over and was not started. */
  notStarted(run: RunRecord, why: string): void;
  deps: Pick<EngineDeps, "at" | "keepsState">;
}

/** What to tell once it is committed that a run is over. */
export type Finished = EventMap["run-finished"];

/**
 * Writes how runs end. All but `giveUp` write in the caller's transaction; what a run can end without (its alerts, its
 * messages, what its job remembers) is left out, with a notice, when it cannot be made.
 */
export interface RunEnds {
  /** The end of an attempt; nothing when the run is tried again, or was settled before. */
  settle(result: AttemptResult): Finished | undefined;
  /** An attempt whose result nobody will ever know. */
  lost(run: RunRecord, reason: string, cleanup: Cleanup | undefined): Finished;
  /** A run that never got (or lost) its process. */
  withoutProcess(
    run: RunRecord,
    status: "lost" | "canceled",
    reason: string,
    error: string,
    cleanup?: Cleanup,
  ): Finished;
  /** A run that must not start, or start again, and why. */
  withheld(run: RunRecord, reason: string, why: string): Finished;
  /** A run of which nobody could say what it would do. */
  unplanned(run: RunRecord, error: string): Finished;
  /**
   * A run that cannot be claimed, or whose end cannot be written as it was: ends it with as little as possible, and says
   * so. Nothing when not even that can be written. Raises LEDGER_UNAVAILABLE.
   */
  giveUp(run: RunRecord, status: "lost" | "failed", what: string, error: unknown): Finished | undefined;
}

/** The reason of a run whose attempt was kept from starting, by the error that says so. */
const WITHHELD: Record<string, string> = {
  CHANGED_AFTER_APPROVAL: "changed_after_approval",
  NODE_OFFLINE: "node_offline",
  NODE_TWICE: "node_twice",
};

export function createRunEnds(deps: RunEndsDeps): RunEnds {
  const { ledger, clock } = deps;
  const { at, keepsState = (status) => status === "succeeded" } = deps.deps;

  const retryOf = (run: RunRecord, job: JobRecord | undefined, result: AttemptResult) =>
    decideRetry({
      policy: job?.definition.policy?.retry,
      exitCodes: job?.definition.policy?.exitCodes,
      attempt: run.attempt,
      result: { outcome: result.outcome, exitCode: result.exitCode, treeGone: result.cleanup.left.length === 0 },
      firstStartedAtMs: run.startedAtMs ?? result.startedAtMs,
      nowMs: clock.nowMs(),
      random: deps.random(),
    });

  /** Closes the last message of a job whose `until` comes true with this run. */
  function farewell(run: RunRecord, job: JobRecord, { outcome, exitCode, ...rest }: AttemptResult): string | undefined {
    const { policy } = job.definition;
    if (policy?.until === undefined || !(job.enabled || awaitsTrial(job.autoDisabled))) return undefined;
    const said = () => spokenText({ policy }, { outcome, exitCode, ...rest });
    return apart(
      ledger,
      () => farewellOf({ policy: policy.until, outcome, exitCode, text: said() }),
      (cause) => {
        deps.setAside(run, "whether it is its job's last run could not be told", cause);
        return undefined;
      },
    );
  }

  function afterRun(
    run: RunRecord,
    job: JobRecord,
    end: { status: RunSettlement["status"]; last: boolean; atMs: number },
  ) {
    const after: AfterRun = decideAfterRun({
      policy: job.definition.policy,
      trigger: run.trigger,
      status: toWireStatus(end.status) ?? "error",
      canceled: end.status === "canceled",
      state: job,
      nowMs: end.atMs,
    });
    const { consecutiveErrors } = after;
    const autoDisabled = { reason: "until" as const, atMs: end.atMs, consecutiveErrors };
    return end.last ? { ...after, enabled: false, autoDisabled } : after;
  }

  /** Writes the one final status, and all that follows from it. */
  function finish(
    run: RunRecord,
    job: JobRecord | undefined,
    result: AttemptResult,
    end: Omit<RunSettlement, "deliveryStatus" | "endedAtMs">,
    judged?: Judged,
  ): Finished {
    const { status, error } = end;
    const { endedAtMs } = result;
    const wire = toWireStatus(status) ?? "error";
    const last = job && farewell(run, job, result);
    const after = job && afterRun(run, job, { status, last: last !== undefined, atMs: endedAtMs });
    const published = deps.publisher.publish({ run, job, after, result, status, error, farewell: last, judged });
    const patch = { ...(judged === undefined ? {} : { condition: judged.condition }), ...published.patch };
    ledger.runs.settle(run.id, { ...end, endedAtMs, ...published.settlement });
    // That it goes on is no end of what the job looks after.
    const ends = judged === undefined || status !== "succeeded" || completes(judged, job);
    if (ends) deps.followUps.write({ run, status, endedAtMs, text: () => spokenText({}, result) });
    if (job !== undefined && after !== undefined) {
      apart(
        ledger,
        () => noteOnJob(deps, run, job, { wire, after, error, result, patch }),
        (cause) => deps.setAside(run, "what its job remembers of it could not be written", cause),
      );
    }
    return { jobId: run.jobId, runId: run.id, status };
  }

  const withoutProcess: RunEnds["withoutProcess"] = (run, status, reason, error, cleanup) => {
    const nowMs = clock.nowMs();
    const result = unstarted(attemptKey(run.id, run.attempt), nowMs, {
      outcome: status,
      startedAtMs: run.startedAtMs ?? nowMs,
      ...(cleanup === undefined ? {} : { cleanup }),
    });
    return finish(run, ledger.jobs.get(run.jobId), result, { status, outcome: status, error, reason });
  };

  /**
   * What an attempt has come to stays its run's end when the next one must not start: a failure is none the less one.
   * Undefined when none has failed.
   */
  function asBefore(run: RunRecord, attempt: number, reason: string, why: string): Finished | undefined {
    const before = ledger.attempts.get(run.id, attempt);
    if (before?.outcome === undefined) return undefined;
    const job = ledger.jobs.get(run.jobId);
    const result = attemptResult(before, before.outcome, clock.nowMs());
    const { outcome, exitCode, signal } = result;
    const exitCodes = job?.definition.policy?.exitCodes;
    const status = toRunStatus(outcome, exitCode, exitCodes);
    const failure = outcomeError(result, exitCodes);
    if (failure === undefined) return undefined;
    const error = `${failure}; not tried again: ${why}`;
    const codes = { ...(exitCode === null ? {} : { exitCode }), ...(signal === null ? {} : { signal }) };
    return finish(run, job, result, { status, outcome, ...codes, error, reason });
  }

  /** The end of a run that waited for a person, without a process. */
  function ofWaiting(run: RunRecord, end: { status: "skipped" | "failed"; reason?: string; error: string }): Finished {
    const result = unstarted(attemptKey(run.id, run.attempt), clock.nowMs(), {
      outcome: end.status === "failed" ? "spawn_failed" : "canceled",
      ...(run.startedAtMs === undefined ? {} : { startedAtMs: run.startedAtMs }),
    });
    return finish(run, ledger.jobs.get(run.jobId), result, end);
  }

  return {
    withheld: (run, reason, why) =>
      asBefore(run, run.attempt, reason, why) ??
      ofWaiting(run, { status: "skipped", reason, error: `command not started: ${why}` }),
    unplanned: (run, error) => ofWaiting(run, { status: "failed", error }),

    settle(given) {
      const run = runningRun(ledger, parseAttemptKey(given.attemptKey));
      if (run === undefined) return undefined;
      const job = ledger.jobs.get(run.jobId);
      const { result, judged } = judgeCondition(job, checked(given, job?.definition.policy));
      const exitCodes = job?.definition.policy?.exitCodes;
      const why = WITHHELD[result.error?.code ?? ""];
      const withheld = why === undefined ? undefined : result.error?.message;
      const changed = why === "changed_after_approval" ? withheld : undefined;
      const status = withheld === undefined ? toRunStatus(result.outcome, result.exitCode, exitCodes) : "skipped";
      const kept = withheld === undefined && keepsState(status);
      const state = job !== undefined && kept ? keepState(ledger, run, job, result) : undefined;
      if (state?.version !== undefined) at("state-written");
      endAttempt(ledger, run, result, state);
      const retry = retryOf(run, job, result);
      if (retry.verdict === "retry" && withheld === undefined) {
        ledger.runs.requeue(run.id, retry.atMs);
        return undefined;
      }
      const ended = changed && asBefore(run, run.attempt - 1, "changed_after_approval", changed);
      if (ended) return ended;
      const error = withheld ?? outcomeError(result, exitCodes);
      const end = {
        status,
        outcome: result.outcome,
        ...(result.exitCode === null ? {} : { exitCode: result.exitCode }),
        ...(result.signal === null ? {} : { signal: result.signal }),
        ...(error === undefined ? {} : { error }),
        ...(status === "skipped" ? { reason: why ?? `exit code ${result.exitCode}` } : {}),
        ...(result.canceledBy === undefined ? {} : { reason: `canceled by ${result.canceledBy}` }),
      };
      const finished = finish(run, job, result, end, judged);
      if (changed !== undefined) deps.notStarted(run, changed);
      return finished;
    },

    lost(run, reason, cleanup) {
      endAttemptAsLost(ledger, run, clock.nowMs(), cleanup);
      const error = "command lost: its runner ended before the result was known";
      return withoutProcess(run, "lost", reason, error, cleanup);
    },

    withoutProcess,

    giveUp(run, status, what, cause) {
      const endedAtMs = clock.nowMs();
      const error = `${what}: ${errorText(cause)}`;
      const finished = apart<Finished | undefined>(
        ledger,
        () => {
          for (const { attempt, endedAtMs: ended } of ledger.attempts.ofRun(run.id)) {
            if (ended === undefined) endAttemptAsLost(ledger, { ...run, attempt }, endedAtMs);
          }
          const outcome = status === "failed" ? "spawn_failed" : status;
          ledger.runs.settle(run.id, { status, outcome, endedAtMs, error, deliveryStatus: "not-requested" });
          deps.followUps.write({ run, status, endedAtMs, text: () => "" });
          return { jobId: run.jobId, runId: run.id, status };
        },
        () => undefined,
      );
      const end = finished === undefined ? "its row stays as it is" : `it is recorded as ${status}, without a message`;
      deps.setAside(run, `${what}; ${end}`, cause);
      return finished;
    },
  };
}

/** No good end of a job with a check counts without one: an older runner, or one that began before the check was added. */
function checked(result: AttemptResult, policy: JobPolicy | undefined): AttemptResult {
  const { outcome, exitCode } = result;
  const good = outcome === "exited" && meaningOf(exitCode, policy?.exitCodes) === "ok";
  if (!good || policy?.verify === undefined || result.verify?.passed === true) return result;
  const message = "it was not run, since the job got it while the command ran";
  return { ...result, outcome: "verify_failed", error: { code: "INTERNAL", message } };
}
