export { acquireOwnership, type Ownership } from "./file/owner.ts";
export { RESTORED_AT_META, restoredAtMsOf, restoreLedger } from "./file/restore.ts";
export { type OpenOptions, openLedger } from "./open.ts";
export type { FaultPoint, LedgerFaults } from "./sql/database.ts";
