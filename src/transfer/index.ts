/** Carries jobs in and out: files of ours and of other systems, and the moves to and from the gateway's own cron. */
export type { ImportReport, ImportRow, MovesApi, TransferApi } from "./api.ts";
export { type HostFacts, readFacts } from "./facts.ts";
export { FATES, type KeyTable } from "./keys.ts";
export {
  belongsToGateway,
  createMoves,
  type Moves,
  type NativeCron,
  type NativeDefinition,
  type NativeJob,
} from "./moves/index.ts";
export { withTransfer } from "./plan.ts";
export { KEY_TABLES } from "./readers/index.ts";
