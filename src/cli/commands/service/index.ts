/** The service itself: how it is, what is wrong, its alerts, backups, the look into its ledger. */
export { addCare } from "./care.ts";
export { addStatus } from "./status.ts";
