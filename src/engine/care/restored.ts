import { errorText } from "../../kernel/errors.ts";
import { eachApart, RESTORED_AT_META, restoredAtMsOf } from "../../ledger/index.ts";
import type { JobRecord, Ledger, NewRun, RunRecord } from "../../ledger/types.ts";
import { firstDueMs } from "../../policy/time/index.ts";
import { passOver, type RunEnds } from "../run/index.ts";
import { someOf } from "./names.ts";

const QUEUED_A_STEP = 100;

/**
 * After a restore nobody knows what has run between the backup and the restore. At most once means that it does not run
 * now: each job gets one row that covers those instants, `missed` with reason `restored`, and goes on from the restore;
 * what the backup shows as waiting is `canceled` with that reason. A one-shot among them is disabled: only a person can
 * know whether it has run. Answers how many instants were passed over, and the names of those one-shots; does nothing on a
 * ledger that was not restored.
 */
export function passOverRestored(deps: {
  ledger: Ledger;
  ends: RunEnds;
  passedOver(job: JobRecord, row: NewRun): void;
  /** Writes what the backup has begun to write of occurrences on many nodes. */
  spreadAll(): void;
  /** The job cannot be decided; it is left alone until it is changed. */
  onBroken(job: JobRecord, reason: string): void;
  hostTz: string;
  nowMs: number;
}): { instants: number; oneShots: string[] } {
  const { ledger, ends, hostTz } = deps;
  const restoredAtMs = restoredAtMsOf(ledger);
  if (restoredAtMs === 0) return { instants: 0, oneShots: [] };

  function cancel(run: RunRecord): void {
    const error = "command not started: the ledger was restored from a backup, it may have run since";
    ends.withoutProcess({ ...run, alone: true }, "canceled", "restored", error);
  }

  function skipTo(stored: JobRecord): { instants: number; oneShots: string[] } {
    const job = { ...stored };
    const passed = passOver(deps, job, restoredAtMs, "restored");
    const nextDueMs = passed === undefined ? undefined : firstDueMs(job, restoredAtMs, hostTz);
    const isOver = passed !== undefined && passed > 0 && job.definition.schedule.kind === "at";
    // Where this host cannot compute the schedule the scheduler will come upon it and say so.
    ledger.jobs.patchState(job.id, {
      cursorMs: Math.max(job.cursorMs, restoredAtMs),
      ...(isOver ? { enabled: false } : {}),
      ...(passed === undefined ? {} : { nextDueMs: nextDueMs ?? null }),
    });
    return { instants: passed ?? 0, oneShots: isOver ? [job.definition.name] : [] };
  }

  deps.spreadAll();
  eachApart<RunRecord, unknown>(ledger, allQueued(ledger), cancel, (run, error) =>
    ends.giveUp(run, "lost", "it could not be canceled after a restore", error),
  );
  const stale: JobRecord[] = [];
  ledger.jobs.each((job) => {
    if (job.nextDueMs !== undefined && job.nextDueMs <= restoredAtMs) stale.push(job);
  });
  const skipped = eachApart(ledger, stale, skipTo, (job, error) => {
    ledger.jobs.patchState(job.id, { cursorMs: restoredAtMs, nextDueMs: null });
    deps.onBroken(job, errorText(error));
    return { instants: 0, oneShots: [] };
  });
  ledger.setMeta(RESTORED_AT_META, "0");
  return {
    instants: skipped.reduce((sum, { instants }) => sum + instants, 0),
    oneShots: skipped.flatMap(({ oneShots }) => oneShots),
  };
}

function allQueued(ledger: Ledger): RunRecord[] {
  const queued: RunRecord[] = [];
  for (let more = true; more; ) {
    const page = { limit: QUEUED_A_STEP, offset: queued.length };
    const { rows } = ledger.runs.list({ runStatuses: ["queued", "awaiting_approval"], ...page });
    queued.push(...rows);
    more = rows.length === QUEUED_A_STEP;
  }
  return queued;
}

/** What an operator is told of it. */
export function restoredText({ instants, oneShots }: ReturnType<typeof passOverRestored>): string {
  const passed =
    instants === 1
      ? "1 instant between backup and restore was"
      : `${instants} instants between backup and restore were`;
  const text = `${passed} passed over`;
  if (oneShots.length === 0) return text;
  return `${text}; one-shot jobs among them are disabled, since they may have run: ${someOf(oneShots)}`;
}
