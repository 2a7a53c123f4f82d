import { type Static, Type } from "@sinclair/typebox";
import { closed, InstantMs, NonBlank, NonEmpty, nullable, oneOf, optional, patchOf, Whole } from "./common.ts";
import { Condition } from "./condition.ts";
import { Delivery, DeliveryPatch, FailureAlert } from "./delivery.ts";
import { CommandPayload, CommandPayloadPatch } from "./payload.ts";
import { JobPolicy } from "./policy.ts";
import { Schedule } from "./schedule.ts";

export const SessionTarget = Type.Union([
  Type.Literal("isolated"),
  Type.Literal("current"),
  Type.String({ pattern: "^session:.+", description: '"isolated", "current" or "session:<key>"' }),
]);
export const WakeMode = oneOf(["next-heartbeat", "now"]);

const DeclarationKey = Type.String({ minLength: 1, maxLength: 200, pattern: "\\S" });
const Name = Type.String({ minLength: 1, maxLength: 200, pattern: "\\S" });
/** The label of the files a job comes from; only what carries it is removed by their `prune`. */
export const ManagedBy = Type.String({ minLength: 1, maxLength: 100, pattern: "^[A-Za-z0-9][A-Za-z0-9._/-]*$" });
/** What a job is found and acted on by, together with others. */
export const Tag = Type.String({ minLength: 1, maxLength: 50, pattern: "^[a-z0-9][a-z0-9._:/-]*$" });
/** In any order, each counts once. */
const Tags = Type.Array(Tag, { maxItems: 20 });
const FailureAlertSetting = Type.Union([Type.Literal(false), FailureAlert]);

/** The parts of a job an operator writes. Field names and meanings are the gateway's; `policy` is ours. */
export const JobInput = closed({
  name: Name,
  declarationKey: optional(DeclarationKey),
  displayName: optional(Name),
  description: optional(Type.String({ maxLength: 10_000 })),
  enabled: optional(Type.Boolean()),
  deleteAfterRun: optional(Type.Boolean()),
  agentId: optional(nullable(NonEmpty)),
  sessionKey: optional(nullable(NonEmpty)),
  schedule: Schedule,
  sessionTarget: optional(SessionTarget),
  wakeMode: optional(WakeMode),
  payload: CommandPayload,
  delivery: optional(Delivery),
  failureAlert: optional(FailureAlertSetting),
  policy: optional(JobPolicy),
  managedBy: optional(ManagedBy),
  tags: optional(Tags),
});
export type JobInput = Static<typeof JobInput>;

const { declarationKey: _key, managedBy: _label, ...written } = JobInput.properties;

export const JobPatch = closed({
  ...Type.Partial(Type.Object(written)).properties,
  displayName: optional(nullable(Name)),
  payload: optional(CommandPayloadPatch),
  delivery: optional(DeliveryPatch),
  failureAlert: optional(Type.Union([Type.Literal(false), patchOf(FailureAlert), Type.Null()])),
  policy: optional(nullable(patchOf(JobPolicy))),
  tags: optional(nullable(Tags)),
});
export type JobPatch = Static<typeof JobPatch>;

/** Fields `cron.add` knows and command jobs here do not honour yet; refused by name. */
export const UNSUPPORTED_JOB_FIELDS = ["owner", "pacing", "trigger", "state"] as const;
/** Payload fields of the same kind. */
export const UNSUPPORTED_PAYLOAD_FIELDS = ["toolsAllow", "toolsAllowIsDefault"] as const;

export const JOB_STATUS_WORDS = ["ok", "error", "skipped"] as const;
export type WireStatus = (typeof JOB_STATUS_WORDS)[number];
const WireStatusSchema = oneOf(JOB_STATUS_WORDS);

/** How runs ended since a job was created, and what of its instants had none. */
export const totals = { runs: Whole, ok: Whole, error: Whole, skipped: Whole, missed: Whole };

export const JobState = Type.Object({
  nextRunAtMs: optional(InstantMs),
  runningAtMs: optional(InstantMs),
  lastRunAtMs: optional(InstantMs),
  lastRunStatus: optional(WireStatusSchema),
  lastStatus: optional(WireStatusSchema),
  lastError: optional(Type.String()),
  lastDurationMs: optional(Whole),
  lastOkAtMs: optional(InstantMs),
  totals: optional(
    Type.Object(totals),
    "Since the job was created: runs that ended and how, instants skipped and missed.",
  ),
  consecutiveErrors: optional(Whole),
  consecutiveSkipped: optional(Whole),
  slow: optional(Type.Literal(true), "Takes longer of late than it used to."),
  flaky: optional(Type.Literal(true), "Succeeded only after a retry of late."),
  lastDelivered: optional(Type.Boolean()),
  lastDeliveryStatus: optional(Type.String()),
  lastDeliveryError: optional(Type.String()),
  condition: optional(Condition),
  autoDisabled: optional(
    Type.Object({
      reason: Type.String(),
      atMs: InstantMs,
      consecutiveErrors: Type.Integer(),
      trialAtMs: optional(InstantMs),
    }),
  ),
});

/** A stored job as every read answers it. */
export const Job = Type.Object({
  id: NonEmpty,
  ...JobInput.properties,
  agentId: optional(NonEmpty),
  sessionKey: optional(NonEmpty),
  enabled: Type.Boolean(),
  sessionTarget: SessionTarget,
  wakeMode: WakeMode,
  createdAtMs: InstantMs,
  updatedAtMs: InstantMs,
  configRevision: NonEmpty,
  staggerOffsetMs: optional(Whole),
  parentName: optional(Type.String(), "Of a follower: its parent's name; absent when that is gone."),
  fromDefaults: optional(
    Type.Array(NonEmpty),
    "Fields that the job does not name and has from the config: `policy.retry`, `payload.timeoutSeconds`.",
  ),
  state: JobState,
});
export type Job = Static<typeof Job>;

const Yes = (description: string) => optional(Type.Literal(true, { description }));

/** Which jobs are meant: those that fit all that is given. */
export const JobFilterParams = {
  tags: optional(Type.Array(Tag, { minItems: 1, maxItems: 20 }), "Jobs with all of these tags."),
  failing: Yes("Jobs that failed since they last succeeded."),
  slow: Yes("Jobs that take longer of late than they used to."),
  flaky: Yes("Jobs that succeeded only after a retry of late."),
  neverRan: Yes("Jobs without a run that ended."),
  command: optional(
    Type.String({ minLength: 1, maxLength: 1_000 }),
    "Jobs with this text in an argument of the command.",
  ),
  to: optional(Type.String({ ...NonBlank, maxLength: 1_000 }), "Jobs whose results go to this target."),
  owner: optional(Type.String({ ...NonBlank, maxLength: 200 }), "Jobs of this agent, or of files with this label."),
};

const Filter = closed(JobFilterParams);
export type JobFilterParams = Static<typeof Filter>;
