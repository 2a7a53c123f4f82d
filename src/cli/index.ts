/** The command line: reads arguments, asks the gateway, prints the answer. */
export { type Connection, type GatewayCall, GatewayCallError, resolveTarget } from "./gateway/index.ts";
export { type CliIo, systemIo } from "./io.ts";
export { buildProgram } from "./program.ts";
export { registerCommandCronCli } from "./register.ts";
