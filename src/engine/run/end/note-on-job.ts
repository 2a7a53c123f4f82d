import type { WireStatus } from "../../../../schema/wire/job.ts";
import type { AttemptResult } from "../../../executor/types.ts";
import type { Clock } from "../../../kernel/clock.ts";
import type { Events } from "../../../kernel/events.ts";
import type { JobRecord, JobStatePatch, Ledger, RunRecord } from "../../../ledger/types.ts";
import type { AfterRun } from "../../../policy/run/index.ts";
import { firstDueMs, parseInstant } from "../../../policy/time/index.ts";
import { removeJob } from "../../jobs/index.ts";

interface NoteDeps {
  ledger: Ledger;
  clock: Clock;
  events: Events;
  hostTz: string;
}

/** Writes what a job remembers of a run that is over, and what the run means for its schedule, in the caller's transaction. */
export function noteOnJob(
  deps: NoteDeps,
  run: RunRecord,
  job: JobRecord,
  end: {
    wire: WireStatus;
    after: AfterRun;
    error: string | undefined;
    result: Pick<AttemptResult, "startedAtMs" | "endedAtMs">;
    patch: JobStatePatch;
  },
): void {
  const { ledger } = deps;
  const { wire, after, error, patch } = end;
  const { endedAtMs } = end.result;
  const startedAtMs = run.startedAtMs ?? end.result.startedAtMs;
  ledger.jobs.patchState(job.id, {
    ...changed(job, after),
    ...(after.enabled === true && job.nextDueMs === undefined ? wake(deps, job) : {}),
    lastRunId: run.id,
    ...changed(job, { lastStatus: wire, lastError: error ?? null }),
    // What was not let begin is no start: the distance to the next one is not counted from it.
    ...(wire === "skipped" && run.startedAtMs === undefined
      ? {}
      : { lastRunAtMs: startedAtMs, lastDurationMs: Math.max(0, endedAtMs - startedAtMs) }),
    ...(wire === "ok" ? { lastOkAtMs: endedAtMs } : {}),
    addTotals: { runs: 1, [wire]: 1 },
    ...changed(job, patch),
    ...(after.autoDisabled?.reason === "until" ? { nextDueMs: null } : {}),
  });
  if (after.autoDisabled?.reason === "until") endWaiting(ledger, job.id, endedAtMs);
  if (after.enabled === true) ledger.notices.close("JOB_DISABLED", job.id, endedAtMs);
  if (run.trigger === "schedule" && isTheOne(job, run)) retire(deps, job, run, wire === "ok");
}

/** What a job does not hold already: a value that is written again costs its indexes as much as another one. */
function changed(job: JobRecord, patch: JobStatePatch): JobStatePatch {
  const isOther = ([field, value]: [string, unknown]): boolean => value !== (job[field as keyof JobRecord] ?? null);
  return Object.fromEntries(Object.entries(patch).filter(isOther));
}

/** Ends, without a word, what waits of a job that has done what it was for. */
function endWaiting(ledger: Ledger, jobId: string, endedAtMs: number): void {
  const waiting = ledger.runs.active(jobId).filter((run) => run.status !== "running" && run.attempt === 0);
  ledger.fanOuts.drop(jobId);
  for (const { id } of waiting) {
    const end = { status: "canceled", outcome: "canceled", reason: "until" } as const;
    ledger.runs.settle(id, { ...end, endedAtMs, deliveryStatus: "not-requested" });
  }
}

/** A job that was disabled for its failures is well again: it goes on from here. */
function wake({ clock, hostTz }: NoteDeps, job: JobRecord): JobStatePatch {
  const nowMs = clock.nowMs();
  return { cursorMs: Math.max(job.cursorMs, nowMs), nextDueMs: firstDueMs(job, nowMs, hostTz) ?? null };
}

/** True for the occurrence of a one-shot job: it may have been given another instant meanwhile. */
const isTheOne = (job: JobRecord, { scheduledForMs }: RunRecord): boolean =>
  job.definition.schedule.kind === "at" && scheduledForMs === parseInstant(job.definition.schedule.at);

/** A one-shot job has had its occurrence: gone after success when it asked for that and no job follows it, else kept, disabled. */
function retire(deps: NoteDeps, job: JobRecord, run: RunRecord, ok: boolean): void {
  const isFollowed = deps.ledger.jobs.levelsBelow(job.id, 1) > 0;
  const isGone = ok && job.definition.deleteAfterRun === true && !isFollowed;
  if (isGone && (run.node === undefined || isDoneEverywhere(deps.ledger, run))) removeJob(deps, job.id);
  else deps.ledger.jobs.patchState(job.id, { enabled: false, nextDueMs: null });
}

/** Of an occurrence on several nodes this was the last run, and none has failed. */
function isDoneEverywhere({ runs, fanOuts }: Ledger, { id, jobId }: RunRecord): boolean {
  if (fanOuts.next(jobId) !== undefined || runs.active(jobId).some((other) => other.id !== id)) return false;
  return runs.list({ jobId, statuses: ["error"], limit: 1, offset: 0 }).rows.length === 0;
}
