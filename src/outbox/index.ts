export type { DeliveryRequest, OutboxDeps, WebhookSecretRef } from "./deps.ts";
export type { Dropbox, DropFile } from "./dropbox.ts";
export { type Try, triesOf } from "./lanes/tries.ts";
export { BODY_MAX_BYTES, type FinishedRun, resultContent } from "./message/content.ts";
export { destinationsFor, type Target } from "./message/destinations.ts";
export { laneOf } from "./message/lane.ts";
export { type FiledReport, parseReport, type ReportFields, renderReport, reportDestination } from "./message/report.ts";
export { signatureHeaders, webhookKey } from "./message/signature.ts";
export { createOutbox, type Outbox } from "./outbox.ts";
