import type { JobRecord, Ledger, NewRun } from "../../ledger/types.ts";
import { compileJobOrNot } from "../../policy/time/index.ts";
import { recordPassedOver, unclaimedStretches } from "../../scheduler/index.ts";

interface PassOverDeps {
  ledger: Ledger;
  hostTz: string;
  nowMs: number;
  /** Called before the job's streaks are written; for a job that leaves there is nobody to tell. */
  passedOver?(job: JobRecord, row: NewRun): void;
}

/**
 * Writes `missed` for all instants after a job's cursor up to and including `throughMs`, in the caller's transaction: one
 * row, but for instants that have a row already. The cursor stays; the job's streaks and totals count them, also on the
 * record given. Answers how many there were; undefined where this host cannot compute the schedule.
 */
export function passOver(
  { ledger, hostTz, nowMs, passedOver = () => {} }: PassOverDeps,
  job: JobRecord,
  throughMs: number,
  reason: string,
): number | undefined {
  const compiled = compileJobOrNot(job, hostTz);
  if (compiled === undefined) return undefined;
  const stretches = unclaimedStretches(ledger, job.id, compiled, job.cursorMs, throughMs);
  for (const stretch of stretches) {
    recordPassedOver({ ledger, passedOver }, job, { status: "missed", reason, ...stretch }, nowMs);
  }
  return stretches.reduce((sum, { count }) => sum + count, 0);
}
