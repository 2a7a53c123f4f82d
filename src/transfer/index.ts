/** Carries jobs in and out: files of ours and of other systems, and the moves to and from the gateway's own cron. */
export type { MoveReport, MovesApi, MoveTarget, TransferApi } from "./api.ts";
export {
  belongsToGateway,
  createMoves,
  type Moves,
  type NativeCron,
  type NativeDefinition,
  type NativeJob,
} from "./moves/index.ts";
export { withTransfer } from "./plan.ts";
