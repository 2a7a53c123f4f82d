/** The gateway's own jobs: watched, judged and told of like those that run here. */
export { createObservedReads } from "./reads.ts";
export { watchGatewayJobs } from "./watching.ts";
