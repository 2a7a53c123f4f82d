import type { RunEntry } from "../../schema/wire/run.ts";

export interface Failure {
  /** The newest that failed. */
  run: RunEntry;
  times: number;
  /** The job has run well since. */
  well: boolean;
}

/** When it failed, or was to run and did not. */
export const failedAt = ({ runStatus, scheduledForMs, coversThroughMs, ts }: RunEntry): number =>
  runStatus === "missed" ? (coversThroughMs ?? scheduledForMs ?? ts) : ts;

/** Failed runs, newest first, as one entry a job; what has run well since comes last. */
export function failuresOf(entries: readonly RunEntry[], lastOkMs: (jobId: string) => number | undefined): Failure[] {
  const byJob = new Map<string, Failure>();
  for (const run of entries) {
    const known = byJob.get(run.jobId);
    const times = run.coversCount ?? 1;
    if (known === undefined) byJob.set(run.jobId, { run, times, well: (lastOkMs(run.jobId) ?? 0) > failedAt(run) });
    else known.times += times;
  }
  return [...byJob.values()].sort((a, b) => Number(a.well) - Number(b.well));
}
