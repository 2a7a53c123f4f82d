import { sendDurableMessageBatch } from "openclaw/plugin-sdk/channel-outbound";
import { fetchWithSsrFGuard } from "openclaw/plugin-sdk/ssrf-runtime";
import type { Config } from "../../../schema/wire/config.ts";
import type { Sender } from "../../outbox/port.ts";
import { gatewayConfig, resolveSecretInput } from "../config/index.ts";
import { askAgent } from "./agent.ts";
import { type AnnounceDeps, sendAnnounce } from "./announce.ts";
import { type EditDeps, editAnnounce } from "./edit.ts";
import { keptByGateway } from "./kept.ts";
import { ping, sendWebhook } from "./webhook.ts";

/** The way out through the gateway: its channels, its guarded HTTP, its policy and token. */
export function createSender(config: Config, media: NonNullable<AnnounceDeps["media"]>, edit: EditDeps): Sender {
  const policy = () => gatewayConfig().cron?.webhookSsrfPolicy ?? config.webhook?.ssrfPolicy;
  return {
    send: (message, signal) =>
      message.mode === "agent"
        ? askAgent(edit.client, message)
        : message.edits !== undefined
          ? editAnnounce(edit, message)
          : message.mode === "announce"
            ? sendAnnounce({ send: sendDurableMessageBatch, config: gatewayConfig, media }, message, signal)
            : sendWebhook(
                {
                  fetch: fetchWithSsrFGuard,
                  policy,
                  token: () => resolveSecretInput(gatewayConfig().cron?.webhookToken, "cron.webhookToken"),
                  nowMs: media.nowMs,
                },
                message,
                signal,
              ),
    ping: (url, signal) => ping({ fetch: fetchWithSsrFGuard, policy }, url, signal),
    kept: () => keptByGateway(gatewayConfig()),
  };
}
