/** The gateway's own jobs: watched, judged and told of like those that run here. */
export { createObservedReads, observedEntry } from "./reads.ts";
export { type GatewayWatch, watchGatewayJobs } from "./watching.ts";
