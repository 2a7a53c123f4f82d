import type { Clock } from "../../kernel/clock.ts";
import type { Events } from "../../kernel/events.ts";
import type { Ledger } from "../../ledger/types.ts";

/** Notices about one job, with its id as their key. */
const JOB_NOTICES = ["JOB_FAILING", "JOB_DISABLED", "JOB_UNSCHEDULABLE", "OCCURRENCE_GAP", "RUN_SET_ASIDE"];

/** Removes a job together with what is open about it: nothing that comes later could close it. Its history stays. */
export function removeJob(
  { ledger, clock, events }: { ledger: Ledger; clock: Clock; events: Events },
  jobId: string,
): void {
  const nowMs = clock.nowMs();
  ledger.transaction(() => {
    ledger.jobs.remove(jobId);
    for (const code of JOB_NOTICES) ledger.notices.close(code, jobId, nowMs);
    for (const { id: alertId } of ledger.alerts.openOf(jobId)) {
      ledger.alerts.close(alertId, nowMs);
      // Told when the transaction has been committed.
      queueMicrotask(() => events.emit("alert-changed", { alertId, state: "closed" }));
    }
  });
}
