/** Runs and their attempts in the ledger. */
export { createAttemptStore } from "./attempts.ts";
export { createFanOutStore } from "./fan-outs.ts";
export { createStatsStore } from "./stats.ts";
export { createRunStore } from "./store.ts";
