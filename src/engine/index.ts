/** Builds the rooms below on one ledger, starts and stops them in order, and answers what the outside may ask. */
export type { GatewayClientStatus } from "./api.ts";
export {
  backupPath,
  type EngineDeps,
  type GatewayCron,
  type GatewayJob,
  type GatewayRun,
  workingDirectory,
} from "./deps.ts";
export { type Engine, type EngineInside, startEngine } from "./engine.ts";
export { requireJob } from "./lookup.ts";
