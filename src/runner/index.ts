/** The helper process that owns the commands, and the way to it. */
export { createRunnerClient } from "./client/index.ts";
export type { LostAttempt, RunnerPort } from "./port.ts";
