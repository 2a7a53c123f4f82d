export { type CliIo, type Connection, type GatewayCall, GatewayCallError, systemIo } from "./io.ts";
export { buildProgram } from "./program.ts";
export { registerCommandCronCli } from "./register.ts";
