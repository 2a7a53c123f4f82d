import { type Static, Type } from "@sinclair/typebox";
import { Count, closed, InstantMs, MAX_DURATION_MS, NonBlank, NonEmpty, oneOf } from "./common.ts";

const Channel = Type.String({ minLength: 1, pattern: "\\S", description: "Channel name, or `last`." });
export const ThreadId = Type.Union([
  Type.String(),
  Type.Number({ minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }),
]);

export const FailureDestination = closed({
  channel: Type.Optional(Channel),
  to: Type.Optional(NonBlank),
  accountId: Type.Optional(NonEmpty),
  mode: Type.Optional(oneOf(["announce", "webhook"])),
});

export const CompletionDestination = closed({ mode: Type.Literal("webhook"), to: NonBlank });

/** One further receiver of the same run. */
export const Destination = closed({
  mode: oneOf(["announce", "webhook"]),
  channel: Type.Optional(Channel),
  to: Type.Optional(NonBlank),
  accountId: Type.Optional(NonEmpty),
  threadId: Type.Optional(ThreadId),
  bestEffort: Type.Optional(Type.Boolean()),
});
export type Destination = Static<typeof Destination>;

/** When an agent is asked, of the runs that speak. */
export const ASKED_WHEN = ["always", "failure", "change"] as const;
export type AskedWhen = (typeof ASKED_WHEN)[number];

/** An agent of the gateway that is asked about what a run says; its answer goes to the address, else to the job's own. */
export const AgentReceiver = closed({
  mode: Type.Literal("agent"),
  when: oneOf(ASKED_WHEN, {
    description:
      "Of the runs that speak: always, failure (it failed), change (it says something else than the one that spoke before).",
  }),
  agentId: Type.Optional(NonBlank),
  sessionKey: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 300,
      pattern: "^\\S+$",
      description: "Asked in this session, with its history and the agent's tools; default: without either.",
    }),
  ),
  message: Type.Optional(
    Type.String({ minLength: 1, maxLength: 4000, pattern: "\\S", description: "What it is asked to do." }),
  ),
  timeoutSeconds: Type.Optional(
    Type.Integer({ minimum: 5, maximum: 3600, description: "It answers within so long; default 300." }),
  ),
  channel: Type.Optional(Channel),
  to: Type.Optional(NonBlank),
  accountId: Type.Optional(NonEmpty),
  threadId: Type.Optional(ThreadId),
});
export type AgentReceiver = Static<typeof AgentReceiver>;

/** Whom a message goes to. */
export const Receiver = Type.Union([Destination, AgentReceiver]);
export type Receiver = Static<typeof Receiver>;

/** Where a run's output goes: the gateway's shape, plus `also` for further receivers. */
export const Delivery = closed({
  mode: oneOf(["none", "announce", "webhook"]),
  channel: Type.Optional(Channel),
  to: Type.Optional(NonBlank),
  accountId: Type.Optional(NonEmpty),
  threadId: Type.Optional(ThreadId),
  bestEffort: Type.Optional(Type.Boolean()),
  completionDestination: Type.Optional(CompletionDestination),
  failureDestination: Type.Optional(FailureDestination),
  also: Type.Optional(Type.Array(Receiver, { maxItems: 20 })),
});
export type Delivery = Static<typeof Delivery>;

const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Optional(Type.Union([schema, Type.Null()]));

export const DeliveryPatch = closed({
  mode: Type.Optional(Delivery.properties.mode),
  channel: nullable(Channel),
  to: nullable(NonBlank),
  accountId: nullable(NonEmpty),
  threadId: nullable(ThreadId),
  bestEffort: Type.Optional(Type.Boolean()),
  completionDestination: nullable(CompletionDestination),
  failureDestination: nullable(FailureDestination),
  also: nullable(Type.Array(Receiver, { maxItems: 20 })),
});
export type DeliveryPatch = Static<typeof DeliveryPatch>;

export const FailureAlert = closed({
  after: Type.Optional(Count()),
  channel: Type.Optional(Channel),
  to: Type.Optional(NonBlank),
  cooldownMs: Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_DURATION_MS })),
  includeSkipped: Type.Optional(Type.Boolean()),
  mode: Type.Optional(oneOf(["announce", "webhook"])),
  accountId: Type.Optional(NonEmpty),
});
export type FailureAlert = Static<typeof FailureAlert>;

/** What a person may do about a job from a message about it. */
export const ACTIONS = ["run", "stop", "tail", "silence", "disable"] as const;
export type Action = (typeof ACTIONS)[number];

/** Life of one message. `unknown`: it may or may not have arrived; only an operator settles it. */
export const DELIVERY_STATES = ["pending", "sending", "sent", "suppressed", "dead", "unknown"] as const;
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
  tookMs: Type.Integer({ minimum: 0 }),
  result: oneOf(["sent", "suppressed", "held", "failed", "unknown"], {
    description: "held: the gateway keeps it and may send it by itself.",
  }),
  detail: Type.Optional(Type.String()),
});
export type DeliveryTry = Static<typeof DeliveryTry>;

/** One message to one destination, as `deliveries list` shows it. */
export const DeliveryEntry = Type.Object({
  deliveryId: NonEmpty,
  kind: oneOf(DELIVERY_KINDS),
  state: oneOf(DELIVERY_STATES),
  lane: NonEmpty,
  destination: Receiver,
  jobId: Type.Optional(NonEmpty),
  runId: Type.Optional(NonEmpty),
  createdAtMs: InstantMs,
  updatedAtMs: InstantMs,
  nextAttemptAtMs: Type.Optional(InstantMs),
  attempts: Type.Integer({ minimum: 0 }),
  tries: Type.Optional(Type.Array(DeliveryTry, { description: "The attempts, oldest first; the last fifty." })),
  custody: Type.Optional(Type.Literal("gateway")),
  reason: Type.Optional(Type.String()),
  messageIds: Type.Optional(Type.Array(Type.String())),
  text: Type.Optional(Type.String()),
  answer: Type.Optional(Type.String({ description: "What an agent answered." })),
});
export type DeliveryEntry = Static<typeof DeliveryEntry>;
