export type { FaultPoint, LedgerFaults } from "./database.ts";
export { type OpenOptions, openLedger } from "./open.ts";
export { acquireOwnership, type Ownership } from "./owner.ts";
export { RESTORED_AT_META, restoredAtMsOf, restoreLedger } from "./restore.ts";
