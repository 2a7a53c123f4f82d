/** The helper process that owns the commands, and the way to it. */
export { createRunnerClient } from "./client/index.ts";
export {
  createNodeServer,
  createPlaces,
  NODE_COMMAND,
  NodeCallError,
  type NodeFabric,
  type NodeFacts,
  type NodeServer,
} from "./nodes/index.ts";
export type { LostAttempt, RunnerPort } from "./port.ts";
