/** How the service is: what `status` answers, also of an engine that could not be started. */
export { createStatus } from "./status.ts";
export { reportStopped } from "./stopped.ts";
