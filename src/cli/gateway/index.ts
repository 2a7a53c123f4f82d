/** Finding the gateway and talking to it. */
export { createGatewayCall } from "./client.ts";
export { parseTolerantJson } from "./config-file.ts";
export { askLedger, type LedgerAnswer } from "./ledger.ts";
export { type GatewayTarget, resolveTarget, shownUrl, stateDirHere } from "./target.ts";
export { type Connection, type GatewayCall, GatewayCallError } from "./types.ts";
