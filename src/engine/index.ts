export type { Caller, DoctorFinding, EngineApi, Instant, LogPage, Paged, ReportInput, StatusReport } from "./api.ts";
export type { EngineDeps, SecretReference } from "./deps.ts";
export { type Engine, startEngine } from "./engine.ts";
export { MINIMAL_ENV } from "./env.ts";
export type { Custody } from "./transfer/custody.ts";
export { belongsToGateway } from "./transfer/native-definition.ts";
export type { NativeCron, NativeDefinition, NativeJob } from "./transfer/native-port.ts";
