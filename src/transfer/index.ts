/** Carries jobs in and out: files of ours and of other systems, and the moves to and from the gateway's own cron. */
export type { MovesApi } from "./api.ts";
export { type HostFacts, readFacts } from "./facts.ts";
export { withTransfer } from "./plan.ts";
