import { RESTORED_AT_META, restoredAtMsOf } from "../../ledger/index.ts";
import type { JobRecord, Ledger } from "../../ledger/types.ts";
import { firstDueMs } from "../../scheduler/index.ts";
import { passOver, type Settler } from "../run/index.ts";

const QUEUED_A_STEP = 100;
const NAMED_MAX = 10;

/**
 * After a restore nobody knows what has run between the backup and the restore. At most once means that it does not run
 * now: each job gets one row that covers those instants, `missed` with reason `restored`, and goes on from the restore;
 * what the backup shows as waiting is `canceled` with that reason. A one-shot among them is disabled: only a person can
 * know whether it has run. Answers how many instants were passed over, and the names of those one-shots; does nothing on a
 * ledger that was not restored.
 */
export function passOverRestored(deps: {
  ledger: Ledger;
  settler: Pick<Settler, "settleWithoutProcess">;
  hostTz: string;
  nowMs: number;
}): { instants: number; oneShots: string[] } {
  const { ledger, settler, hostTz, nowMs } = deps;
  const restoredAtMs = restoredAtMsOf(ledger);
  const oneShots: string[] = [];
  if (restoredAtMs === 0) return { instants: 0, oneShots };
  const stale: JobRecord[] = [];
  ledger.jobs.each((job) => {
    if (job.nextDueMs !== undefined && job.nextDueMs <= restoredAtMs) stale.push(job);
  });

  function skipTo(job: JobRecord): number {
    const passed = passOver({ ledger, hostTz, nowMs }, job, restoredAtMs, "restored");
    const nextDueMs = passed === undefined ? undefined : firstDueMs(job, restoredAtMs, hostTz);
    const isOver = passed !== undefined && passed > 0 && job.definition.schedule.kind === "at";
    if (isOver) oneShots.push(job.definition.name);
    // Where this host cannot compute the schedule the scheduler will come upon it and say so.
    ledger.jobs.patchState(job.id, {
      cursorMs: Math.max(job.cursorMs, restoredAtMs),
      ...(isOver ? { enabled: false } : {}),
      ...(passed === undefined ? {} : { nextDueMs: nextDueMs ?? null, addTotals: { missed: passed } }),
    });
    return passed ?? 0;
  }

  return ledger.transaction(() => {
    for (;;) {
      const { rows } = ledger.runs.list({ runStatuses: ["queued"], limit: QUEUED_A_STEP, offset: 0 });
      const error = "command not started: the ledger was restored from a backup, it may have run since";
      for (const run of rows) settler.settleWithoutProcess(run, "canceled", "restored", error);
      if (rows.length < QUEUED_A_STEP) break;
    }
    const instants = stale.reduce((sum, job) => sum + skipTo(job), 0);
    ledger.setMeta(RESTORED_AT_META, "0");
    return { instants, oneShots };
  });
}

/** What an operator is told of it. */
export function restoredText({ instants, oneShots }: ReturnType<typeof passOverRestored>): string {
  const text = `${instants} instants between backup and restore were passed over`;
  if (oneShots.length === 0) return text;
  const named = oneShots.slice(0, NAMED_MAX).join(", ");
  const more = oneShots.length > NAMED_MAX ? `, and ${oneShots.length - NAMED_MAX} more` : "";
  return `${text}; one-shot jobs among them are disabled, since they may have run: ${named}${more}`;
}
