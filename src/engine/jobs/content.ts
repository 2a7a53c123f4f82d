import { isDeepStrictEqual } from "node:util";
import type { JobInput } from "../../../schema/wire/job.ts";
import type { JobDefinition, JobRecord, Ledger } from "../../ledger/types.ts";

/** Key of a job that was stored without one, so that a file made by `export` finds it again. */
const keyOf = (id: string): string => `job:${id}`;

/** What the operator wrote, as one entry of an export file. */
export function exportEntry(job: JobRecord): JobInput {
  return { ...job.definition, declarationKey: job.definition.declarationKey ?? keyOf(job.id), enabled: job.enabled };
}

/** The stored job an entry stands for: by its key, or by the key `export` made up from the job's id. */
export function findDeclared(ledger: Ledger, key: string | undefined): JobRecord | undefined {
  if (key === undefined) return undefined;
  const declared = ledger.jobs.getByDeclarationKey(key);
  if (declared !== undefined || !key.startsWith(keyOf(""))) return declared;
  const job = ledger.jobs.get(key.slice(keyOf("").length));
  return job?.definition.declarationKey === undefined ? job : undefined;
}

/** Whether storing the definition would change nothing; the order of fields and left-out defaults do not count. */
export function isUnchanged(job: JobRecord, definition: JobDefinition, enabled: boolean): boolean {
  const stored = { declarationKey: definition.declarationKey, ...job.definition };
  return job.enabled === enabled && isDeepStrictEqual(plain(stored), plain(definition));
}

/** A copy as the ledger stores it, without undefined fields, and with the defaults every job has. */
const plain = (definition: object): unknown =>
  JSON.parse(JSON.stringify({ sessionTarget: "isolated", wakeMode: "now", ...definition }));
