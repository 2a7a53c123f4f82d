import type { Receiver } from "../../../schema/wire/delivery.ts";
import { pick } from "../../kernel/present.ts";
import { nextDeliveryAttempt } from "../../policy/addresses/index.ts";
import { firstBytes } from "../../policy/text/index.ts";
import type { SendResult } from "../port.ts";

const REASON_MAX_BYTES = 500;

/** What an attempt to send makes of its delivery, and what the receipt learns from it. */
export type Verdict =
  | { state: "sent"; nextAttemptAtMs: null; reason: null; facts: { messageIds: string[]; [fact: string]: unknown } }
  | { state: "suppressed" | "unknown"; nextAttemptAtMs: null; reason: string }
  /** The gateway keeps it and may send it yet; it tells no end, so it is followed up. */
  | { state: "pending"; custody: "gateway"; nextAttemptAtMs: null; reason: string; facts: Record<string, unknown> }
  /** It is tried again. */
  | { state: "pending"; custody?: undefined; nextAttemptAtMs: number; reason: string; facts?: Record<string, unknown> }
  | { state: "dead"; nextAttemptAtMs: null; reason: string; disableLane: boolean };

export interface VerdictQuestion {
  mode: Receiver["mode"];
  result: SendResult;
  /** It changes a message that is there. */
  edits?: boolean;
  /** Attempts made since the schedule of attempts began, this one included. */
  attempts: number;
  nowMs: number;
  backoffSeconds?: readonly number[] | undefined;
  jitter?: number | undefined;
  /** Uniform in [0, 1). */
  random: number;
}

/** No further attempt is due. */
const over = { nextAttemptAtMs: null };

/** Decides what becomes of a delivery after one attempt. */
export function decideVerdict(question: VerdictQuestion): Verdict {
  const { result } = question;
  switch (result.kind) {
    case "sent":
      return { state: "sent", ...over, reason: null, facts: { ...result.receipt, messageIds: result.messageIds } };
    case "suppressed":
      return { state: "suppressed", ...over, reason: shortened(result.reason) };
    case "held": {
      const reason = "handed over: the gateway keeps it and may send it yet";
      return { state: "pending", custody: "gateway", ...over, reason, facts: pick(result, "intentId") };
    }
    case "unknown":
      // A receiver recognises a webhook's repeat by its id; nobody recognises a chat line's.
      if (question.mode === "webhook" || question.edits === true) return again(question, result.error, undefined);
      return { state: "unknown", ...over, reason: shortened(result.error) };
    case "failed":
      if (!result.permanent) return again(question, result.error, result.retryAfterMs);
      return dead(result.error, result.disableDestination);
  }
}

function again(question: VerdictQuestion, error: string, retryAfterMs: number | undefined): Verdict {
  const { attempts, nowMs, backoffSeconds, jitter, random } = question;
  const next = nextDeliveryAttempt({ attempts, nowMs, retryAfterMs, backoffSeconds, jitter, random });
  if (next.dead === true) return dead(`given up after ${attempts} attempts: ${error}`);
  return { state: "pending", nextAttemptAtMs: next.atMs, reason: shortened(error) };
}

function dead(reason: string, disableLane = false): Verdict {
  return { state: "dead", ...over, reason: shortened(reason), disableLane };
}

const shortened = (text: string): string => firstBytes(text.replace(/\s+/g, " ").trim(), REASON_MAX_BYTES);
