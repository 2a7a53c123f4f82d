import type { ApprovalEntry, ApprovalsResult } from "../../schema/wire/calls/approvals.ts";
import type { ApprovalDoor } from "../../schema/wire/steps.ts";
import type { ApprovalQuery } from "../ledger/types.ts";

/** What waits for a person's decision, and the decision. */
export interface ApprovalsApi {
  /** The newest first. Raises RUN_NOT_FOUND for a run that is not on record. */
  approvals(query: ApprovalQuery): ApprovalsResult;
  /**
   * Lets a run start, once, if nothing has changed until then. `hash`: of what was looked at, or the start of it. Raises
   * RUN_NOT_FOUND, APPROVAL_NOT_FOUND, APPROVAL_PREPARING, APPROVAL_OUTDATED, APPROVAL_DECIDED, APPROVAL_EXPIRED.
   */
  approve(
    runId: string,
    decision: { hash?: string; door?: ApprovalDoor },
    caller: { label: string },
  ): Promise<ApprovalEntry>;
  /** The run ends as skipped. Raises what `approve` raises, but for a request that is still being prepared. */
  reject(
    runId: string,
    decision: { reason: string; hash?: string; door?: ApprovalDoor },
    caller: { label: string },
  ): Promise<ApprovalEntry>;
}
