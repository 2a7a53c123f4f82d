import { CommandCronError } from "../../kernel/errors.ts";
import type { JobDefinition, LedgerReads } from "../../ledger/types.ts";
import { afterOf } from "./content.ts";

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
  const followers = jobId === undefined ? [] : ledger.jobs.followers(jobId);
  if (followers.some(({ definition }) => isCheckOf(definition))) return;
  throw new CommandCronError("RISK_UNCHECKED", {
    field: "policy.risk",
    expected: "`policy.verify`, or a job with risk `read_only` that follows it",
    got: `${name} with neither`,
  });
}

/** Whether a follower looks whether what its parent did well is any good. */
export const isCheckOf = (definition: Pick<JobDefinition, "policy" | "schedule">): boolean =>
  definition.policy?.risk === "read_only" && afterOf(definition)?.on !== "failure";
