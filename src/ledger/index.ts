/** The SQLite record of everything; the only truth. */
export { apart, eachApart, takenBack } from "./apart.ts";
export { acquireOwnership, RESTORED_AT_META, restoredAtMsOf, restoreLedger } from "./file/index.ts";
export { openLedgerToLook } from "./look.ts";
export { openLedger } from "./open.ts";
export { type FaultPoint, isUnavailable, type LedgerFaults, SHORTEST_PREFIX } from "./sql/index.ts";
