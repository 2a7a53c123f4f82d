import { restoredAtMsOf } from "../../ledger/index.ts";
import type { DeliveryRecord, Ledger } from "../../ledger/types.ts";
import { editedBy } from "../message/index.ts";
import type { LaneNotices } from "./notices.ts";
import type { Recorder, Told } from "./recorder.ts";

/**
 * Settles what a crash caught between the claim and the receipt, and what a restored backup may have sent since it was
 * made. A webhook goes again: its receiver knows a repeat by the id. A chat message may have been said and would be said
 * twice: it becomes `unknown`. So does what an agent was asked.
 */
export function recoverSending(room: { ledger: Ledger; recorder: Recorder; notices: LaneNotices }): void {
  const { ledger, recorder, notices } = room;

  function recoverOne(told: Told, delivery: DeliveryRecord): void {
    if (delivery.destination.mode === "webhook" || editedBy(ledger, delivery) !== undefined) {
      const reason = "the gateway ended while it was being sent; sent again under the same id";
      recorder.move(told, delivery, { state: "pending", nextAttemptAtMs: null, reason });
      return;
    }
    giveUp(told, delivery, "the gateway ended while it was being sent");
  }

  function giveUp(told: Told, delivery: DeliveryRecord, reason: string): void {
    recorder.move(told, delivery, { state: "unknown", nextAttemptAtMs: null, reason });
    notices.unknown(told, delivery, reason);
  }

  recorder.commit((told) => {
    for (const delivery of ledger.deliveries.inState("sending")) recoverOne(told, delivery);
    const restoredAtMs = restoredAtMsOf(ledger);
    if (restoredAtMs === 0) return;
    for (const delivery of ledger.deliveries.inState("pending")) {
      const ours = delivery.custody === undefined && delivery.createdAtMs <= restoredAtMs;
      if (ours && delivery.destination.mode !== "webhook" && editedBy(ledger, delivery) === undefined) {
        giveUp(told, delivery, "the ledger was restored from a backup: it may have been sent since");
      }
    }
  });
}
