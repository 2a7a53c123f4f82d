import { type PluginGateway, type PluginGatewayOptions, startPluginGateway } from "./plugin-gateway.ts";
import { startTelegram, TELEGRAM_TOKEN, type Telegram } from "./telegram.ts";

/** Who may talk to the gateway there: its owner, and somebody who is none. */
export const [OWNER, STRANGER] = [777, 999];

/** A gateway whose channel is a Telegram on the loopback address, and which the plugin may ask to change messages. */
export async function startTelegramGateway(
  options: Omit<PluginGatewayOptions, "prepare">,
): Promise<{ world: PluginGateway; telegram: Telegram }> {
  const telegram = await startTelegram();
  const world = await startPluginGateway({
    ...options,
    prepare: (gateway) =>
      gateway.writeConfig((config) => {
        const channels = (config["channels"] ?? {}) as Record<string, unknown>;
        const account = { enabled: true, botToken: TELEGRAM_TOKEN, apiRoot: telegram.apiRoot };
        const allowFrom = [String(OWNER), String(STRANGER)];
        config["channels"] = { ...channels, telegram: { ...account, dmPolicy: "allowlist", allowFrom } };
        config["commands"] = { ownerAllowFrom: [`telegram:${OWNER}`] };
        // The gateway's own turn of each half hour would say here that there is no model.
        const agents = (config["agents"] ?? {}) as { defaults?: object };
        config["agents"] = { ...agents, defaults: { ...agents.defaults, heartbeat: { every: "0m" } } };
        const { entries } = config["plugins"] as { entries: Record<string, { config?: object }> };
        entries["command-cron"] = { ...entries["command-cron"], config: { gatewayClient: "write" } };
      }),
  }).catch(async (error: unknown) => {
    await telegram.close();
    throw error;
  });
  return { world, telegram };
}
