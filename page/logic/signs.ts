import type { ApprovalEntry } from "../../schema/wire/calls/approvals.ts";
import type { RunEntry } from "../../schema/wire/run.ts";
import { type Failure, shownAt } from "./failures.ts";

/** What is to be seen of a job that its own state does not say. */
export interface Sign {
  /** A run of it waits for a person. */
  asks?: true;
  /** A run of it goes on and makes no progress. */
  stalled?: { runId: string; forMs: number };
  /** It has not run since those instants passed. */
  missed?: { times: number; atMs: number };
}
export type Signs = ReadonlyMap<string, Sign>;

export interface SignFacts {
  nowMs: number;
  approvals: readonly Pick<ApprovalEntry, "jobId">[];
  running: readonly RunEntry[];
  failures: readonly Failure[];
}

/** The signs of all jobs that have one. */
export function signsOf({ nowMs, approvals, running, failures }: SignFacts): Signs {
  const signs = new Map<string, Sign>();
  const add = (jobId: string, sign: Sign): void => void signs.set(jobId, { ...signs.get(jobId), ...sign });
  for (const { run, times, well } of failures) {
    if (!well && run.runStatus === "missed") add(run.jobId, { missed: { times, atMs: shownAt(run) } });
  }
  for (const { jobId, runId, runAtMs, ts, progress } of running) {
    if (progress?.stalled !== true) continue;
    add(jobId, { stalled: { runId, forMs: nowMs - (progress.movedAtMs ?? runAtMs ?? ts) } });
  }
  for (const { jobId } of approvals) add(jobId, { asks: true });
  return signs;
}
