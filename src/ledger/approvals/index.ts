/** What a person was asked about runs, and what was decided. */
export { createApprovalStore } from "./store.ts";
