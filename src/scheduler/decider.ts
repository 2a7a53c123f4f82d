import type { OverlapPolicy } from "../../schema/wire/policy.ts";
import type { Clock } from "../kernel/clock.ts";
import { errorText } from "../kernel/errors.ts";
import type { Events } from "../kernel/events.ts";
import { newId } from "../kernel/ids.ts";
import type { JobRecord, JobStatePatch, Ledger, NewRun } from "../ledger/types.ts";
import {
  type CompiledSchedule,
  decideOccurrences,
  decideOverlap,
  type OccurrenceDecision,
  ON_TIME_MS,
} from "../policy/index.ts";
import { compileJob } from "./compile.ts";
import { AHEAD_MS, bringBack, bringRetriesBack, type MissedStretch, unclaimedStretches } from "./set-back.ts";

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

const isOneShot = (job: JobRecord): boolean => job.definition.schedule.kind === "at";

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

export interface Decider {
  /** Decides a batch of due jobs inside one immediate transaction; true when more is due at once. */
  step(nowMs: number): boolean;
  /** Decides what is due of one job, before it changes. */
  decide(jobId: string): void;
  /** Brings back a batch of what a clock ahead of this one has decided; true when there is more. */
  bringBack(nowMs: number): boolean;
}

/** Turns due occurrences into rows and moves cursors with them. */
export function createDecider(deps: DeciderDeps): Decider {
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
    const trialAtMs = plan.rows.length === 0 ? undefined : trialToWaitFor(job, nowMs);
    if (trialAtMs !== undefined) {
      ledger.jobs.patchState(job.id, { nextDueMs: trialAtMs });
      return false;
    }
    let decided = job.cursorMs;
    for (const decision of plan.rows) {
      decided = Math.max(decided, record(job, compiled, decision, nowMs, afterCommit));
    }
    const patch: JobStatePatch = {
      cursorMs: plan.more ? decided : Math.max(decided, nowMs),
      nextDueMs: (plan.more ? nowMs : plan.nextDueMs) ?? null,
    };
    ledger.jobs.patchState(job.id, patch);
    return plan.more;
  }

  /** The one occurrence of an `at` job that its failures have disabled stays due until the job's trial. */
  function trialToWaitFor(job: JobRecord, nowMs: number): number | undefined {
    const trialAtMs = job.autoDisabled?.trialAtMs;
    return isOneShot(job) && !job.enabled && trialAtMs !== undefined && trialAtMs > nowMs ? trialAtMs : undefined;
  }

  function record(
    job: JobRecord,
    compiled: CompiledSchedule,
    decision: OccurrenceDecision,
    nowMs: number,
    afterCommit: (() => void)[],
  ): number {
    if (decision.verdict === "missed") {
      const { scheduledForMs: firstMs, throughMs, reason } = decision;
      for (const stretch of unclaimedStretches(ledger, job.id, compiled, firstMs - 1, throughMs)) {
        insertFinal(job, "missed", reason, stretch, nowMs);
      }
      return throughMs;
    }
    const scheduledForMs = decision.scheduledForMs;
    const skip = (reason: string): number => {
      insertFinal(job, "skipped", reason, { scheduledForMs, throughMs: scheduledForMs, count: 1 }, nowMs);
      return scheduledForMs;
    };
    // The one occurrence of an `at` job waits for what is in its way: nothing else would ever make up for it.
    const once = isOneShot(job);
    const trialAtMs = job.autoDisabled?.trialAtMs;
    if (!job.enabled && (trialAtMs === undefined || (!once && scheduledForMs < trialAtMs)))
      return skip("auto_disabled");
    if (!once && job.backoffUntilMs !== undefined && scheduledForMs < job.backoffUntilMs) return skip("backoff");
    const { verdict, active } = weighOverlap(ledger, job, "schedule", decision.catchUp);
    if (verdict.verdict === "skip" && !once) return skip(verdict.reason);
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
    { scheduledForMs, throughMs, count }: MissedStretch,
    nowMs: number,
  ): void {
    const range = count > 1 ? { covers: count, throughMs } : {};
    const row = newRunFor(
      job,
      { trigger: "schedule", status, reason, scheduledForMs, endedAtMs: nowMs, ...range },
      nowMs,
    );
    if (ledger.runs.insert(row) !== "inserted") return;
    deps.passedOver(job, row);
    ledger.jobs.patchState(job.id, {
      consecutiveSkipped: job.consecutiveSkipped + count,
      // A job that fails goes on failing while its instants are passed over, until a run of it says otherwise.
      ...(job.lastStatus === "error" ? {} : { lastRunId: row.id, lastStatus: "skipped" }),
      addTotals: status === "missed" ? { missed: count } : { skipped: count },
    });
    job.consecutiveSkipped += count;
  }

  /** Decides one job, or says why it cannot be decided; true when more of it is due at once. */
  function attempt(job: JobRecord, nowMs: number, afterCommit: (() => void)[]): boolean {
    try {
      return decideJob(job, nowMs, afterCommit);
    } catch (error) {
      if ((error as { code?: string }).code === "LEDGER_UNAVAILABLE") throw error;
      ledger.jobs.patchState(job.id, { nextDueMs: null });
      afterCommit.push(() => deps.onBroken(job, errorText(error)));
      return false;
    }
  }

  function committed(afterCommit: (() => void)[]): void {
    deps.decided();
    for (const act of afterCommit) act();
  }

  return {
    step(nowMs) {
      const afterCommit: (() => void)[] = [];
      let looked = 0;
      const more = ledger.transaction(() => {
        const jobs = ledger.jobs.due(nowMs, JOBS_PER_STEP);
        looked = jobs.length;
        let again = jobs.length === JOBS_PER_STEP;
        for (const job of jobs) again = attempt(job, nowMs, afterCommit) || again;
        return again;
      });
      if (looked > 0) committed(afterCommit);
      return more;
    },
    decide(jobId) {
      const nowMs = deps.clock.nowMs();
      const afterCommit: (() => void)[] = [];
      ledger.transaction(() => {
        const ahead = ledger.jobs.get(jobId);
        if (ahead !== undefined && ahead.cursorMs > nowMs) bringBack(deps, ahead, nowMs);
        for (;;) {
          const job = ledger.jobs.get(jobId);
          if (job?.nextDueMs === undefined || job.nextDueMs > nowMs) return;
          attempt(job, nowMs, afterCommit);
        }
      });
      if (afterCommit.length > 0) committed(afterCommit);
    },
    bringBack(nowMs) {
      return ledger.transaction(() => {
        const jobs = ledger.jobs.ahead(nowMs + AHEAD_MS, JOBS_PER_STEP);
        for (const job of jobs) bringBack(deps, job, nowMs);
        if (jobs.length < JOBS_PER_STEP) bringRetriesBack(ledger, nowMs);
        return jobs.length === JOBS_PER_STEP;
      });
    },
  };
}
