/** Messages that are not settled yet: composed, sent in lanes, backed off, settled. */
export { BODY_MAX_BYTES, type FinishedRun, resultContent } from "./content.ts";
export type { DeliveryRequest, OutboxDeps, WebhookSecretRef } from "./deps.ts";
export type { Dropbox, DropFile } from "./drop/index.ts";
export { type Try, triesOf } from "./lanes/index.ts";
export {
  destinationsFor,
  type FiledReport,
  laneOf,
  parseReport,
  type ReportFields,
  renderReport,
  signatureHeaders,
  type Target,
  webhookKey,
} from "./message/index.ts";
export { createOutbox, type Outbox } from "./outbox.ts";
