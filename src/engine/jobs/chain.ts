import { MAX_LEVELS } from "../../../schema/limits.ts";
import { MAX_FOLLOWERS } from "../../../schema/wire/schedule.ts";
import { CommandCronError } from "../../kernel/errors.ts";
import type { JobDefinition, JobRecord, LedgerReads } from "../../ledger/types.ts";
import { awaitsTrial } from "../../policy/run/index.ts";
import { findJob } from "../lookup.ts";
import { afterOf, findDeclared, parentOf } from "./content.ts";
import { checkRisk } from "./risk.ts";

const refuse = (code: "JOB_NOT_FOUND" | "CHAIN_REFUSED", expected: string, got: string): CommandCronError =>
  new CommandCronError(code, { field: "schedule.job", expected, got });

/** The definition with its parent by id, whatever it was called by. A parent that is not there is left as it was called. */
export function withParentId<D extends Pick<JobDefinition, "schedule">>(ledger: LedgerReads, definition: D): D {
  const after = afterOf(definition);
  if (after === undefined) return definition;
  const parent = findDeclared(ledger, after.job) ?? findJob(ledger, after.job);
  return parent === undefined ? definition : { ...definition, schedule: { ...after, job: parent.id } };
}

/**
 * Refuses a parent that is not there, that would come after the job itself, or that has followers enough, and a chain that
 * would get too long: to be asked in the transaction that stores the job, so that two callers cannot close a loop together.
 * Raises JOB_NOT_FOUND or CHAIN_REFUSED.
 */
export function checkChain(ledger: LedgerReads, definition: JobDefinition, jobId: string | undefined): void {
  const after = afterOf(definition);
  if (after === undefined) return;
  const parent = ledger.jobs.get(after.job);
  if (parent === undefined && jobId !== after.job) throw refuse("JOB_NOT_FOUND", "a job that is there", after.job);
  const above = parent === undefined ? [] : [parent, ...ancestorsOf(ledger, parent)];
  const loop = jobId === undefined ? -1 : above.findIndex(({ id }) => id === jobId);
  if (loop >= 0 || parent === undefined) {
    const names = above.slice(0, loop + 1).map((job) => job.definition.name);
    throw refuse("CHAIN_REFUSED", "a job that does not follow this one", [definition.name, ...names].join(" after "));
  }
  const below = jobId === undefined ? 0 : ledger.jobs.levelsBelow(jobId, MAX_LEVELS);
  const levels = above.length + 1 + below;
  if (levels > MAX_LEVELS) {
    throw refuse("CHAIN_REFUSED", `at most ${MAX_LEVELS} jobs one after another`, `${levels}, from ${top(above)} on`);
  }
  const others = ledger.jobs.followers(parent.id).filter(({ id }) => id !== jobId).length;
  if (others >= MAX_FOLLOWERS) {
    const got = `${others + 1} after ${parent.definition.name}`;
    throw refuse("CHAIN_REFUSED", `at most ${MAX_FOLLOWERS} jobs that follow one`, got);
  }
}

const top = (above: readonly JobRecord[]): string => above.at(-1)?.definition.name ?? "";

/** What a job that is stored must be to others. Raises what `checkChain` and `checkRisk` raise. */
export function checkLinks(
  ledger: LedgerReads,
  definition: JobDefinition,
  job: Pick<JobRecord, "id" | "definition">,
  { anew, enabled }: { anew: boolean; enabled: boolean },
): void {
  if (anew) checkChain(ledger, definition, job.id);
  const isSame = JSON.stringify(definition.policy) === JSON.stringify(job.definition.policy);
  if (enabled && (anew || !isSame)) checkRisk(ledger, definition, job.id);
}

/** The jobs above a follower, the nearest first; no more of them than a chain can have. */
export function ancestorsOf(ledger: LedgerReads, job: JobRecord): JobRecord[] {
  const above: JobRecord[] = [];
  for (let next = parentOf(ledger, job.definition); next !== undefined; next = parentOf(ledger, next.definition)) {
    if (next.id === job.id || above.length >= MAX_LEVELS) break;
    above.push(next);
  }
  return above;
}

/** The followers of a job that its end would start, now or after their trial. */
export const waitingFor = (ledger: LedgerReads, jobId: string): JobRecord[] =>
  ledger.jobs.followers(jobId).filter(({ enabled, autoDisabled }) => enabled || awaitsTrial(autoDisabled));
