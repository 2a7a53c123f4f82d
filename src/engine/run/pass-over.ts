import type { JobRecord, Ledger } from "../../ledger/types.ts";
import { countBetween, lastAtOrBefore, occurrencesBetween } from "../../policy/index.ts";
import { compileJob, newRunFor } from "../../scheduler/index.ts";

/**
 * Writes one `missed` row for all instants after a job's cursor up to and including `throughMs`, in the caller's
 * transaction; the cursor stays. Answers how many there were; undefined where this host cannot compute the schedule.
 */
export function passOver(
  { ledger, hostTz, nowMs }: { ledger: Ledger; hostTz: string; nowMs: number },
  job: JobRecord,
  throughMs: number,
  reason: string,
): number | undefined {
  const compiled = compiledOrNot(job, hostTz);
  if (compiled === undefined) return undefined;
  const covers = countBetween(compiled, job.cursorMs, throughMs);
  const [first] = occurrencesBetween(compiled, job.cursorMs, throughMs, 1).instants;
  if (first === undefined) return 0;
  const lastMs = lastAtOrBefore(compiled, throughMs, job.cursorMs) ?? first;
  ledger.runs.insert(
    newRunFor(
      job,
      {
        trigger: "schedule",
        status: "missed",
        reason,
        scheduledForMs: first,
        endedAtMs: nowMs,
        covers,
        ...(covers > 1 ? { throughMs: lastMs } : {}),
      },
      nowMs,
    ),
  );
  return covers;
}

function compiledOrNot(job: JobRecord, hostTz: string): ReturnType<typeof compileJob> | undefined {
  try {
    return compileJob(job, hostTz);
  } catch {
    return undefined;
  }
}
