import { type Static, Type } from "@sinclair/typebox";
import { ASKED_WHEN, DELIVERY_STATES } from "../limits.ts";
import {
  Count,
  closed,
  InstantMs,
  MAX_DURATION_MS,
  NonBlank,
  NonEmpty,
  oneOf,
  optional,
  patchOf,
  Whole,
} from "./common.ts";

const Channel = Type.String({ minLength: 1, pattern: "\\S", description: "Channel name, or `last`." });
export const ThreadId = Type.Union([
  Type.String(),
  Type.Number({ minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }),
]);

const Mode = oneOf(["announce", "webhook"]);
const place = { channel: optional(Channel), to: optional(NonBlank), accountId: optional(NonEmpty) };
const address = { ...place, threadId: optional(ThreadId) };

export const FailureDestination = closed({ ...place, mode: optional(Mode) });

export const CompletionDestination = closed({ mode: Type.Literal("webhook"), to: NonBlank });

/** One further receiver of the same run. */
export const Destination = closed({ mode: Mode, ...address, bestEffort: optional(Type.Boolean()) });
export type Destination = Static<typeof Destination>;

export type AskedWhen = (typeof ASKED_WHEN)[number];

/** An agent of the gateway that is asked about what a run says; its answer goes to the address, else to the job's own. */
export const AgentReceiver = closed({
  mode: Type.Literal("agent"),
  when: oneOf(ASKED_WHEN, {
    description:
      "Of the runs that speak: always, failure (it failed), change (it says something else than the one that spoke before).",
  }),
  agentId: optional(NonBlank),
  sessionKey: optional(
    Type.String({ minLength: 1, maxLength: 300, pattern: "^\\S+$" }),
    "Asked in this session, with its history and the agent's tools; default: without either.",
  ),
  message: optional(Type.String({ minLength: 1, maxLength: 4000, pattern: "\\S" }), "What it is asked to do."),
  timeoutSeconds: optional(Type.Integer({ minimum: 5, maximum: 3600 }), "It answers within so long; default 300."),
  ...address,
});
export type AgentReceiver = Static<typeof AgentReceiver>;

/** Whom a message goes to. */
export const Receiver = Type.Union([Destination, AgentReceiver]);
export type Receiver = Static<typeof Receiver>;

/** Where a run's output goes: the gateway's shape, plus `also` for further receivers. */
export const Delivery = closed({
  mode: oneOf(["none", "announce", "webhook"]),
  ...address,
  bestEffort: optional(Type.Boolean()),
  completionDestination: optional(CompletionDestination),
  failureDestination: optional(FailureDestination),
  also: optional(Type.Array(Receiver, { maxItems: 20 })),
});
export type Delivery = Static<typeof Delivery>;

export const DeliveryPatch = closed({
  ...patchOf(Delivery).properties,
  mode: optional(Delivery.properties.mode),
  bestEffort: optional(Type.Boolean()),
});
export type DeliveryPatch = Static<typeof DeliveryPatch>;

export const FailureAlert = closed({
  after: optional(Count()),
  ...place,
  cooldownMs: optional(Type.Integer({ minimum: 0, maximum: MAX_DURATION_MS })),
  includeSkipped: optional(Type.Boolean()),
  mode: optional(Mode),
});
export type FailureAlert = Static<typeof FailureAlert>;

/** What a person may do about a job from a message about it. */
export const ACTIONS = ["run", "stop", "tail", "silence", "disable"] as const;
export type Action = (typeof ACTIONS)[number];

export type DeliveryState = (typeof DELIVERY_STATES)[number];
export const DELIVERY_KINDS = [
  "result",
  "completion",
  "alert",
  "recovery",
  "report",
  "digest",
  "notice",
  "approval",
  "progress",
  "question",
  "answer",
] as const;
export type DeliveryKind = (typeof DELIVERY_KINDS)[number];

/** One attempt to send. */
export const DeliveryTry = Type.Object({
  atMs: InstantMs,
  tookMs: Whole,
  result: oneOf(["sent", "suppressed", "held", "failed", "unknown"], {
    description: "held: the gateway keeps it and may send it by itself.",
  }),
  detail: optional(Type.String()),
});
export type DeliveryTry = Static<typeof DeliveryTry>;

/** One message to one destination, as `deliveries list` shows it. */
export const DeliveryEntry = Type.Object({
  deliveryId: NonEmpty,
  kind: oneOf(DELIVERY_KINDS),
  state: oneOf(DELIVERY_STATES),
  lane: NonEmpty,
  destination: Receiver,
  jobId: optional(NonEmpty),
  runId: optional(NonEmpty),
  createdAtMs: InstantMs,
  updatedAtMs: InstantMs,
  nextAttemptAtMs: optional(InstantMs),
  attempts: Whole,
  tries: optional(Type.Array(DeliveryTry), "The attempts, oldest first; the last fifty."),
  custody: optional(Type.Literal("gateway")),
  reason: optional(Type.String()),
  messageIds: optional(Type.Array(Type.String())),
  text: optional(Type.String()),
  answer: optional(Type.String(), "What an agent answered."),
});
export type DeliveryEntry = Static<typeof DeliveryEntry>;
