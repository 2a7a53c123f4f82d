export { createRunnerClient, type RunnerClientOptions } from "./client/client.ts";
export type { LostAttempt, RunnerEvents, RunnerPort, RunnerStatus } from "./port.ts";
