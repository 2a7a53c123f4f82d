import { type Static, Type } from "@sinclair/typebox";
import { closed, InstantMs, NonBlank, NonEmpty, oneOf, patchOf } from "./common.ts";
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
  declarationKey: Type.Optional(DeclarationKey),
  displayName: Type.Optional(Name),
  description: Type.Optional(Type.String({ maxLength: 10_000 })),
  enabled: Type.Optional(Type.Boolean()),
  deleteAfterRun: Type.Optional(Type.Boolean()),
  agentId: Type.Optional(Type.Union([NonEmpty, Type.Null()])),
  sessionKey: Type.Optional(Type.Union([NonEmpty, Type.Null()])),
  schedule: Schedule,
  sessionTarget: Type.Optional(SessionTarget),
  wakeMode: Type.Optional(WakeMode),
  payload: CommandPayload,
  delivery: Type.Optional(Delivery),
  failureAlert: Type.Optional(FailureAlertSetting),
  policy: Type.Optional(JobPolicy),
  managedBy: Type.Optional(ManagedBy),
  tags: Type.Optional(Tags),
});
export type JobInput = Static<typeof JobInput>;

export const JobPatch = closed({
  name: Type.Optional(Name),
  displayName: Type.Optional(Type.Union([Name, Type.Null()])),
  description: Type.Optional(Type.String({ maxLength: 10_000 })),
  enabled: Type.Optional(Type.Boolean()),
  deleteAfterRun: Type.Optional(Type.Boolean()),
  agentId: Type.Optional(Type.Union([NonEmpty, Type.Null()])),
  sessionKey: Type.Optional(Type.Union([NonEmpty, Type.Null()])),
  schedule: Type.Optional(Schedule),
  sessionTarget: Type.Optional(SessionTarget),
  wakeMode: Type.Optional(WakeMode),
  payload: Type.Optional(CommandPayloadPatch),
  delivery: Type.Optional(DeliveryPatch),
  failureAlert: Type.Optional(Type.Union([Type.Literal(false), patchOf(FailureAlert), Type.Null()])),
  policy: Type.Optional(Type.Union([patchOf(JobPolicy), Type.Null()])),
  tags: Type.Optional(Type.Union([Tags, Type.Null()])),
});
export type JobPatch = Static<typeof JobPatch>;

/** Fields `cron.add` knows and command jobs here do not honour yet; refused by name. */
export const UNSUPPORTED_JOB_FIELDS = ["owner", "pacing", "trigger", "state"] as const;
/** Payload fields of the same kind. */
export const UNSUPPORTED_PAYLOAD_FIELDS = ["toolsAllow", "toolsAllowIsDefault"] as const;

export const JOB_STATUS_WORDS = ["ok", "error", "skipped"] as const;
export type WireStatus = (typeof JOB_STATUS_WORDS)[number];
const WireStatusSchema = oneOf(JOB_STATUS_WORDS);

export const JobState = Type.Object({
  nextRunAtMs: Type.Optional(InstantMs),
  runningAtMs: Type.Optional(InstantMs),
  lastRunAtMs: Type.Optional(InstantMs),
  lastRunStatus: Type.Optional(WireStatusSchema),
  lastStatus: Type.Optional(WireStatusSchema),
  lastError: Type.Optional(Type.String()),
  lastDurationMs: Type.Optional(Type.Integer({ minimum: 0 })),
  lastOkAtMs: Type.Optional(InstantMs),
  totals: Type.Optional(
    Type.Object(
      {
        runs: Type.Integer({ minimum: 0 }),
        ok: Type.Integer({ minimum: 0 }),
        error: Type.Integer({ minimum: 0 }),
        skipped: Type.Integer({ minimum: 0 }),
        missed: Type.Integer({ minimum: 0 }),
      },
      { description: "Since the job was created: runs that ended and how, instants skipped and missed." },
    ),
  ),
  consecutiveErrors: Type.Optional(Type.Integer({ minimum: 0 })),
  consecutiveSkipped: Type.Optional(Type.Integer({ minimum: 0 })),
  slow: Type.Optional(Type.Literal(true, { description: "Takes longer of late than it used to." })),
  flaky: Type.Optional(Type.Literal(true, { description: "Succeeded only after a retry of late." })),
  lastDelivered: Type.Optional(Type.Boolean()),
  lastDeliveryStatus: Type.Optional(Type.String()),
  lastDeliveryError: Type.Optional(Type.String()),
  condition: Type.Optional(Condition),
  autoDisabled: Type.Optional(
    Type.Object({
      reason: Type.String(),
      atMs: InstantMs,
      consecutiveErrors: Type.Integer(),
      trialAtMs: Type.Optional(InstantMs),
    }),
  ),
});

/** A stored job as every read answers it. */
export const Job = Type.Object({
  id: NonEmpty,
  ...JobInput.properties,
  agentId: Type.Optional(NonEmpty),
  sessionKey: Type.Optional(NonEmpty),
  enabled: Type.Boolean(),
  sessionTarget: SessionTarget,
  wakeMode: WakeMode,
  createdAtMs: InstantMs,
  updatedAtMs: InstantMs,
  configRevision: NonEmpty,
  staggerOffsetMs: Type.Optional(Type.Integer({ minimum: 0 })),
  parentName: Type.Optional(
    Type.String({ description: "Of a follower: its parent's name; absent when that is gone." }),
  ),
  fromDefaults: Type.Optional(
    Type.Array(NonEmpty, {
      description:
        "Fields that the job does not name and has from the config: `policy.retry`, `payload.timeoutSeconds`.",
    }),
  ),
  state: JobState,
});
export type Job = Static<typeof Job>;

const Yes = (description: string) => Type.Optional(Type.Literal(true, { description }));

/** Which jobs are meant: those that fit all that is given. */
export const JobFilterParams = {
  tags: Type.Optional(Type.Array(Tag, { minItems: 1, maxItems: 20, description: "Jobs with all of these tags." })),
  failing: Yes("Jobs that failed since they last succeeded."),
  slow: Yes("Jobs that take longer of late than they used to."),
  flaky: Yes("Jobs that succeeded only after a retry of late."),
  neverRan: Yes("Jobs without a run that ended."),
  command: Type.Optional(
    Type.String({ minLength: 1, maxLength: 1_000, description: "Jobs with this text in an argument of the command." }),
  ),
  to: Type.Optional(
    Type.String({ ...NonBlank, maxLength: 1_000, description: "Jobs whose results go to this target." }),
  ),
  owner: Type.Optional(
    Type.String({ ...NonBlank, maxLength: 200, description: "Jobs of this agent, or of files with this label." }),
  ),
};

const Filter = closed(JobFilterParams);
export type JobFilterParams = Static<typeof Filter>;
