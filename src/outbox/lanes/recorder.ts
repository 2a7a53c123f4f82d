import type { DeliveryState } from "../../../schema/wire/delivery.ts";
import type { DeliveryRecord, DeliveryStore } from "../../ledger/types.ts";
import type { OutboxDeps } from "../deps.ts";
import { noteOnRuns } from "../message/index.ts";

type Change = Omit<Parameters<DeliveryStore["update"]>[1], "nowMs">;

/** What a transaction changed, to be told once it is committed. */
export interface Told {
  changed: Map<string, DeliveryState>;
  notices: { code: string; message: string }[];
}

export function createRecorder({ ledger, events, logger, clock }: OutboxDeps) {
  return {
    /** Runs `work` in one transaction and tells afterwards what it changed. Raises LEDGER_UNAVAILABLE; then nothing was. */
    commit<T>(work: (told: Told) => T): T {
      const told: Told = { changed: new Map(), notices: [] };
      const answer = ledger.transaction(() => work(told));
      for (const [deliveryId, state] of told.changed) events.emit("delivery-changed", { deliveryId, state });
      for (const notice of told.notices) {
        logger.warn(`${notice.code}: ${notice.message}`);
        events.emit("notice", notice);
      }
      return answer;
    },
    /** Changes a delivery and what its run remembers of it. Inside `commit`. */
    move(told: Told, delivery: DeliveryRecord, change: Change): void {
      ledger.deliveries.update(delivery.id, { ...change, nowMs: clock.nowMs() });
      told.changed.set(delivery.id, change.state);
      const now = ledger.deliveries.get(delivery.id);
      if (now !== undefined) noteOnRuns(ledger, now);
    },
  };
}
export type Recorder = ReturnType<typeof createRecorder>;
