import { CommandCronError } from "../../kernel/errors.ts";
import type { JobDefinition, JobRecord, LedgerReads } from "../../ledger/types.ts";
import { awaitsTrial } from "../../policy/run/index.ts";
import { afterOf, parentOf } from "./content.ts";

/**
 * Refuses a job that is on, changes something elsewhere, and of which nobody looks afterwards whether it is any good: to be
 * asked in the transaction that stores it. Raises RISK_UNCHECKED.
 */
export function checkRisk(
  ledger: Pick<LedgerReads, "jobs">,
  { policy, name }: JobDefinition,
  jobId: string | undefined,
): void {
  if (policy?.risk !== "write_external" || policy.verify !== undefined) return;
  if (jobId !== undefined && hasCheck(ledger, jobId)) return;
  throw new CommandCronError("RISK_UNCHECKED", {
    field: "policy.risk",
    expected: "`policy.verify`, or a job with risk `read_only` that follows each of its successes and is on",
    got: `${name} with neither`,
  });
}

/**
 * Refuses what takes the last check away from a job that is on and changes something elsewhere: to be asked in the
 * transaction that changed or removed `before`, after it has. Jobs in `leaving` are about to be removed as well. Raises
 * RISK_UNCHECKED.
 */
export function checkStillChecked(
  ledger: Pick<LedgerReads, "jobs">,
  before: JobRecord,
  leaving?: ReadonlySet<string>,
): void {
  const { definition, enabled, autoDisabled } = before;
  if (!(enabled || awaitsTrial(autoDisabled)) || !isCheckOf(definition)) return;
  const write = parentOf(ledger, definition);
  if (write === undefined || leaving?.has(write.id) === true || !isUncheckedWrite(ledger, write)) return;
  const { name } = write.definition;
  throw new CommandCronError("RISK_UNCHECKED", {
    expected: `that ${definition.name} goes on checking ${name}; disable ${name} first, or give it another check`,
    got: `${name}, which is on and would have none`,
    details: { jobId: write.id },
  });
}

const hasCheck = (ledger: Pick<LedgerReads, "jobs">, jobId: string): boolean =>
  ledger.jobs
    .followers(jobId)
    .some(({ definition, enabled, autoDisabled }) => (enabled || awaitsTrial(autoDisabled)) && isCheckOf(definition));

/** Whether a job is on and changes something elsewhere, and nobody looks afterwards: its check was switched off or removed. */
export const isUncheckedWrite = (
  ledger: Pick<LedgerReads, "jobs">,
  { id, enabled, definition: { policy } }: JobRecord,
): boolean => enabled && policy?.risk === "write_external" && policy.verify === undefined && !hasCheck(ledger, id);

/** Whether a follower looks, each time, whether what its parent did well is any good: not only until it ends by itself. */
export const isCheckOf = (definition: Pick<JobDefinition, "policy" | "schedule" | "deleteAfterRun">): boolean => {
  const { policy, deleteAfterRun } = definition;
  const after = afterOf(definition);
  const lasts = deleteAfterRun !== true && policy?.until === undefined;
  return policy?.risk === "read_only" && lasts && after?.on !== "failure" && after?.match === undefined;
};
