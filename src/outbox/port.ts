import type { Action } from "../../schema/wire/delivery.ts";

/** One message, ready to go: text and headers are final, the destination is resolved. */
export interface OutboundMessage {
  /** Stable over repeats of the same delivery; a webhook carries it as `webhook-id`. */
  deliveryId: string;
  mode: "announce" | "webhook" | "agent";
  /** Announce: the channel's name. */
  channel?: string;
  /** Announce: the target within the channel. Webhook: the URL. */
  to?: string;
  accountId?: string;
  threadId?: string | number;
  /** Announce: what is said. Agent: what is asked. */
  text: string;
  /** Announce: which part of the text is to arrive as it is, from and to. */
  code?: [from: number, to: number];
  /** Announce: the name of the file in which that part is to arrive, where the channel takes files. */
  file?: string;
  /** Announce: what a person may do about which job from the message. */
  actions?: { jobId: string; names: readonly Action[] };
  /** Announce: the message that it takes the place of, by its id in the channel. */
  edits?: string;
  /** Announce: the id of the message that it answers. */
  replyTo?: string;
  /** Announce: it is to make no sound. */
  silent?: true;
  /** Announce: it is bad news. */
  alarming?: true;
  /** Agent: which one, where, and how long it may take. */
  asks?: { agentId?: string; sessionKey?: string; timeoutSeconds: number };
  /** Webhook: the request body, JSON. */
  body?: string;
  /** Webhook: further headers. */
  headers?: Record<string, string>;
  /** Webhook: the sender adds the gateway's bearer token. Only for addresses that took `operator.admin` to name. */
  authorized?: true;
}

/**
 * What became of one attempt to send.
 * `held`: the gateway keeps the message and may send it later by itself; it must not be sent again.
 * `failed`: nothing arrived, or what arrived can be recognised as a repeat; another attempt is safe unless `permanent`.
 * A message that `edits` another says nothing twice: only a refusal is permanent.
 * `sent` by an agent: its answer is in the receipt.
 * `unknown`: it may have arrived and cannot be told apart from a repeat; only a person can settle it.
 */
export type SendResult =
  | { kind: "sent"; messageIds: string[]; receipt?: Record<string, unknown> }
  | { kind: "suppressed"; reason: string }
  | { kind: "held"; intentId?: string }
  | { kind: "failed"; permanent: boolean; error: string; retryAfterMs?: number; disableDestination?: boolean }
  | { kind: "unknown"; error: string };

/** The way out. The host implements it with the gateway's own channels and guarded HTTP. Never raises. */
export interface Sender {
  send(message: OutboundMessage, signal: AbortSignal): Promise<SendResult>;
  /** Asks for an address under the rules for webhooks. Answers what went wrong; undefined: it was taken. */
  ping?(url: string, signal: AbortSignal): Promise<string | undefined>;
  /** Which messages the gateway still keeps, by their intent ids; undefined where it does not tell. May raise. */
  kept?(): Promise<ReadonlySet<string> | undefined>;
}
