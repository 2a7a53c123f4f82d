import type { Command } from "commander";
import type { GatewayCall } from "./gateway/index.ts";
import { systemIo } from "./io.ts";
import { buildProgram } from "./program.ts";

/**
 * The door inside the gateway's own CLI: adds `command-cron` to its program. `call` is the gateway's own way of asking;
 * it gets the connection flags of the command line.
 */
export function registerCommandCronCli(options: { program: Command; call: GatewayCall }): void {
  buildProgram(options.program.command("command-cron"), systemIo(options.call));
}
