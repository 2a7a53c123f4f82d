/** The gateway's side: starts the runner, reaches it again, hands over commands and takes results. */
export { createRunnerClient } from "./client.ts";
