/** Alerts, notices and remembered answers in the ledger. */
export { createAlertStore } from "./alerts.ts";
export { createIdempotencyStore } from "./idempotency.ts";
export { createNoticeStore } from "./notices.ts";
