export { BODY_MAX_BYTES, type FinishedRun, resultContent } from "./content.ts";
export type { DeliveryRequest, OutboxDeps, WebhookSecretRef } from "./deps.ts";
export { destinationsFor, type Target } from "./destinations.ts";
export type { Dropbox, DropFile } from "./dropbox.ts";
export { laneOf } from "./lane.ts";
export { createOutbox, type Outbox } from "./outbox.ts";
export { type FiledReport, parseReport, type ReportFields, renderReport, reportDestination } from "./report.ts";
export { signatureHeaders, webhookKey } from "./signature.ts";
export { type Try, triesOf } from "./tries.ts";
