/** The command line: reads arguments, asks the gateway, prints the answer. */
export { type GatewayCall, resolveTarget } from "./gateway/index.ts";
export { registerCommandCronCli } from "./program.ts";
