import { MAX_AWAITING } from "../../../schema/wire/steps.ts";
import type { Approved } from "../../executor/index.ts";
import type { Clock } from "../../kernel/clock.ts";
import { CommandCronError } from "../../kernel/errors.ts";
import type { Events } from "../../kernel/events.ts";
import { apart, eachApart } from "../../ledger/index.ts";
import type { ApprovalRecord, JobRecord, Ledger, RunRecord } from "../../ledger/types.ts";
import type { Outbox } from "../../outbox/index.ts";
import type { Admitted } from "../../scheduler/index.ts";
import type { EngineDeps } from "../deps.ts";
import type { Finished, RunEnds } from "../run/index.ts";
import { expiredMessage, notStartedMessage, subjectOf } from "./message.ts";
import { expiryOf, referencesOf } from "./request.ts";

export interface GateDeps {
  deps: Pick<EngineDeps, "at" | "config">;
  ledger: Ledger;
  clock: Clock;
  events: Events;
  ends: Pick<RunEnds, "withheld">;
  outbox: Pick<Outbox, "enqueue" | "kick">;
  key(): string;
  /** A run waits for a person; called when that is committed. */
  held(runId: string): void;
  poke(): unknown;
  setAside(run: RunRecord, what: string, error: unknown): void;
}

const isGated = ({ definition }: Pick<JobRecord, "definition">): boolean =>
  definition.policy?.approval?.required === true;

/** The one way from the queue to a start: a job that asks to be approved passes only with a decision about this very attempt. */
export function createGate(room: GateDeps) {
  const { deps, ledger, clock, events, ends } = room;

  function told(finished: readonly (Finished | undefined)[]): void {
    const over = finished.filter((end) => end !== undefined);
    for (const end of over) events.emit("run-finished", end);
    if (over.length === 0) return;
    room.outbox.kick();
    void room.poke();
  }

  /** When the transaction is committed, unless it was not. */
  const afterwards = (runId: string, work: () => void): void =>
    queueMicrotask(() => {
      if (ledger.runs.get(runId) !== undefined) work();
    });

  /**
   * Tells that an approved run has ended without its attempt, in the transaction that ends it: who has approved it counts
   * on it. That an earlier attempt has failed is told as a failure, with the reason.
   */
  function notStarted(run: RunRecord, why: string): void {
    const [job, request] = [ledger.jobs.get(run.jobId), ledger.approvals.latest(run.id)];
    if (job === undefined || request?.decision !== "approved" || ledger.runs.get(run.id)?.status !== "skipped") return;
    apart(
      ledger,
      () => {
        const said = notStartedMessage({ job, run, request, config: deps.config, nowMs: clock.nowMs() }, why);
        if (said !== undefined) room.outbox.enqueue(said);
      },
      (error) => room.setAside(run, "that it was not started could not be told", error),
    );
  }

  function withhold(run: RunRecord, reason: string, why: string): undefined {
    const end = ends.withheld(run, reason, why);
    notStarted(run, why);
    afterwards(run.id, () => told([end]));
  }

  /** Ends these, and tells of it. One that cannot be ended keeps no other from its end. */
  function endEach(runs: readonly RunRecord[], end: (run: RunRecord) => Finished | undefined, what: string): void {
    told(eachApart(ledger, runs, end, (run, error) => void room.setAside(run, what, error)));
  }

  function ask(run: RunRecord, job: JobRecord, nowMs: number): undefined {
    if (ledger.runs.awaitingOf(job.id) >= MAX_AWAITING) {
      const why = `${MAX_AWAITING} runs of the job wait for an approval already`;
      return withhold(run, "approvals_full", why);
    }
    ledger.approvals.insert({
      runId: run.id,
      attempt: run.attempt + 1,
      jobId: job.id,
      jobRevision: job.revision,
      subject: subjectOf(job),
      requestedAtMs: nowMs,
      expiresAtMs: expiryOf(job.definition, nowMs),
    });
    ledger.runs.hold(run.id);
    afterwards(run.id, () => {
      deps.at("awaiting");
      room.held(run.id);
    });
  }

  /** The decision about the attempt that a run is about to begin, or has begun. */
  const decided = (run: RunRecord, attempt: number): ApprovalRecord | undefined =>
    ledger.approvals.get(run.id, attempt);

  function expireOne(run: RunRecord, nowMs: number): Finished | undefined {
    const request = decided(run, run.attempt + 1);
    if (request === undefined) return undefined;
    const { runId, attempt } = request;
    const job = ledger.jobs.get(request.jobId);
    if (request.expiresAtMs > nowMs && job !== undefined) {
      // Asked for by a clock that was ahead.
      const expiresAtMs = Math.min(request.expiresAtMs, expiryOf(job.definition, nowMs));
      ledger.approvals.setExpiry(runId, attempt, { requestedAtMs: nowMs, expiresAtMs });
      return undefined;
    }
    const by = { decision: "expired", decidedAtMs: nowMs, decidedBy: "the clock" } as const;
    if (!ledger.approvals.decide(runId, attempt, by)) return undefined;
    const { config } = deps;
    const said = job && expiredMessage({ job, run, request, config, nowMs });
    if (said !== undefined) room.outbox.enqueue(said);
    return ends.withheld(run, "approval_expired", "nobody approved it in time");
  }

  function revokeOne(run: RunRecord, by: string): Finished | undefined {
    const request = decided(run, run.attempt + 1);
    if (request === undefined) return undefined;
    const how = { decision: "voided", decidedAtMs: clock.nowMs(), decidedBy: by } as const;
    ledger.approvals.decide(run.id, request.attempt, how);
    const end = ends.withheld(run, "approval_voided", "its job was changed since it was asked for");
    notStarted(run, `its job was changed by ${by}`);
    return end;
  }

  return {
    /**
     * The job of a run that may be claimed, in the transaction that would claim it. If it may not, it waits for a person
     * from then on, or is over.
     */
    admit(run: RunRecord, nowMs: number): Admitted | undefined {
      const job = ledger.jobs.get(run.jobId);
      const request = decided(run, run.attempt + 1);
      if (request === undefined) return job !== undefined && isGated(job) ? ask(run, job, nowMs) : { job };
      if (request.decision === "approved" && request.jobRevision === job?.revision) return { job };
      return withhold(run, "approval_voided", "its job was changed since it was approved");
    },

    /** What the runner checks before it starts an approved attempt; undefined where none is asked. Raises APPROVAL_REQUIRED. */
    approvedOf(run: RunRecord, job: JobRecord): Approved | undefined {
      if (!isGated(job)) return undefined;
      const request = decided(run, run.attempt);
      const { parts } = request ?? {};
      if (request?.decision !== "approved" || request.jobRevision !== job.revision || parts === undefined) {
        throw new CommandCronError("APPROVAL_REQUIRED", { got: `attempt ${run.attempt} of run ${run.id}` });
      }
      return { key: room.key(), references: referencesOf(job.definition), parts };
    },

    notStarted,

    /** Ends what nobody has answered in time. */
    expire(): void {
      // With every look; mostly there is none at all.
      if (ledger.approvals.earliestExpiryMs() === undefined) return;
      const nowMs = clock.nowMs();
      const due = ledger.approvals.due(nowMs).flatMap(({ runId }) => ledger.runs.get(runId) ?? []);
      if (due.length > 0) endEach(due, (run) => expireOne(run, nowMs), "its approval could not be ended");
    },

    /** The job was changed or removed: whatever waits of it, or was approved and has not begun, is void. */
    revoke(jobId: string, by: string): void {
      const waiting = ledger.runs.active(jobId).filter(({ status }) => status !== "running");
      if (waiting.length > 0) endEach(waiting, (run) => revokeOne(run, by), "its approval could not be voided");
    },
  };
}
