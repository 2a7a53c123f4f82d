import type { JobRecord, Ledger } from "../../ledger/types.ts";
import { compileJob, newRunFor, unclaimedStretches } from "../../scheduler/index.ts";

/**
 * Writes `missed` for all instants after a job's cursor up to and including `throughMs`, in the caller's transaction: one
 * row, but for instants that have a row already. The cursor stays. Answers how many there were; undefined where this host cannot compute the schedule.
 */
export function passOver(
  { ledger, hostTz, nowMs }: { ledger: Ledger; hostTz: string; nowMs: number },
  job: JobRecord,
  throughMs: number,
  reason: string,
): number | undefined {
  const compiled = compiledOrNot(job, hostTz);
  if (compiled === undefined) return undefined;
  const stretches = unclaimedStretches(ledger, job.id, compiled, job.cursorMs, throughMs);
  for (const { scheduledForMs, count, ...stretch } of stretches) {
    const range = count > 1 ? { covers: count, throughMs: stretch.throughMs } : {};
    ledger.runs.insert(
      newRunFor(
        job,
        { trigger: "schedule", status: "missed", reason, scheduledForMs, endedAtMs: nowMs, ...range },
        nowMs,
      ),
    );
  }
  return stretches.reduce((sum, { count }) => sum + count, 0);
}

function compiledOrNot(job: JobRecord, hostTz: string): ReturnType<typeof compileJob> | undefined {
  try {
    return compileJob(job, hostTz);
  } catch {
    return undefined;
  }
}
