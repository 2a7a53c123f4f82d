import { CommandCronError, errorText } from "../../kernel/errors.ts";
import { present } from "../../kernel/present.ts";
import type { OutboundMessage, SendResult } from "../../outbox/port.ts";
import type { GatewayPort } from "../client/index.ts";
import { isSince, presentationOf } from "../gateway/index.ts";
import { payloadsOf } from "./exact.ts";
import { collectErrors, refused } from "./send-errors.ts";

/** From here on the gateway changes a message only for one who says that no conversation was read for it. */
const NAMES_ORIGIN = [2026, 9, 6];
/** Channels without a way to change a message. */
const FIXED: ReadonlySet<string> = new Set(["irc", "sms", "imessage", "signal", "line"]);

export interface EditDeps {
  client: Pick<GatewayPort, "allows" | "request">;
  gatewayVersion: string | undefined;
}

/** Changes a message that was sent through the gateway, in its place. */
export async function editAnnounce(
  { client, gatewayVersion }: EditDeps,
  message: OutboundMessage,
): Promise<SendResult> {
  const { channel, to, accountId, threadId, edits, deliveryId } = message;
  if (channel === undefined || to === undefined || edits === undefined) return refused("no message is named");
  if (!client.allows("operator.write")) return refused('`gatewayClient` is not "write"');
  if (FIXED.has(channel)) return refused(`${channel} cannot change a message`);
  const [payload, ...others] = payloadsOf(message);
  if (payload === undefined || others.length > 0) return refused("it is more than one message");
  try {
    await client.request("message.action", {
      channel,
      action: "edit",
      params: {
        to,
        messageId: edits,
        message: payload.text,
        ...present({ threadId, presentation: presentationOf(message) }),
      },
      ...present({ accountId }),
      idempotencyKey: `${deliveryId}:${Date.now()}`,
      ...(isSince(gatewayVersion, NAMES_ORIGIN) ? { conversationReadOrigin: "direct-operator" } : {}),
    });
    return { kind: "sent", messageIds: [edits] };
  } catch (error) {
    return classifyEdit(error, edits);
  }
}

/** A change may be made again, so that only a refusal is final. */
function classifyEdit(error: unknown, edits: string): SendResult {
  const text = errorText(error);
  if (/not modified/i.test(text)) return { kind: "sent", messageIds: [edits] };
  const unavailable = error instanceof CommandCronError && error.code === "GATEWAY_CLIENT_UNAVAILABLE";
  const invalid = collectErrors(error).some((one) => [one["code"], one["gatewayCode"]].includes("INVALID_REQUEST"));
  return { kind: "failed", permanent: invalid && !unavailable && !/timeout|network|fetch/i.test(text), error: text };
}
