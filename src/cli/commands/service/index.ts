/** The service itself: how it is, what is wrong, its alerts, backups, the look into its ledger. */
export { care } from "./care.ts";
export { service } from "./status.ts";
