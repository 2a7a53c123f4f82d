/** What waits for a person, and the decision. */
export { addApprovals } from "./approvals.ts";
