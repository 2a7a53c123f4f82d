import type { ApprovalEntry } from "../../schema/wire/calls/approvals.ts";
import type { RunEntry } from "../../schema/wire/run.ts";
import { type Failure, shownAt } from "./failures.ts";

/** What is to be seen of a job that its own state does not say. */
export interface Sign {
  /** A run of it waits for a person. */
  asks?: true;
  /** Runs of it go on and make no progress, the longest of them for so long. */
  stalled?: { runIds: readonly string[]; forMs: number };
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
    const { runIds = [], forMs = 0 } = signs.get(jobId)?.stalled ?? {};
    const stillMs = nowMs - (progress.movedAtMs ?? runAtMs ?? ts);
    add(jobId, { stalled: { runIds: [...runIds, runId], forMs: Math.max(forMs, stillMs) } });
  }
  for (const { jobId } of approvals) add(jobId, { asks: true });
  return signs;
}
