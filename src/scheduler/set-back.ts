import { DAY_MS, MINUTE_MS, SECOND_MS } from "../kernel/durations.ts";
import type { JobDefinition, JobRecord, JobStatePatch, Ledger, RunRecord } from "../ledger/types.ts";
import { awaitsTrial, retryDelayMs } from "../policy/run/index.ts";
import { type CompiledSchedule, compileJobOrNot, missedRange, nextAfter } from "../policy/time/index.ts";

/** Cursors ahead of the clock by less are left: the clock catches up with them. */
export const AHEAD_MS = MINUTE_MS;
/** A cursor waits at most so long behind records that retention has removed. */
const HELD_MAX_MS = DAY_MS;

interface SetBackDeps {
  ledger: Ledger;
  hostTz: string;
}

/**
 * Brings a job back that a clock ahead of `nowMs` has decided, in the caller's transaction: its cursor, pauses and next
 * instant. What that clock recorded as missed or skipped is taken back, and is decided anew when it is due; what it
 * started is not started again, since its record stays. `shownMs`: the earliest that the clock can have shown since it
 * went back, which is noticed a little later.
 */
export function bringBack({ ledger, hostTz }: SetBackDeps, job: JobRecord, nowMs: number, shownMs: number): void {
  const heldMs = job.forgottenMs !== undefined && job.forgottenMs <= nowMs + HELD_MAX_MS ? job.forgottenMs : 0;
  const taken = ledger.runs.takeBack(job.id, nowMs);
  const cursorMs = Math.max(heldMs, Math.min(shownMs, (taken.firstMs ?? shownMs + 1) - 1));
  const compiled = compileJobOrNot(job, hostTz);
  ledger.jobs.patchState(job.id, {
    cursorMs,
    ...(heldMs === 0 ? { forgottenMs: null } : {}),
    ...(compiled === undefined ? {} : { nextDueMs: nextOf(ledger, job, compiled, cursorMs) ?? null }),
    ...pausesFrom(job, nowMs),
    addTotals: { missed: -taken.missed, skipped: -taken.skipped },
  });
}

/** A run that an earlier clock has put off waits no longer than its pause can be; in the caller's transaction. */
export function bringPutOffBack(ledger: Ledger, nowMs: number): void {
  for (const run of ledger.runs.putOff(nowMs)) {
    const latestMs = nowMs + longestPauseMs(run, ledger.jobs.get(run.jobId)?.definition);
    if (run.readyAtMs > latestMs) ledger.runs.setReady(run.id, latestMs);
  }
}

/** Before a retry, or before a follower's first attempt. */
function longestPauseMs({ attempt }: RunRecord, definition: JobDefinition | undefined): number {
  const { schedule, policy } = definition ?? {};
  if (attempt === 0) return schedule?.kind === "after" ? (schedule.delaySeconds ?? 0) * SECOND_MS : 0;
  return policy?.retry === undefined ? 0 : retryDelayMs(policy.retry, attempt, 1);
}

/** The job's next instant without a record; undefined for one that is off. */
const nextOf = (ledger: Ledger, job: JobRecord, compiled: CompiledSchedule, afterMs: number): number | undefined =>
  job.enabled || awaitsTrial(job.autoDisabled) ? nextUnclaimed(ledger, job.id, compiled, afterMs) : undefined;

/** The first instant after `afterMs` that has no record yet; undefined when there is none. */
export function nextUnclaimed(
  ledger: Ledger,
  jobId: string,
  compiled: CompiledSchedule,
  afterMs: number,
): number | undefined {
  let atMs = nextAfter(compiled, afterMs);
  while (atMs !== undefined && ledger.runs.isClaimed(jobId, atMs)) atMs = nextAfter(compiled, atMs);
  return atMs;
}

/** What was left of a pause when the job was decided last is left of it now. */
function pausesFrom({ cursorMs, backoffUntilMs, autoDisabled }: JobRecord, nowMs: number): JobStatePatch {
  const from = (atMs: number): number => nowMs + Math.max(0, atMs - cursorMs);
  return {
    ...(backoffUntilMs === undefined ? {} : { backoffUntilMs: from(backoffUntilMs) }),
    ...(autoDisabled?.trialAtMs === undefined
      ? {}
      : { autoDisabled: { ...autoDisabled, trialAtMs: from(autoDisabled.trialAtMs) } }),
  };
}

/** A stretch of instants that share one row. */
interface MissedStretch {
  scheduledForMs: number;
  throughMs: number;
  count: number;
}

/** The instants in (afterMs, throughMs] that have no record yet, as stretches between those that have one. */
export function unclaimedStretches(
  ledger: Ledger,
  jobId: string,
  compiled: CompiledSchedule,
  afterMs: number,
  throughMs: number,
): MissedStretch[] {
  const stretches: MissedStretch[] = [];
  let fromMs = afterMs;
  for (const claimedMs of [...ledger.runs.claimed(jobId, afterMs, throughMs), throughMs + 1]) {
    const stretch = missedRange(compiled, fromMs, claimedMs - 1);
    if (stretch !== undefined) stretches.push(stretch);
    fromMs = claimedMs;
  }
  return stretches;
}
