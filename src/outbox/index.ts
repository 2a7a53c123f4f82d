/** Messages that are not settled yet: composed, sent in lanes, backed off, settled. */
export { BODY_MAX_BYTES, type FinishedRun, resultContent } from "./content.ts";
export type { DeliveryRequest, OutboxDeps } from "./deps.ts";
export { triesOf } from "./lanes/index.ts";
export {
  agentsOf,
  buttonsOf,
  destinationsFor,
  fileFor,
  laneOf,
  parseReport,
  renderReport,
  signatureHeaders,
  silentFor,
  type Target,
  webhookKey,
} from "./message/index.ts";
export { createOutbox, type Outbox } from "./outbox.ts";
