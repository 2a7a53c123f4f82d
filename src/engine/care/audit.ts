import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../kernel/durations.ts";
import { CommandCronError } from "../../kernel/errors.ts";
import type { JobRecord, Ledger } from "../../ledger/types.ts";
import { compileJob, countBetween } from "../../policy/time/index.ts";
import { nextUnclaimed } from "../../scheduler/index.ts";
import type { Settings } from "../deps.ts";

export interface AuditReport {
  atMs: number;
  jobs: number;
  gaps: number;
}

/** How far the first round after a start looks back, and the later ones, which follow each other within minutes. */
const FIRST_LOOK_BACK_MS = 24 * HOUR_MS;
const LOOK_BACK_MS = HOUR_MS;
/** Rows looked through for the oldest one that a schedule made. */
const OLDEST_ROWS = 50;

/** Instants younger than this may be about to be decided. */
const DECIDED_WITHIN_MS = MINUTE_MS;

/**
 * Compares, for each job, the instants its schedule names with what the ledger says of them: up to its cursor with the
 * instants its run rows cover, and behind it with when the job is due next. A difference is a finding; it is never
 * repaired silently. Work is spread: `step` looks at a few jobs a call.
 */
export function createAudit(deps: {
  ledger: Ledger;
  hostTz: string;
  settings: Pick<Settings, "runsPerJob" | "retentionDays">;
  nowMs(): number;
  found(job: JobRecord, expected: number, recorded: number, afterMs: number, throughMs: number): void;
  /** The job names instants that nothing would ever have decided; from now on it is due at the first of them. */
  rearmed(job: JobRecord, dueMs: number): void;
}) {
  const { ledger } = deps;
  /** Where the round goes on; undefined between rounds. */
  let place: string | undefined;
  let visited = 0;
  let gaps = 0;
  let last: AuditReport | null = null;

  /** What comes after the cursor is decided when the job is due: the first instant there, or earlier. */
  function auditDue(job: JobRecord): void {
    const dueMs = nextUnclaimed(ledger, job.id, compileJob(job, deps.hostTz), job.cursorMs);
    const { nextDueMs = Number.POSITIVE_INFINITY } = job;
    if (dueMs === undefined || nextDueMs <= dueMs || dueMs > deps.nowMs() - DECIDED_WITHIN_MS) return;
    gaps += 1;
    ledger.jobs.patchState(job.id, { nextDueMs: dueMs });
    deps.rearmed(job, dueMs);
  }

  function auditRecords(job: JobRecord): void {
    const throughMs = job.cursorMs;
    const knownMs = Math.max(job.createdAtMs, job.updatedAtMs);
    const afterMs = Math.max(knownMs, throughMs - (last === null ? FIRST_LOOK_BACK_MS : LOOK_BACK_MS));
    if (throughMs <= afterMs || agrees(job, afterMs)) return;
    // The range may cut a row that covers several instants, or reach back beyond what retention has left.
    const wholeMs = Math.max(knownMs, oldestKeptMs(job, knownMs) - 1);
    if (wholeMs !== afterMs && agrees(job, wholeMs)) return;
    gaps += 1;
    deps.found(job, expectedOf(job, wholeMs), recordedOf(job, wholeMs), wholeMs, throughMs);
  }

  const expectedOf = (job: JobRecord, afterMs: number): number =>
    countBetween(compileJob(job, deps.hostTz), afterMs, job.cursorMs);
  const recordedOf = (job: JobRecord, afterMs: number): number =>
    ledger.runs.coveredCount(job.id, afterMs, job.cursorMs);
  const agrees = (job: JobRecord, afterMs: number): boolean => expectedOf(job, afterMs) === recordedOf(job, afterMs);

  /** The oldest instant on record where retention may have removed older ones; else the beginning of time. */
  function oldestKeptMs(job: JobRecord, knownMs: number): number {
    const { rows, total } = ledger.runs.list({ jobId: job.id, sortDir: "asc", limit: OLDEST_ROWS, offset: 0 });
    const { runsPerJob, retentionDays } = deps.settings;
    if (total < runsPerJob && knownMs >= deps.nowMs() - retentionDays * DAY_MS) return 0;
    return rows.find((run) => run.trigger === "schedule")?.scheduledForMs ?? job.cursorMs;
  }

  return {
    /** Looks at up to `count` jobs; true when a round is complete. */
    step(count: number): boolean {
      if (place === undefined) {
        visited = 0;
        gaps = 0;
      }
      const { jobs, next } = ledger.jobs.page(place ?? "", count);
      for (const job of jobs) {
        if (!job.enabled) continue;
        try {
          auditRecords(job);
          auditDue(job);
          visited += 1;
        } catch (error) {
          // Its schedule cannot be computed on this host; the scheduler has said so where an operator sees it.
          if (!(error instanceof CommandCronError)) throw error;
        }
      }
      place = next;
      if (place !== undefined) return false;
      last = { atMs: deps.nowMs(), jobs: visited, gaps };
      return true;
    },
    last: (): AuditReport | null => last,
  };
}
