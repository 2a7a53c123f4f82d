/** What keeps the ledger honest over time: audit, upkeep, notices, the look after a restore. */
export { type AuditReport, createAudit } from "./audit.ts";
export { someOf } from "./names.ts";
export { createNotices, EVENTS, type Notices } from "./notices.ts";
export { createOverdue } from "./overdue.ts";
export { passOverRestored, restoredText } from "./restored.ts";
export { inSteps } from "./steps.ts";
export { createUpkeep } from "./upkeep.ts";
export { createVigil } from "./vigil.ts";
export { followZones, zoneFinding } from "./zones.ts";
