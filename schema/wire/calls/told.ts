import { type Static, Type } from "@sinclair/typebox";
import { DELIVERY_STATES } from "../../limits.ts";
import { closed, InstantMs, NonBlank, NonEmpty, oneOf, optional, PageParams, Seconds, Whole } from "../common.ts";
import { DELIVERY_KINDS, DeliveryEntry, Destination } from "../delivery.ts";
import { jobRef, page, sortDir } from "./shared.ts";

/** An incident, as `alerts` shows it. */
export const AlertEntry = Type.Object({
  id: NonEmpty,
  jobId: NonEmpty,
  jobName: optional(NonEmpty),
  cause: Type.String(),
  about: optional(Type.String(), "What is said of it in one line."),
  openedAtMs: InstantMs,
  closedAtMs: optional(InstantMs),
  occurrences: Type.Integer({ minimum: 1 }),
  notifiedAtMs: optional(InstantMs),
  tellAtMs: optional(Type.Integer(), "It is told from then on, with what comes within a minute."),
  ackedAtMs: optional(InstantMs),
  ackedBy: optional(Type.String()),
  snoozedUntilMs: optional(InstantMs),
  snoozedBy: optional(Type.String()),
  escalateAtMs: optional(Type.Integer(), "The next of its group is told then, unless it is acknowledged."),
  escalated: optional(Type.Integer({ minimum: 0 }), "How many of its group were told after the first."),
  route: optional(Destination, "Who is told of it; absent: nobody."),
});
export type AlertEntry = Static<typeof AlertEntry>;

export const AlertsParams = closed({
  ...jobRef,
  ...PageParams,
  openOnly: optional(Type.Boolean(), "Default true."),
});

/** An incident, whose it is, and where its messages go now; without a route nobody is told. */
export const AlertsResult = Type.Object({ alerts: Type.Array(AlertEntry), ...page });
export type AlertsResult = Static<typeof AlertsResult>;

const AlertRef = {
  ref: Type.String({ minLength: 1, description: "An alert's id, or a job for all its open alerts." }),
};

export const AlertAckParams = closed(AlertRef);

export const AlertSnoozeParams = closed({
  ...AlertRef,
  untilMs: optional(InstantMs),
  forSeconds: optional(Seconds(), "Instead of `untilMs`."),
});

export const AlertsChanged = Type.Object({ alerts: Type.Array(AlertEntry) });

export const DeliveriesParams = closed({
  ...jobRef,
  ...PageParams,
  deliveryId: optional(NonEmpty),
  runId: optional(NonEmpty),
  destination: optional(Type.String({ minLength: 1 }), "A lane, as `cron.command.lanes` names it, or `@name`."),
  state: optional(oneOf([...DELIVERY_STATES, "open"])),
  kind: optional(oneOf(DELIVERY_KINDS)),
  ...sortDir,
});

export const DeliveriesResult = Type.Object({ deliveries: Type.Array(DeliveryEntry), ...page });
export type DeliveriesResult = Static<typeof DeliveriesResult>;

export const DeliveryRetryParams = closed({
  deliveryId: optional(NonEmpty),
  destination: optional(NonEmpty),
  all: optional(Type.Literal(true)),
});

export const RetryResult = Type.Object({ retried: Whole, deliveries: Type.Array(DeliveryEntry) });

export const DeliveryDropParams = closed({ deliveryId: NonEmpty });

export const DeliverySettleParams = closed({ deliveryId: NonEmpty, as: oneOf(["sent", "resend"]) });

export const LanesParams = closed({
  all: optional(Type.Boolean(), "Also those for which nothing waits: of every job and setting."),
});

/** A destination and what waits for it. */
export const Lane = Type.Object({
  lane: NonEmpty,
  pending: Whole,
  oldestAtMs: optional(InstantMs),
  custody: optional(Type.Integer({ minimum: 1 }), "How many were handed over to the gateway and have no end yet."),
  pausedAtMs: optional(InstantMs),
  disabledAtMs: optional(InstantMs),
  reason: optional(Type.String()),
  names: optional(Type.Array(NonEmpty), "What the settings call it, `@ops`, and groups it belongs to."),
  jobs: optional(Whole, "With `all`: jobs that send there, results or bad news."),
});
export type Lane = Static<typeof Lane>;

export const LanesResult = Type.Object({ lanes: Type.Array(Lane) });
export type LanesResult = Static<typeof LanesResult>;

export const LaneParams = closed({ destination: NonEmpty });

export const LaneResult = Type.Object({
  ok: Type.Boolean(),
  destination: NonEmpty,
  paused: Type.Boolean(),
  unknown: optional(
    Type.Literal(true),
    "Nothing waits there, and no job or setting sends there: perhaps a typing mistake.",
  ),
});

const ReportText = Type.String({ maxLength: 100_000 });

export const ReportParams = closed({
  team: NonBlank,
  worker: NonBlank,
  taskId: NonBlank,
  progress: ReportText,
  done: ReportText,
  next: ReportText,
  status: NonBlank,
  source: ReportText,
  to: optional(Destination),
  dryRun: optional(Type.Boolean(), "Answer with what would be sent first; write nothing."),
});
export type ReportParams = Static<typeof ReportParams>;

export const ReportResult = Type.Object({
  text: Type.String(),
  deliveryId: optional(NonEmpty),
  wouldSendFirst: optional(NonEmpty),
});
export type ReportResult = Static<typeof ReportResult>;
