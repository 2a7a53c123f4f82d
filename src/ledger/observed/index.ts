/** The gateway's own jobs in the ledger: how each stands, and a row for each end. */
export { createObservedStore } from "./store.ts";
