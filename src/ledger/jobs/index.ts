/** Jobs in the ledger. */
export { bears, facetsOf, hasCommand } from "./facets.ts";
export { jobIdsOf } from "./list.ts";
export { createJobStore } from "./store.ts";
