/** What keeps the ledger honest over time: audit, upkeep, notices, the look after a restore. */
export { type AuditReport, createAudit } from "./audit.ts";
export { createNotices } from "./notices.ts";
export { passOverRestored, restoredText } from "./restored.ts";
export { createUpkeep } from "./upkeep.ts";
export { followZones, zoneFinding } from "./zones.ts";
