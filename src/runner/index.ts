export { createRunnerClient, type RunnerClientOptions } from "./client.ts";
export type { RunnerEvents, RunnerPort, RunnerStatus } from "./port.ts";
