/** Jobs to and from the gateway's own cron, active in exactly one of the two at any moment. */
export { createMoves, type Moves } from "./moves.ts";
export { belongsToGateway } from "./native-definition.ts";
export type { NativeCron, NativeDefinition, NativeJob } from "./native-port.ts";
