import type { RunEntry } from "../../schema/wire/run.ts";

export interface Failure {
  /** The newest that failed. */
  run: RunEntry;
  times: number;
  /** The job has run well since. */
  well: boolean;
}

/** Failed runs, newest first, as one entry a job; what is well again comes last. */
export function failuresOf(entries: readonly RunEntry[], isWell: (jobId: string) => boolean): Failure[] {
  const byJob = new Map<string, Failure>();
  for (const run of entries) {
    const known = byJob.get(run.jobId);
    if (known === undefined) byJob.set(run.jobId, { run, times: 1, well: isWell(run.jobId) });
    else known.times += 1;
  }
  return [...byJob.values()].sort((a, b) => Number(a.well) - Number(b.well));
}
