/** Deliveries in the ledger. */
export { createDeliveryStore } from "./store.ts";
