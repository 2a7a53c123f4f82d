/** Jobs in the ledger. */
export { createJobStore } from "./store.ts";
