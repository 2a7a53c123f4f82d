import type { Receiver } from "../../../schema/wire/delivery.ts";
import { SECOND_MS } from "../../kernel/durations.ts";
import { errorText } from "../../kernel/errors.ts";
import type { DeliveryContent, DeliveryRecord } from "../../ledger/types.ts";
import { nameIn } from "../../policy/addresses/index.ts";
import type { OutboxDeps } from "../deps.ts";
import { ANSWERS_WITHIN_SECONDS, composeMessage } from "../message/index.ts";
import type { OutboundMessage, SendResult } from "../port.ts";

/** How long one attempt may take; a channel may send many parts. */
const LIMIT_MS = { webhook: 15 * SECOND_MS, announce: 120 * SECOND_MS };
/** A channel sends long text in many parts, one after another. */
const ANNOUNCE_MS_PER_KIB = 2 * SECOND_MS;
/** Some channels send each line of what was printed by itself, over a connection of its own. */
const ANNOUNCE_MS_PER_LINE = 3 * SECOND_MS;
const ANNOUNCE_LINES_MAX = 40;
/** The gateway ends a turn itself when its time is over, and says so. */
const AGENT_ENDS_MS = 90 * SECOND_MS;
const RESULTS: ReadonlySet<unknown> = new Set(["sent", "suppressed", "held", "failed", "unknown"]);

export function createAttempts(deps: Pick<OutboxDeps, "sender" | "clock" | "config" | "resolveSecret" | "ledger">) {
  const open = new Set<(why: string) => void>();

  function limitOf(receiver: Receiver, content: DeliveryContent): number {
    if (receiver.mode !== "agent")
      return LIMIT_MS[receiver.mode] + (receiver.mode === "announce" ? partsMs(content) : 0);
    return (receiver.timeoutSeconds ?? ANSWERS_WITHIN_SECONDS) * SECOND_MS + AGENT_ENDS_MS;
  }

  /** One attempt. Never raises, always ends: a sender that throws or never answers gets its answer here. */
  function send(delivery: DeliveryRecord, edits?: string): Promise<SendResult> {
    const { destination, content } = delivery;
    const { mode } = destination;
    const name = mode === "agent" ? undefined : nameIn(destination);
    if (name !== undefined) return Promise.resolve(nobodyNamed(name));
    const controller = new AbortController();
    const limitMs = limitOf(destination, content);
    let handedOver = false;

    async function composeAndSend(): Promise<SendResult> {
      let message: OutboundMessage;
      try {
        message = await composeMessage(deps, delivery, edits);
        controller.signal.throwIfAborted();
      } catch (error) {
        return notSent(errorText(error));
      }
      handedOver = true;
      return await deps.sender.send(message, controller.signal);
    }

    return new Promise<SendResult>((resolve) => {
      const giveUp = (why: string): void => {
        finish(handedOver ? unanswered(mode, why) : notSent(`no signing secret yet: ${why}`));
        controller.abort(new Error(why));
      };
      const cancelTimer = deps.clock.setTimer(
        () => giveUp(`no answer within ${Math.round(limitMs / SECOND_MS)} s`),
        limitMs,
      );
      function finish(result: SendResult): void {
        cancelTimer();
        open.delete(giveUp);
        resolve(RESULTS.has(result?.kind) ? result : unanswered(mode, "the sender gave no answer"));
      }
      open.add(giveUp);
      composeAndSend().then(finish, (error) => finish(unanswered(mode, `the sender failed: ${errorText(error)}`)));
    });
  }

  return {
    send,
    /** Ends every attempt that still waits, for a secret or for its sender. */
    abort(): void {
      for (const giveUp of [...open]) giveUp("the gateway stopped while it was being sent");
    },
  };
}
export type Attempts = ReturnType<typeof createAttempts>;

function partsMs({ text, code }: DeliveryContent): number {
  const lines = code === undefined ? 0 : Math.min(ANNOUNCE_LINES_MAX, text.split("\n").length - 1);
  const kibs = Math.floor(Buffer.byteLength(text) / 1_024);
  return Math.max(kibs * ANNOUNCE_MS_PER_KIB, lines * ANNOUNCE_MS_PER_LINE);
}

/** The name has gone from the settings since the job was saved, or came with it. */
const nobodyNamed = (name: string): SendResult => ({
  kind: "failed",
  permanent: true,
  error: `the settings name no destination @${name}`,
});

/** It certainly did not arrive. */
const notSent = (error: string): SendResult => ({ kind: "failed", permanent: false, error });

/** Nobody knows whether it arrived. A webhook's receiver can tell a repeat by its id, a chat's reader cannot. */
const unanswered = (mode: Receiver["mode"], error: string): SendResult =>
  mode === "webhook" ? notSent(error) : { kind: "unknown", error };
