import { CommandCronError } from "../../kernel/errors.ts";
import type { DeliveryRecord, Ledger } from "../../ledger/types.ts";
import type { LaneNotices } from "./notices.ts";
import type { Recorder, Told } from "./recorder.ts";
import type { LaneStops } from "./stops.ts";
import { withFreshSchedule } from "./tries.ts";

/** What a person may do to a message. Each raises DELIVERY_NOT_FOUND, and DELIVERY_STATE where it makes no sense. */
export function createOperator(deps: {
  ledger: Ledger;
  recorder: Recorder;
  notices: LaneNotices;
  stops: LaneStops;
  /** The lane has something to do now. */
  look(lane: string): void;
}) {
  const { ledger, recorder } = deps;

  function change(id: string, work: (told: Told, delivery: DeliveryRecord) => void): void {
    const delivery = ledger.deliveries.get(id);
    if (delivery === undefined) {
      throw new CommandCronError("DELIVERY_NOT_FOUND", { got: id, details: { deliveryId: id } });
    }
    recorder.commit((told) => {
      work(told, delivery);
      const { total } = ledger.deliveries.list({ state: "unknown", lane: delivery.lane, limit: 1, offset: 0 });
      if (total === 0) deps.notices.close("DELIVERY_UNKNOWN", delivery.lane);
    });
    deps.look(delivery.lane);
  }

  const gone = { nextAttemptAtMs: null, custody: null } as const;

  function anew(told: Told, delivery: DeliveryRecord, reason: string): void {
    recorder.move(told, delivery, { state: "pending", ...gone, reason, receipt: withFreshSchedule(delivery) });
  }

  function end(told: Told, delivery: DeliveryRecord, state: "sent" | "suppressed", reason: string, by: string): void {
    recorder.move(told, delivery, { state, ...gone, reason, settledBy: by });
  }

  return {
    retry(id: string, by: string): void {
      change(id, (told, delivery) => {
        if (delivery.custody !== undefined) refuse(delivery, "a message that is not in the gateway's custody");
        if (delivery.state !== "pending" && delivery.state !== "dead") refuse(delivery, "pending or dead");
        if (deps.stops.isDisabled(delivery.lane)) refuse(delivery, "a lane that is not disabled; resume it first");
        anew(told, delivery, `to be tried again, by ${by}`);
      });
    },
    drop(id: string, by: string): void {
      change(id, (told, delivery) => {
        if (delivery.state === "sending") refuse(delivery, "a message that is not being sent at this moment");
        if (delivery.state === "sent" || delivery.state === "suppressed") refuse(delivery, "pending, dead or unknown");
        end(told, delivery, "suppressed", `dropped by ${by}`, by);
        const { lane } = delivery;
        if (ledger.deliveries.waiting(lane, 1).length === 0) deps.notices.close("LANE_BLOCKED", lane);
        const dead = ledger.deliveries.list({ state: "dead", lane, limit: 1, offset: 0 });
        if (dead.rows.length === 0) deps.notices.close("DELIVERY_DEAD", lane);
      });
    },
    settle(id: string, as: "sent" | "resend", by: string): void {
      change(id, (told, delivery) => {
        const open = delivery.state === "unknown" || (delivery.state === "pending" && delivery.custody !== undefined);
        if (!open) refuse(delivery, "unknown, or pending in the gateway's custody");
        if (as === "sent") {
          end(told, delivery, "sent", `settled as sent by ${by}`, by);
          return;
        }
        anew(told, delivery, `to be sent again, by ${by}`);
      });
    },
  };
}
export type Operator = ReturnType<typeof createOperator>;

function refuse(delivery: DeliveryRecord, expected: string): never {
  throw new CommandCronError("DELIVERY_STATE", {
    expected,
    got: delivery.custody === undefined ? delivery.state : `${delivery.state}, in the gateway's custody`,
    details: { deliveryId: delivery.id, state: delivery.state },
  });
}
