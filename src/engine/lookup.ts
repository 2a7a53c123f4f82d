import { CommandCronError } from "../kernel/errors.ts";
import type { JobRecord, LedgerReads, RunRecord } from "../ledger/types.ts";
import type { RunRef } from "./api.ts";

/** The job with this id, start of an id, or name. Raises JOB_NOT_FOUND, JOB_AMBIGUOUS. */
export function requireJob(ledger: LedgerReads, text: string): JobRecord {
  const job = findJob(ledger, text);
  if (job === undefined) throw new CommandCronError("JOB_NOT_FOUND", { got: text, details: { jobId: text } });
  return job;
}

/** The same; undefined when there is none. Raises JOB_AMBIGUOUS. */
export function findJob(ledger: LedgerReads, text: string): JobRecord | undefined {
  const jobs = ledger.jobs.matches(text);
  if (jobs.length > 1) {
    throw new CommandCronError("JOB_AMBIGUOUS", {
      got: `${text}: ${jobs.map(({ id, definition }) => `${id} (${definition.name})`).join(", ")}`,
      details: { matches: jobs.map(({ id, definition }) => ({ id, name: definition.name })) },
    });
  }
  return jobs[0];
}

/** The run with this id or start of one. Raises RUN_NOT_FOUND, RUN_AMBIGUOUS. */
export function requireRun(ledger: LedgerReads, text: string): RunRecord {
  const runs = ledger.runs.matches(text);
  const [run] = runs;
  if (run === undefined) throw new CommandCronError("RUN_NOT_FOUND", { got: text, details: { runId: text } });
  if (runs.length > 1) {
    throw new CommandCronError("RUN_AMBIGUOUS", {
      got: `${text}: ${runs.map(({ id, jobName }) => `${id} (${jobName})`).join(", ")}`,
      details: { matches: runs.map(({ id, jobName }) => ({ id, name: jobName })) },
    });
  }
  return run;
}

/**
 * What a reference stands for. A bare word is a whole run id, else a job, else the start of a run id: what a person calls a
 * job never hits another job's run. Raises what `requireJob` and `requireRun` raise.
 */
export function resolveRef(
  ledger: LedgerReads,
  ref: RunRef,
): { run: RunRecord } | { job: JobRecord } | { gone: string } {
  if ("runId" in ref) return { run: requireRun(ledger, ref.runId) };
  const text = "jobId" in ref ? ref.jobId : ref.ref;
  const exact = "ref" in ref ? ledger.runs.get(text) : undefined;
  if (exact !== undefined) return { run: exact };
  const job = findJob(ledger, text);
  if (job !== undefined) return { job };
  if ("ref" in ref && ledger.runs.matches(text).length > 0) return { run: requireRun(ledger, text) };
  return { gone: text };
}
