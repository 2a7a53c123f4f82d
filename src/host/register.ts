import type { Config } from "../../schema/wire/config.ts";
import { registerAgentGuard, registerStatusTool } from "./agents/index.ts";
import { registerChat } from "./chat/index.ts";
import { registerCli } from "./cli.ts";
import type { CronChanged, PluginApi } from "./gateway/index.ts";
import { registerMethods } from "./methods.ts";
import { createNodeDoor, registerNodeCommand } from "./node/index.ts";
import { registerPage, tabOf } from "./page.ts";
import { createService } from "./service.ts";
import type { PluginFiles } from "./types.ts";

export const PLUGIN_ID = "command-cron";

/** The gateway tells when a run began and how long it took. */
const endOf = ({ runAtMs, durationMs = 0 }: CronChanged): number | undefined =>
  runAtMs === undefined ? undefined : runAtMs + durationMs;

/**
 * Everything this plugin offers. The gateway calls it for discovery, for its command line and for real, several times a
 * command; it must stay cheap and do nothing but register.
 */
export function registerPlugin(api: PluginApi, files: PluginFiles): void {
  registerCli(api);
  if (api.registrationMode === "cli-metadata") return;
  registerNodeCommand(api, files);
  const service = createService({
    files,
    config: (api.pluginConfig ?? {}) as Config,
    gatewayVersion: api.runtime?.version,
    tab: tabOf(api),
    nodes: createNodeDoor(api),
    adapter: async (channel) => await api.runtime?.channel?.outbound?.loadAdapter?.(channel),
  });
  registerAgentGuard(api, (id) => service.holdsJob(id));
  registerStatusTool(api, service);
  registerMethods(api, service);
  registerChat(api, service);
  registerPage(api, service);
  api.on("gateway_start", ({ port }, { getCron }) =>
    service.useGateway({ port, getCron: getCron ?? (() => undefined) }),
  );
  api.on("cron_changed", (event) => {
    if (event.action === "added") service.cronAdded(event.jobId);
    service.cronChanged(event.action === "finished" ? { ...event, ts: endOf(event) } : undefined);
  });
  // A replacement tells this only after the service has stopped.
  api.on("gateway_stop", () => service.gatewayEnds());
  api.registerService({ id: PLUGIN_ID, start: (context) => service.start(context), stop: () => service.stop() });
}
