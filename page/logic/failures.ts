import type { Job } from "../../schema/wire/job.ts";
import type { RunEntry } from "../../schema/wire/run.ts";
import { DAY_MS } from "../../src/kernel/durations.ts";

/** The question for what failed or was missed in the last day; it stays the same for ten minutes. */
export const failuresQuestion = (nowMs: number) => ({
  runStatuses: ["failed", "timed_out", "lost", "missed"],
  sinceMs: Math.floor(nowMs / 600_000) * 600_000 - DAY_MS,
  limit: 100,
});

export interface Failure {
  /** The newest that failed. */
  run: RunEntry;
  /** In a row; where it has run well since, all of them. */
  times: number;
  /** The job has run well since. */
  well: boolean;
}

/** When it began, or was to begin; of several instants that passed, the last. */
export const shownAt = ({ runStatus, runAtMs, scheduledForMs, coversThroughMs, ts }: RunEntry): number =>
  (runStatus === "missed" ? coversThroughMs : runAtMs) ?? scheduledForMs ?? ts;

/** When it had failed, or was to run and did not. */
const failedAt = (run: RunEntry): number => (run.runStatus === "missed" ? shownAt(run) : run.ts);

/** Failed runs, newest first, as one entry a job; what has run well since comes last. */
export function failuresOf(
  entries: readonly RunEntry[],
  stateOf: (jobId: string) => Pick<Job["state"], "lastOkAtMs" | "consecutiveErrors"> | undefined,
): Failure[] {
  const byJob = new Map<string, RunEntry[]>();
  for (const run of entries) byJob.set(run.jobId, [...(byJob.get(run.jobId) ?? []), run]);
  const failures = [...byJob].flatMap(([jobId, runs]): Failure[] => {
    const [run] = runs;
    if (run === undefined) return [];
    const { lastOkAtMs = 0, consecutiveErrors = 0 } = stateOf(jobId) ?? {};
    const isMissed = run.runStatus === "missed";
    const well = lastOkAtMs > failedAt(run);
    const inARow = runs.filter((one) => failedAt(one) > lastOkAtMs && (one.runStatus === "missed") === isMissed);
    const seen = (well ? runs : inARow).reduce((sum, { coversCount = 1 }) => sum + coversCount, 0);
    // The job counts its failures itself, also those of more than a day ago.
    return [{ run, well, times: well || isMissed ? seen : consecutiveErrors || seen }];
  });
  return failures.sort((a, b) => Number(a.well) - Number(b.well));
}
