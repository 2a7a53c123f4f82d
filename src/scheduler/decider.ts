import type { OverlapPolicy } from "../../schema/wire/policy.ts";
import type { Clock } from "../kernel/clock.ts";
import { errorText } from "../kernel/errors.ts";
import type { Events } from "../kernel/events.ts";
import { newId } from "../kernel/ids.ts";
import type { JobRecord, JobStatePatch, Ledger, NewRun } from "../ledger/types.ts";
import {
  type CompiledSchedule,
  compileSchedule,
  decideOccurrences,
  decideOverlap,
  nextAfter,
  type OccurrenceDecision,
  ON_TIME_MS,
} from "../policy/index.ts";

/** A queued run that waits for the job's active run. It is let go when that one ends. */
export const BLOCKED_UNTIL_MS = 8.64e15;
export const DEFAULT_POOL = "default";

/** Jobs decided in one transaction: enough of them to share its cost, few enough not to hold the event loop. */
const JOBS_PER_STEP = 10;
/** Instants of one job decided in one step; a longer backlog continues in the next. */
const INSTANTS_PER_STEP = 1_000;

export interface DeciderDeps {
  ledger: Ledger;
  clock: Clock;
  events: Events;
  hostTz: string;
  /** The job cannot be decided; it is left alone until it is changed. */
  onBroken(job: JobRecord, reason: string): void;
  /** A step that wrote something is committed. */
  decided(): void;
  /** An occurrence did not run; called inside the transaction, before the job's streaks are written. */
  passedOver(job: JobRecord, row: NewRun): void;
  /** `cancel_other`: the runs to end before the new one may start. */
  cancelRuns(runIds: string[], by: string): void;
}

export const compileJob = (job: JobRecord, hostTz: string): CompiledSchedule =>
  compileSchedule(job.definition.schedule, { jobId: job.id, hostTz, anchorDefaultMs: job.createdAtMs });

export const overlapOf = (job: JobRecord): OverlapPolicy => job.definition.policy?.overlap ?? "skip";

/** A run row for the job, as every trigger makes it. */
export function newRunFor(
  job: JobRecord,
  fields: Pick<NewRun, "trigger" | "status"> & Partial<NewRun>,
  nowMs: number,
): NewRun {
  return {
    id: newId(),
    jobId: job.id,
    jobName: job.definition.name,
    jobRevision: job.revision,
    pool: job.definition.policy?.pool ?? DEFAULT_POOL,
    exclusive: overlapOf(job) !== "allow_all",
    queuedAtMs: nowMs,
    readyAtMs: nowMs,
    ...fields,
  };
}

/** What an occurrence or a manual start does while other runs of the job are active. */
export function weighOverlap(ledger: Ledger, job: JobRecord, trigger: "schedule" | "manual", catchUp = false) {
  const policy = overlapOf(job);
  // Whoever may always start need not be told of the others, who may be many.
  const active = policy === "allow_all" ? [] : ledger.runs.active(job.id);
  const buffered = active.filter((run) => run.status === "queued" && run.readyAtMs === BLOCKED_UNTIL_MS);
  const verdict = decideOverlap({
    policy,
    activeRuns: active.length - buffered.length,
    bufferedRuns: buffered.length,
    trigger,
    catchUp,
  });
  return { verdict, active };
}

/**
 * Turns due occurrences into rows: one step decides a batch of jobs inside one immediate transaction and moves their
 * cursors forward. Answers true when more is due at once.
 */
export function createDecider(deps: DeciderDeps): { step(nowMs: number): boolean } {
  const { ledger, events } = deps;

  function decideJob(job: JobRecord, nowMs: number, afterCommit: (() => void)[]): boolean {
    const compiled = compileJob(job, deps.hostTz);
    if (!job.enabled && job.autoDisabled === undefined) {
      ledger.jobs.patchState(job.id, { nextDueMs: null });
      return false;
    }
    const plan = decideOccurrences({
      compiled,
      cursorMs: job.cursorMs,
      nowMs,
      policy: job.definition.policy?.misfire,
      kind: job.definition.schedule.kind,
      limit: INSTANTS_PER_STEP,
    });
    let decided = job.cursorMs;
    for (const decision of plan.rows) {
      decided = Math.max(decided, record(job, decision, nowMs, afterCommit));
    }
    const patch: JobStatePatch = {
      cursorMs: plan.more ? decided : Math.max(decided, nowMs),
      nextDueMs: (plan.more ? nowMs : plan.nextDueMs) ?? null,
    };
    ledger.jobs.patchState(job.id, patch);
    return plan.more;
  }

  function record(job: JobRecord, decision: OccurrenceDecision, nowMs: number, afterCommit: (() => void)[]): number {
    if (decision.verdict === "missed") {
      const covers = decision.count;
      insertFinal(job, "missed", decision.reason, decision.scheduledForMs, nowMs, {
        covers,
        ...(covers > 1 ? { throughMs: decision.throughMs } : {}),
      });
      return decision.throughMs;
    }
    const scheduledForMs = decision.scheduledForMs;
    if (!job.enabled && scheduledForMs < (job.autoDisabled?.trialAtMs ?? Number.POSITIVE_INFINITY)) {
      insertFinal(job, "skipped", "auto_disabled", scheduledForMs, nowMs);
      return scheduledForMs;
    }
    if (job.backoffUntilMs !== undefined && scheduledForMs < job.backoffUntilMs) {
      insertFinal(job, "skipped", "backoff", scheduledForMs, nowMs);
      return scheduledForMs;
    }
    const { verdict, active } = weighOverlap(ledger, job, "schedule", decision.catchUp);
    if (verdict.verdict === "skip") {
      insertFinal(job, "skipped", verdict.reason, scheduledForMs, nowMs);
      return scheduledForMs;
    }
    const blocked = verdict.verdict !== "start";
    const run = newRunFor(
      job,
      { trigger: "schedule", status: "queued", scheduledForMs, ...(blocked ? { readyAtMs: BLOCKED_UNTIL_MS } : {}) },
      nowMs,
    );
    if (ledger.runs.insert(run) === "inserted") {
      afterCommit.push(() => events.emit("run-queued", { jobId: job.id, runId: run.id }));
      if (overlapOf(job) === "cancel_other") {
        // Occurrences caught up together wait for one another; what is older than that is in their way.
        const inTheWay = active.filter((other) => !decision.catchUp || other.queuedAtMs < nowMs - ON_TIME_MS);
        const others = inTheWay.map((other) => other.id);
        if (others.length > 0) afterCommit.push(() => deps.cancelRuns(others, "overlap policy cancel_other"));
      }
    }
    return scheduledForMs;
  }

  function insertFinal(
    job: JobRecord,
    status: "skipped" | "missed",
    reason: string,
    scheduledForMs: number,
    nowMs: number,
    range: { covers?: number; throughMs?: number } = {},
  ): void {
    const row = newRunFor(
      job,
      { trigger: "schedule", status, reason, scheduledForMs, endedAtMs: nowMs, ...range },
      nowMs,
    );
    if (ledger.runs.insert(row) !== "inserted") return;
    const count = range.covers ?? 1;
    deps.passedOver(job, row);
    ledger.jobs.patchState(job.id, {
      consecutiveSkipped: job.consecutiveSkipped + count,
      lastRunId: row.id,
      lastStatus: "skipped",
      addTotals: status === "missed" ? { missed: count } : { skipped: count },
    });
    job.consecutiveSkipped += count;
  }

  return {
    step(nowMs) {
      const afterCommit: (() => void)[] = [];
      let looked = 0;
      const more = ledger.transaction(() => {
        const jobs = ledger.jobs.due(nowMs, JOBS_PER_STEP);
        looked = jobs.length;
        let again = jobs.length === JOBS_PER_STEP;
        for (const job of jobs) {
          try {
            again = decideJob(job, nowMs, afterCommit) || again;
          } catch (error) {
            if ((error as { code?: string }).code === "LEDGER_UNAVAILABLE") throw error;
            ledger.jobs.patchState(job.id, { nextDueMs: null });
            afterCommit.push(() => deps.onBroken(job, errorText(error)));
          }
        }
        return again;
      });
      if (looked > 0) deps.decided();
      for (const act of afterCommit) act();
      return more;
    },
  };
}

/** The first instant a stored job has ahead of it, strictly after `afterMs`. */
export const firstDueMs = (job: JobRecord, afterMs: number, hostTz: string): number | undefined =>
  nextAfter(compileJob(job, hostTz), afterMs);
