import type { DurableSendParams, DurableSendResult } from "openclaw/plugin-sdk/channel-outbound";
import { errorText } from "../../kernel/errors.ts";
import { pick, present } from "../../kernel/present.ts";
import type { OutboundMessage, SendResult } from "../../outbox/port.ts";
import { answeredBy, presentationOf } from "../gateway/index.ts";
import { payloadsOf } from "./exact.ts";
import { type Attachment, attach, wantsFile } from "./file.ts";
import { collectErrors, isHeld, platformRefusal, provesNothingSent, showsSomethingSent } from "./send-errors.ts";

export interface AnnounceDeps {
  /** The gateway's durable send. It answers failures as results. */
  send(params: DurableSendParams): Promise<DurableSendResult>;
  config(): unknown;
  /** Where files lie that the gateway may send; absent: none are. */
  media?: { dir: string; nowMs(): number };
}

/**
 * Says a message in a channel through the gateway's durable outbound path. What it answers may be gone there, and a channel
 * may refuse a file: then it is said without, since nothing of it has arrived.
 */
export async function sendAnnounce(
  deps: AnnounceDeps,
  message: OutboundMessage,
  signal: AbortSignal,
): Promise<SendResult> {
  const file = deps.media !== undefined && wantsFile(message);
  const result = file ? await sendFile(deps, message, signal) : await sendOnce(deps, message, signal);
  if (result.kind !== "failed" || !result.permanent || !(file || answeredBy(message) !== undefined)) return result;
  const { replyTo: _gone, file: _file, ...plain } = message;
  return await sendOnce(deps, plain, signal);
}

async function sendFile(deps: AnnounceDeps, message: OutboundMessage, signal: AbortSignal): Promise<SendResult> {
  const { dir = "", nowMs = () => 0 } = deps.media ?? {};
  const { code: _code, ...said } = message;
  let attachment: Attachment;
  try {
    attachment = await attach(dir, message, nowMs());
  } catch (error) {
    return { kind: "failed", permanent: true, error: `no file could be written: ${errorText(error)}` };
  }
  const result = await sendOnce(deps, { ...said, text: attachment.text }, signal, attachment.path);
  await attachment.done(result.kind === "held").catch(() => {});
  return result;
}

async function sendOnce(
  deps: AnnounceDeps,
  message: OutboundMessage,
  signal: AbortSignal,
  mediaUrl?: string,
): Promise<SendResult> {
  const { channel, to } = message;
  if (channel === undefined || to === undefined) {
    return { kind: "failed", permanent: true, error: "the destination has no channel or no target" };
  }
  let intentId: string | undefined;
  const named = (result: SendResult): SendResult =>
    result.kind === "held" && intentId !== undefined ? { intentId, ...result } : result;
  try {
    const result = await deps.send({
      cfg: deps.config(),
      channel,
      to,
      ...pick(message, "accountId", "threadId"),
      payloads: withActions(message, mediaUrl),
      durability: "required",
      ...(message.silent === true ? { silent: true } : {}),
      // What provably never left comes back to its lane: order and patience are ours. The gateway would try for a quarter
      // of an hour, in an order of its own.
      deliveryRetryOwner: "caller",
      onDeliveryIntent: (intent) => {
        intentId = intent?.id;
      },
      signal,
    });
    return named(classifyAnnounce(result));
  } catch (error) {
    return named(classifyFailure(error, undefined));
  }
}

/** What may be done stands below the last part as buttons, or in its text; that part answers what it is an answer to. */
function withActions(message: OutboundMessage, mediaUrl: string | undefined): DurableSendParams["payloads"] {
  const payloads = payloadsOf(message);
  const extras = present({ presentation: presentationOf(message), replyToId: answeredBy(message), mediaUrl });
  return payloads.map((payload, index) => (index === payloads.length - 1 ? { ...payload, ...extras } : payload));
}

/** What the gateway's answer means for the outbox. */
export function classifyAnnounce(result: DurableSendResult): SendResult {
  switch (result.status) {
    case "sent":
      return sent(result);
    case "suppressed":
      // The channel took the message and named no id: it may have arrived.
      return result.reason === "adapter_returned_no_identity"
        ? { kind: "unknown", error: "the channel took the message without naming an id" }
        : { kind: "suppressed", reason: result.reason ?? "no_visible_result" };
    case "partial_failed":
      return { kind: "unknown", error: `a part arrived, then: ${errorText(result.error)}` };
    case "failed":
      return classifyFailure(result.error, result);
  }
}

function sent(result: DurableSendResult): SendResult {
  const ids = (result.results ?? []).map((part) => part.messageId).filter((id) => id !== undefined);
  const intentId = result.deliveryIntent?.id;
  return {
    kind: "sent",
    messageIds: ids.length > 0 ? ids : (result.receipt?.platformMessageIds ?? []),
    ...(intentId === undefined ? {} : { receipt: { intentId } }),
  };
}

/**
 * Custody first: a message the gateway keeps may be sent by it later, whatever the error says. Then proof that nothing left;
 * without proof the message may have arrived, and sending it again could say it twice.
 */
function classifyFailure(error: unknown, result: DurableSendResult | undefined): SendResult {
  const errors = collectErrors(error);
  const text = errorText(error);
  if (isHeld(errors)) return { kind: "held", ...present({ intentId: result?.deliveryIntent?.id }) };
  if (showsSomethingSent(errors)) return { kind: "unknown", error: text };
  const refusal = platformRefusal(errors);
  if (refusal !== undefined) return { kind: "failed", error: text, ...refusal };
  if (result?.stage === "queue" || provesNothingSent(errors)) return { kind: "failed", permanent: false, error: text };
  return { kind: "unknown", error: text };
}
