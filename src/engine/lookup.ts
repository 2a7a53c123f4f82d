import { CommandCronError } from "../kernel/errors.ts";
import { SHORTEST_PREFIX } from "../ledger/index.ts";
import type { JobRecord, LedgerReads, RunRecord, SetAsideJob } from "../ledger/types.ts";
import type { RunRef } from "./api.ts";

/** The job with this id, start of an id, or name. Raises JOB_NOT_FOUND, JOB_SET_ASIDE, JOB_AMBIGUOUS. */
export function requireJob(ledger: LedgerReads, text: string): JobRecord {
  const job = findJob(ledger, text);
  const aside = job === undefined ? findSetAside(ledger, text) : undefined;
  if (aside !== undefined) {
    const { id, name, reason } = aside;
    throw new CommandCronError("JOB_SET_ASIDE", { got: `${name} (${id}): ${reason}`, details: { jobId: id, reason } });
  }
  if (job === undefined) throw new CommandCronError("JOB_NOT_FOUND", { got: text, details: { jobId: text } });
  return job;
}

/** The same; undefined when there is none. Raises JOB_AMBIGUOUS. */
export function findJob(ledger: LedgerReads, text: string): JobRecord | undefined {
  const jobs = ledger.jobs.matches(text);
  if (jobs.length > 1)
    throw ambiguous(
      text,
      jobs.map(({ id, definition }) => ({ id, name: definition.name })),
    );
  return jobs[0];
}

/** A job whose record cannot be read, found as others are; undefined when there is none. Raises JOB_AMBIGUOUS. */
export function findSetAside(ledger: LedgerReads, text: string): SetAsideJob | undefined {
  const aside = ledger.jobs.setAside();
  const exact = aside.filter(({ id }) => id === text);
  const named = exact.length > 0 ? exact : aside.filter(({ name }) => name === text);
  const lower = text.toLowerCase();
  const fits = ({ id, name }: SetAsideJob): boolean =>
    name.toLowerCase() === lower || (text.length >= SHORTEST_PREFIX && id.startsWith(text));
  const found = named.length > 0 ? named : aside.filter(fits);
  if (found.length > 1) throw ambiguous(text, found);
  return found[0];
}

const ambiguous = (text: string, jobs: readonly { id: string; name: string }[]): CommandCronError =>
  new CommandCronError("JOB_AMBIGUOUS", {
    got: `${text}: ${jobs.map(({ id, name }) => `${id} (${name})`).join(", ")}`,
    details: { matches: jobs.map(({ id, name }) => ({ id, name })) },
  });

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
  const aside = findSetAside(ledger, text);
  if (aside !== undefined) return { gone: aside.id };
  if ("ref" in ref && ledger.runs.matches(text).length > 0) return { run: requireRun(ledger, text) };
  return { gone: text };
}
