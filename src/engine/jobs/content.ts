import { isDeepStrictEqual } from "node:util";
import type { JobDefaults } from "../../../schema/wire/defaults.ts";
import type { JobInput } from "../../../schema/wire/job.ts";
import type { AfterSchedule } from "../../../schema/wire/schedule.ts";
import type { JobDefinition, JobRecord, LedgerReads } from "../../ledger/types.ts";

type Jobs = Pick<LedgerReads, "jobs">;

/** What is stored of a job. Without a word on its delivery it has the default's, else the gateway's: it announces. */
export function definitionFrom(input: JobInput, defaults: JobDefaults | undefined): JobDefinition {
  const { enabled: _enabled, agentId, sessionKey, ...rest } = input;
  return {
    ...rest,
    ...(rest.delivery === undefined && defaults?.delivery === undefined ? { delivery: { mode: "announce" } } : {}),
    ...(agentId ? { agentId } : {}),
    ...(sessionKey ? { sessionKey } : {}),
  };
}

/** Key of a job that was stored without one, so that a file made by `export` finds it again. */
const keyOf = (id: string): string => `job:${id}`;

/** The key by which a file names a stored job. */
const fileKey = (job: JobRecord): string => job.definition.declarationKey ?? keyOf(job.id);

/** The schedule of a job that follows another. */
export const afterOf = ({ schedule }: Pick<JobDefinition, "schedule">): AfterSchedule | undefined =>
  schedule.kind === "after" ? schedule : undefined;

/** The job that a follower follows; undefined when it is gone, or when the job follows none. */
export function parentOf(ledger: Jobs, definition: Pick<JobDefinition, "schedule">): JobRecord | undefined {
  const after = afterOf(definition);
  return after === undefined ? undefined : ledger.jobs.get(after.job);
}

/** What the operator wrote, as one entry of an export file; a parent is named as the file names it. */
export function exportEntry(ledger: Jobs, job: JobRecord): JobInput {
  const [after, parent] = [afterOf(job.definition), parentOf(ledger, job.definition)];
  const named = after === undefined || parent === undefined ? {} : { schedule: { ...after, job: fileKey(parent) } };
  return { ...job.written, ...named, declarationKey: fileKey(job), enabled: job.enabled };
}

/** The stored job an entry stands for: by its key, or by the key `export` made up from the job's id. */
export function findDeclared(ledger: Jobs, key: string | undefined): JobRecord | undefined {
  if (key === undefined) return undefined;
  const declared = ledger.jobs.getByDeclarationKey(key);
  if (declared !== undefined || !key.startsWith(keyOf(""))) return declared;
  const job = ledger.jobs.get(key.slice(keyOf("").length));
  return job?.definition.declarationKey === undefined ? job : undefined;
}

/** Whether storing the definition would change nothing; the order of fields and left-out defaults do not count. */
export function isUnchanged(job: JobRecord, definition: JobDefinition, enabled: boolean): boolean {
  const stored = { declarationKey: definition.declarationKey, ...job.written };
  return job.enabled === enabled && isDeepStrictEqual(plain(stored), plain(definition));
}

/** A copy as the ledger stores it, without undefined fields, and with the defaults every job has. */
const plain = (definition: object): unknown =>
  JSON.parse(JSON.stringify({ sessionTarget: "isolated", wakeMode: "now", ...definition }));
