/** Finding the gateway and talking to it. */
export { createGatewayCall } from "./client.ts";
export { parseTolerantJson, stateDirOf } from "./config.ts";
export { type Connection, type GatewayCall, GatewayCallError } from "./types.ts";
