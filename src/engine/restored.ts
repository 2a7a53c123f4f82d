import { RESTORED_AT_META } from "../ledger/index.ts";
import type { JobRecord, Ledger } from "../ledger/types.ts";
import { countBetween, lastAtOrBefore, nextAfter, occurrencesBetween } from "../policy/index.ts";
import { compileJob, newRunFor } from "../scheduler/index.ts";

/**
 * After a restore nobody knows which instants between the backup and the restore have run. At most once means that they
 * do not run now: each job gets one row that covers them, `missed` with reason `restored`, and goes on from the restore.
 * Answers how many instants were passed over; does nothing on a ledger that was not restored.
 */
export function passOverRestored(ledger: Ledger, hostTz: string, nowMs: number): number {
  const restoredAtMs = Number(ledger.getMeta(RESTORED_AT_META) ?? 0);
  if (restoredAtMs === 0) return 0;
  const stale: JobRecord[] = [];
  ledger.jobs.each((job) => {
    if (job.nextDueMs !== undefined && job.nextDueMs <= restoredAtMs) stale.push(job);
  });
  return ledger.transaction(() => {
    const passed = stale.reduce((sum, job) => sum + passOver(ledger, job, restoredAtMs, hostTz, nowMs), 0);
    ledger.setMeta(RESTORED_AT_META, "0");
    return passed;
  });
}

function passOver(ledger: Ledger, job: JobRecord, throughMs: number, hostTz: string, nowMs: number): number {
  const compiled = compileJob(job, hostTz);
  const covers = countBetween(compiled, job.cursorMs, throughMs);
  const [first] = occurrencesBetween(compiled, job.cursorMs, throughMs, 1).instants;
  if (first !== undefined) {
    const lastMs = lastAtOrBefore(compiled, throughMs, job.cursorMs) ?? first;
    ledger.runs.insert(
      newRunFor(
        job,
        {
          trigger: "schedule",
          status: "missed",
          reason: "restored",
          scheduledForMs: first,
          endedAtMs: nowMs,
          covers,
          ...(covers > 1 ? { throughMs: lastMs } : {}),
        },
        nowMs,
      ),
    );
  }
  ledger.jobs.patchState(job.id, {
    cursorMs: throughMs,
    nextDueMs: nextAfter(compiled, throughMs) ?? null,
    addTotals: { missed: covers },
  });
  return covers;
}
