export type { Custody } from "../transfer/moves/moves.ts";
export { belongsToGateway } from "../transfer/moves/native-definition.ts";
export type { NativeCron, NativeDefinition, NativeJob } from "../transfer/moves/native-port.ts";
export type { Caller, DoctorFinding, EngineApi, Instant, LogPage, Paged, ReportInput, StatusReport } from "./api.ts";
export type { EngineDeps, SecretReference } from "./deps.ts";
export { type Engine, startEngine } from "./engine.ts";
export { MINIMAL_ENV } from "./run/env.ts";
