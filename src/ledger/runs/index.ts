/** Runs and their attempts in the ledger. */
export { createAttemptStore } from "./attempts.ts";
export { createRunStore } from "./store.ts";
