/** Messages that are not settled yet: composed, sent in lanes, backed off, settled. */
export { resultContent } from "./content.ts";
export type { DeliveryRequest } from "./deps.ts";
export { createOutbox, type Outbox } from "./outbox.ts";
