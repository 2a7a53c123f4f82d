import { systemClock } from "../../kernel/clock.ts";
import { errorText } from "../../kernel/errors.ts";
import type { ChatClick, PluginApi } from "../gateway/index.ts";
import { BUTTON_CHANNELS, NAMESPACE } from "../gateway/index.ts";
import type { Service } from "../service.ts";
import { answerClick } from "./click.ts";
import { answerCommand } from "./command.ts";
import { createDeeds, type Deeds } from "./deeds.ts";
import { isOwner } from "./owner.ts";

const OWNERS_ONLY = "Only owners may do this (`commands.ownerAllowFrom` in the gateway's config).";

/** Hears clicks and `/cron`, where the gateway tells a plugin of them. */
export function registerChat(api: PluginApi, service: Service): void {
  /** Who acts goes on record with what is done. */
  const deedsOf = (channel: string, senderId: string | undefined): Deeds => {
    const caller = { label: senderId === undefined ? channel : `${channel}:${senderId}` };
    return createDeeds((method, params) => service.call(method, params, caller), systemClock.nowMs);
  };

  async function clicked(channel: string, click: ChatClick): Promise<{ handled: true }> {
    const { senderId, callback, conversationId } = click;
    const { isOwner: owner } = await ownership(channel, senderId);
    const text = owner
      ? await answerClick(
          deedsOf(channel, senderId),
          {
            payload: callback?.payload ?? "",
            messageId: callback?.messageId === undefined ? undefined : String(callback.messageId),
            chatId: callback?.chatId ?? conversationId,
          },
          systemClock.nowMs(),
        )
      : OWNERS_ONLY;
    await click.respond
      .reply({ text })
      .catch((error) => api.logger.warn(`a click was not answered: ${errorText(error)}`));
    return { handled: true };
  }

  for (const channel of BUTTON_CHANNELS) {
    api.registerInteractiveHandler?.({ channel, namespace: NAMESPACE, handler: (click) => clicked(channel, click) });
  }
  api.registerCommand?.({
    name: "cron",
    description: "Look at command jobs and act on them: list, runs, tail, run, stop, silence, ack",
    acceptsArgs: true,
    requiredScopes: ["operator.admin"],
    async handler({ channel = "chat", senderId, senderIsOwner, gatewayClientScopes, args = "" }) {
      const admin = gatewayClientScopes?.includes("operator.admin") === true;
      if (senderIsOwner !== true && !admin && !(await ownership(channel, senderId)).isOwner)
        return { text: OWNERS_ONLY };
      return { text: await answerCommand(deedsOf(channel, senderId), args, systemClock.nowMs()) };
    },
  });
}

/** Asked of the config at the moment of the click. Loaded with the gateway's SDK, which registering must not. */
async function ownership(channel: string, senderId: string | undefined): Promise<{ isOwner: boolean }> {
  const { gatewayConfig } = await import("../config/index.ts");
  return { isOwner: isOwner(gatewayConfig(), channel, senderId) };
}
