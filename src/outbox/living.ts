import type { Destination } from "../../schema/wire/delivery.ts";
import type { Clock } from "../kernel/clock.ts";
import type { DeliveryContent, DeliveryRecord, Ledger } from "../ledger/types.ts";
import { isOtherLevel, saysMore } from "../policy/text/index.ts";
import { completeContent } from "./content.ts";
import type { DeliveryRequest } from "./deps.ts";
import { withFreshSchedule } from "./lanes/index.ts";
import { editableId, fitsEdit, laneOf, livingOf } from "./message/index.ts";

interface About {
  runId: string;
  destination: Destination;
}

interface Telling extends About {
  jobId: string;
  content: DeliveryContent;
  everyMs: number;
  loud: boolean;
}

/** The one message about a run that goes on, in each destination; its row in the ledger is what says that there is one. */
export function createLivingMessages(deps: {
  ledger: Ledger;
  clock: Clock;
  quietUntil(destination: Destination): number | undefined;
  enqueue(request: DeliveryRequest): string;
  /** The lane has something to do now. */
  note(lane: string): void;
}) {
  const { ledger, clock } = deps;

  /** Says something else from now on. What is being sent is followed by it. */
  function revise(row: DeliveryRecord, content: DeliveryContent): void {
    const state = row.state === "sending" ? "sending" : "pending";
    ledger.deliveries.update(row.id, {
      state,
      nowMs: clock.nowMs(),
      content: completeContent(row.id, { ...row, content }),
      ...(row.state === "sent" ? { receipt: withFreshSchedule(row) } : {}),
    });
    if (state === "pending") deps.note(row.lane);
  }

  function settle(row: DeliveryRecord, state: "sent" | "suppressed"): void {
    const reason = state === "sent" ? null : "the run is over";
    ledger.deliveries.update(row.id, { state, nowMs: clock.nowMs(), nextAttemptAtMs: null, reason });
  }

  /** The clock may have been set back. */
  const isPast = (sinceMs: number, spanMs: number): boolean => Math.abs(clock.nowMs() - sinceMs) >= spanMs;

  return {
    /**
     * Says how the run stands, inside the caller's transaction: changes its message where the channel can, else adds one
     * every so often, or when its level is another. Nothing new is sent in quiet hours but what is `loud`.
     */
    tell({ runId, jobId, destination, content, everyMs, loud }: Telling): void {
      const last = livingOf(ledger, runId, laneOf(destination));
      const { text } = content;
      switch (last?.state) {
        case "pending":
        case "sending":
          if (last.custody === undefined && saysMore(last.content.text, text)) revise(last, content);
          return;
        case "sent":
          if (editableId(last) !== undefined) {
            const more = last.receipt?.["unsaid"] === true || saysMore(last.content.text, text);
            if (more || isPast(last.updatedAtMs, everyMs)) revise(last, content);
            return;
          }
          if (!isOtherLevel(last.content.text, text) && !isPast(last.createdAtMs, everyMs)) return;
          break;
        case undefined:
          break;
        default:
          if (!isPast(last?.createdAtMs ?? 0, everyMs)) return;
      }
      const nowMs = clock.nowMs();
      if (!loud && deps.quietUntil(destination) !== undefined) return;
      const kind = "progress" as const;
      deps.enqueue({ kind, destination, required: false, jobId, runId, createdAtMs: nowMs, content });
    },

    /**
     * The run is over, and says `result`, if anything. Answers whether that takes the place of the message, which makes no
     * sound; otherwise the message ends with `closing`.
     */
    end({ runId, destination, result, closing }: About & { result: string | undefined; closing: string }): boolean {
      const last = livingOf(ledger, runId, laneOf(destination));
      if (last === undefined || last.custody !== undefined) return false;
      const { state } = last;
      if (state !== "pending" && state !== "sending" && state !== "sent") return false;
      const id = editableId(last);
      if (state === "pending" && id === undefined) {
        settle(last, "suppressed");
        return false;
      }
      const mayBeEdited = id !== undefined || (state === "sending" && destination.mode === "announce");
      if (!mayBeEdited) return false;
      if (result !== undefined && fitsEdit(result)) {
        if (state === "pending") settle(last, "sent");
        return true;
      }
      revise(last, { text: closing });
      return false;
    },
  };
}
export type LivingMessages = ReturnType<typeof createLivingMessages>;
