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
export {
  checkChain,
  checkRisk,
  checkStillChecked,
  exportEntry,
  findDeclared,
  isCheckOf,
  isUnchanged,
  removeJob,
  waitingFor,
  withParentId,
} from "./jobs/index.ts";
export { requireJob } from "./lookup.ts";
export { passOver } from "./run/index.ts";
export { reportStopped } from "./status/index.ts";
