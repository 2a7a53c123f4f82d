/** The plugin's own client of the gateway it runs in, with the least scopes. */
export { addressOf } from "./address.ts";
export { type ApprovalAsker, createApprovalAsker } from "./approval-asker.ts";
export { createGatewayPort, type GatewayPort } from "./port.ts";
export { openApprovalsConnection, openSdkConnection } from "./sdk-connection.ts";
