import { formatDurationMs } from "../kernel/durations.ts";
import type { AlertRecord, JobRecord, Ledger } from "../ledger/types.ts";
import { stallLimitMs } from "../policy/run/index.ts";
import type { Found } from "./subject.ts";

/** Of what jobs look after: that it stands still, or says itself that all is not well. That it has stopped is a failed run. */
export function findConditions(ledger: Ledger, nowMs: number): Found[] {
  return ledger.jobs.reporting().flatMap((jobId) => {
    const job = ledger.jobs.get(jobId);
    const condition = job?.condition;
    const { contract, progress } = job?.definition.policy ?? {};
    if (job === undefined || condition === undefined || contract === undefined || !job.enabled) return [];
    const { running, completed, level, message, progressKey, movedAtMs } = condition;
    const found: Found[] = [];
    if (level !== "ok" && (running || completed))
      found.push({ job, cause: "level", about: message === undefined ? level : `${level}: ${message}` });
    const stillMs = nowMs - movedAtMs;
    if (running && stillMs >= (stallLimitMs(progress ?? {}) ?? Number.POSITIVE_INFINITY)) {
      const place = progressKey === undefined ? "" : `, at ${progressKey}`;
      found.push({ job, cause: "stalled", about: `no progress for ${formatDurationMs(stillMs)}${place}` });
    }
    return found;
  });
}

/** Incidents about what the job looks after: a run that found it alive ends none of them. */
export const isOfCondition = (job: JobRecord, { cause }: Pick<AlertRecord, "cause">): boolean =>
  job.definition.policy?.contract !== undefined && (cause === "level" || cause === "stalled");
