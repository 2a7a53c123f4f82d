/** The gateway's side: starts the runner, reaches it again, hands over commands and takes results. */
export { createRunnerClient, type RunnerClientOptions } from "./client.ts";
