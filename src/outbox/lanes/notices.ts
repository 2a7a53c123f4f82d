import type { Destination, Receiver } from "../../../schema/wire/delivery.ts";
import { pick, present } from "../../kernel/present.ts";
import type { DeliveryRecord, Ledger } from "../../ledger/types.ts";
import { failureRoutes } from "../../policy/addresses/index.ts";
import type { DeliveryRequest, OutboxDeps } from "../deps.ts";
import { laneOf } from "../message/index.ts";
import type { Told } from "./recorder.ts";

type LaneNotice = "DELIVERY_DEAD" | "DELIVERY_UNKNOWN" | "LANE_BLOCKED" | "LANE_DISABLED";

/** Findings about lanes, one open one a lane and cause. They never travel on the lane they are about. */
export function createLaneNotices(
  deps: OutboxDeps & { enqueue(request: DeliveryRequest): string; isStopped(lane: string): boolean },
) {
  const { ledger, clock } = deps;

  function otherWay(delivery: DeliveryRecord, tried: readonly string[] = []): Destination | undefined {
    const job = delivery.jobId === undefined ? undefined : ledger.jobs.get(delivery.jobId);
    return failureRoutes(job?.definition, deps.config).find((route) => {
      const lane = laneOf(route);
      return lane !== delivery.lane && !tried.includes(lane) && !deps.isStopped(lane);
    });
  }

  /** Records a finding about the delivery's lane; the first of an incident is sent as well, through another lane. */
  function raise(told: Told, code: LaneNotice, delivery: DeliveryRecord, message: string): void {
    // Bad news about bad news would go on for ever.
    if (delivery.kind === "notice") return;
    const atMs = clock.nowMs();
    const opened = ledger.notices.raise({ code, key: delivery.lane, message, atMs }) === "opened";
    if (opened) told.notices.push({ code, message });
    if (code !== "LANE_BLOCKED" && sendElsewhere(delivery, message)) return;
    const destination = opened ? otherWay(delivery) : undefined;
    if (destination === undefined) return;
    deps.enqueue({
      kind: "notice",
      destination,
      required: false,
      createdAtMs: atMs,
      ...pick(delivery, "jobId"),
      content: { text: message },
    });
  }

  /** An alert that did not get through goes on by another way, with the reason under it. Answers whether there is one. */
  function sendElsewhere(delivery: DeliveryRecord, why: string): boolean {
    const { kind, alertId, jobId, runId, content } = delivery;
    // A result may carry its run's alert.
    if ((kind !== "alert" && kind !== "result") || alertId === undefined) return false;
    const destination = otherWay(
      delivery,
      ledger.deliveries.ofAlert(alertId).map(({ lane }) => lane),
    );
    if (destination === undefined) return false;
    deps.enqueue({
      kind: "alert",
      destination,
      required: false,
      alertId,
      ...present({ jobId, runId }),
      createdAtMs: clock.nowMs(),
      content: { ...pick(content, "code"), text: `${content.text}\n\n${why}` },
    });
    return true;
  }

  return {
    raise,
    /** Nobody knows whether it arrived, and nothing will tell: a person has to look. */
    unknown(told: Told, delivery: DeliveryRecord, reason: string): void {
      // Whether it was told how far a run was nobody has to find out.
      if (delivery.kind === "progress") return;
      const what = describeDelivery(ledger, delivery);
      const text = `It is unknown whether this arrived: ${what}\nCause: ${reason}\n${settleHint(delivery)}`;
      raise(told, "DELIVERY_UNKNOWN", delivery, text);
    },
    sendElsewhere,
    close: (code: LaneNotice, lane: string): void => void ledger.notices.close(code, lane, clock.nowMs()),
  };
}
export type LaneNotices = ReturnType<typeof createLaneNotices>;

/** What a message and where it should have gone, for people; a webhook's path may be a secret and is left out. */
export function describeDelivery(ledger: Ledger, delivery: DeliveryRecord): string {
  const job = delivery.jobId === undefined ? undefined : ledger.jobs.get(delivery.jobId);
  const about = job === undefined ? "" : ` of job "${job.definition.name}"`;
  return `${delivery.kind}${about} to ${describeDestination(delivery.destination)}`;
}

/** What a person does about an unknown end. */
const settleHint = ({ id }: DeliveryRecord): string =>
  `It is not sent again by itself. Settle it: openclaw command-cron deliveries settle ${id} sent|resend`;

export function describeDestination(receiver: Receiver): string {
  if (receiver.mode === "agent") return `the agent ${receiver.agentId ?? "of the gateway"}`;
  const { mode, channel, to } = receiver;
  if (mode === "announce") return `${channel ?? "?"} ${to ?? "?"}`;
  return `the webhook at ${originOf(to)}`;
}

/** Scheme and host of an address. */
export function originOf(url: string | undefined): string {
  try {
    return new URL(url ?? "").origin;
  } catch {
    return "an unreadable address";
  }
}
