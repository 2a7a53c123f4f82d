import type { OverlapPolicy } from "../../schema/wire/policy.ts";
import type { RunTrigger } from "../../schema/wire/run.ts";
import { newId } from "../kernel/ids.ts";
import { present } from "../kernel/present.ts";
import type { JobRecord, Ledger, NewRun, RunRecord } from "../ledger/types.ts";
import { decideOverlap } from "../policy/run/index.ts";

export const DEFAULT_POOL = "default";

const overlapOf = (job: JobRecord): OverlapPolicy => job.definition.policy?.overlap ?? "skip";

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

/** The one occurrence of an `at` job waits for what is in its way: nothing else would ever make up for it. */
export const isOneShot = (job: JobRecord): boolean => job.definition.schedule.kind === "at";

/** Why an instant of a job passes without a run whatever else goes on: its failures have disabled it, or pause it. */
export function pauseAt(job: JobRecord, atMs: number): "auto_disabled" | "backoff" | undefined {
  const once = isOneShot(job);
  const trialAtMs = job.autoDisabled?.trialAtMs;
  if (!job.enabled && (trialAtMs === undefined || (!once && atMs < trialAtMs))) return "auto_disabled";
  return !once && job.backoffUntilMs !== undefined && atMs < job.backoffUntilMs ? "backoff" : undefined;
}

interface OverlapQuestion {
  catchUp?: boolean;
  /** The runs of each node are in the way of one another only. */
  node?: string | undefined;
}

/** What an occurrence or a manual start does while other runs of the job are active. */
export function weighOverlap(ledger: Ledger, job: JobRecord, { catchUp = false, node }: OverlapQuestion = {}) {
  const policy = overlapOf(job);
  // Whoever may always start need not be told of the others, who may be many.
  const active = policy === "allow_all" ? [] : ledger.runs.activeOn(job.id, node);
  const bufferedRuns = buffered(active).length;
  const verdict = decideOverlap({ policy, activeRuns: active.length - bufferedRuns, bufferedRuns, catchUp });
  return { verdict, active };
}

/** Of a job's active runs, oldest first, the ones that wait for another of them. */
function buffered(active: RunRecord[]): RunRecord[] {
  const isBusy = active.some((run) => run.status === "running");
  return active.filter((run, index) => run.status === "queued" && (isBusy || index > 0));
}

/** An occurrence that does not run, or a few neighbouring ones. */
interface PassedOver {
  node?: string | undefined;
  status: "skipped" | "missed";
  reason: string;
  /** Default: its schedule names it. */
  trigger?: RunTrigger;
  causedByRunId?: string;
  scheduledForMs: number;
  throughMs: number;
  count: number;
}

/**
 * Writes the row of occurrences that do not run and counts them on the job, also on the record given, in the caller's
 * transaction. Does nothing when the first of them has its row already.
 */
export function recordPassedOver(
  deps: { ledger: Ledger; passedOver(job: JobRecord, row: NewRun): void },
  job: JobRecord,
  { count, throughMs, node, ...what }: PassedOver,
  nowMs: number,
): void {
  const range = count > 1 ? { covers: count, throughMs } : {};
  const row = newRunFor(job, { trigger: "schedule", ...what, ...range, ...present({ node }), endedAtMs: nowMs }, nowMs);
  if (deps.ledger.runs.insert(row) !== "inserted") return;
  deps.passedOver(job, row);
  job.consecutiveSkipped += count;
  deps.ledger.jobs.patchState(job.id, {
    consecutiveSkipped: job.consecutiveSkipped,
    // A job that fails goes on failing while its instants are passed over, until a run of it says otherwise.
    ...(job.lastStatus === "error" ? {} : { lastRunId: row.id, lastStatus: "skipped" as const }),
    addTotals: what.status === "missed" ? { missed: count } : { skipped: count },
  });
}
