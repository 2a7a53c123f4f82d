import type { PluginApi } from "./gateway/index.ts";

/** Same text as the manifest's `cliCommands` row, which is what help shows before any code is loaded. */
export const CLI_DESCRIPTOR = {
  name: "command-cron",
  description: "Run commands on a schedule on the gateway host",
  hasSubcommands: true,
};

/** The door in the gateway's own CLI. Commands and gateway client are loaded when one of them runs. */
export function registerCli(api: PluginApi): void {
  api.registerCli(
    async ({ program }) => {
      const { addToGatewayCli } = await import("./cli-runtime.ts");
      addToGatewayCli(program);
    },
    { descriptors: [CLI_DESCRIPTOR] },
  );
}
