import { type Static, Type } from "@sinclair/typebox";
import { Bytes, Count, closed, MAX_SECONDS, NonEmpty, oneOf, Seconds, SecretRef } from "./common.ts";
import { CONTRACTS } from "./condition.ts";
import { ProgressPolicy } from "./progress.ts";
import { ApprovalPolicy, ExitCodes, Risk, StatePolicy, UntilPolicy, VerifyPolicy } from "./steps.ts";
import { Target } from "./target.ts";

/** What to do with occurrences whose time passed while nothing could act on them. */
export const MisfirePolicy = closed({
  mode: Type.Optional(
    oneOf(["skip", "run_once", "run_all"], {
      description: "Default run_once.",
    }),
  ),
  windowSeconds: Type.Optional(Seconds({ description: "How far back to look; default 86400." })),
  max: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: "run_all: at most so many; default 10." })),
});

/** What to do when an occurrence comes due while a run of the job is active. Names follow Temporal's schedules. */
export const OverlapPolicy = oneOf(["skip", "buffer_one", "buffer_all", "cancel_other", "allow_all"]);
export type OverlapPolicy = Static<typeof OverlapPolicy>;

/** `buffer_all` keeps at most so many waiting runs. */
export const BUFFER_ALL_MAX = 25;

export const RetryCause = Type.Union([
  Type.Integer({ minimum: 1, maximum: 255 }),
  Type.Literal("timed_out"),
  Type.Literal("signaled"),
  Type.Literal("spawn_failed"),
  Type.Literal("verify_failed"),
  Type.Literal("status_failed"),
]);

export const RetryPolicy = closed({
  maxAttempts: Type.Integer({ minimum: 1, maximum: 100, description: "All attempts together, the first included." }),
  delaySeconds: Type.Optional(Seconds({ description: "Before the second attempt; default 30." })),
  factor: Type.Optional(Type.Number({ minimum: 1, maximum: 100, description: "Each later delay; default 2." })),
  maxDelaySeconds: Type.Optional(Seconds({ description: "Default 3600." })),
  jitter: Type.Optional(
    Type.Number({ minimum: 0, maximum: 1, description: "Share of the delay drawn at random; default 0." }),
  ),
  on: Type.Optional(Type.Array(RetryCause, { minItems: 1, description: "Default: every failure except cancel." })),
  deadlineSeconds: Type.Optional(Seconds({ description: "No attempt starts later than this after the first." })),
});
export type RetryPolicy = Static<typeof RetryPolicy>;

export const BackoffPolicy = closed({
  seconds: Type.Array(Seconds(), { minItems: 1, maxItems: 20 }),
});

export const AutoDisablePolicy = closed({
  after: Count({ description: "Consecutive failed scheduled runs." }),
  trialSeconds: Type.Optional(
    Seconds({ description: "After so long one trial run is allowed; success re-enables. 0 = no trial." }),
  ),
});

export const Signal = oneOf(["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGKILL"]);

export const EnvPolicy = closed({
  inherit: Type.Optional(oneOf(["minimal", "gateway"], { description: "Default minimal." })),
  pass: Type.Optional(
    Type.Array(NonEmpty, { description: "Further variables of the gateway to pass, by exact name." }),
  ),
  secrets: Type.Optional(Type.Record(NonEmpty, SecretRef, { description: "Variables filled from secret references." })),
});

export const Limits = closed({
  nice: Type.Optional(
    Type.Integer({
      minimum: -20,
      maximum: 19,
      description:
        "Also the weight of the command's session, where Linux shares the CPU between sessions; there 10 by default.",
    }),
  ),
  cpuSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_SECONDS })),
  memoryBytes: Type.Optional(Bytes({ minimum: 1_048_576 })),
  openFiles: Type.Optional(Count({ minimum: 8 })),
  processes: Type.Optional(Count()),
});
export type Limits = Static<typeof Limits>;

export const DeliverWhen = closed({
  on: Type.Optional(oneOf(["always", "failure", "change", "recovery", "never"], { description: "Default always." })),
  match: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 1000,
      description: "Deliver only text in which this JavaScript regular expression finds something.",
    }),
  ),
  stream: Type.Optional(oneOf(["auto", "stdout", "stderr", "both"], { description: "Default auto." })),
  as: Type.Optional(
    oneOf(["text", "code", "file"], {
      description:
        "code (default): what the command printed arrives as it was printed. text: the channel renders it as Markdown. file: when it is long, as a file where the channel takes one.",
    }),
  ),
  header: Type.Optional(
    Type.Boolean({
      description: "Results begin with the job's name; default where the destination has results of other jobs.",
    }),
  ),
  silent: Type.Optional(
    Type.Boolean({ description: "What went well comes without a sound, where the channel can; default false." }),
  ),
  buttons: Type.Optional(
    Type.Boolean({ description: "Re-run, Tail and Disable below results, as alerts have theirs; default false." }),
  ),
});
export type DeliverWhen = Static<typeof DeliverWhen>;

/** What is expected of a job in time; what is not met opens an incident. */
export const Expectations = closed({
  missed: Type.Optional(
    Type.Boolean({
      description: "An instant that passes without a run is told; default for schedules rarer than hourly.",
    }),
  ),
  startWithinSeconds: Type.Optional(Seconds({ description: "From due to started; default 600." })),
  maxSeconds: Type.Optional(
    Seconds({
      description:
        "How long a run takes at most; default three times the 95th percentile of the last 20, and at least a minute.",
    }),
  ),
  okWithinSeconds: Type.Optional(Seconds({ description: "A run succeeds at least so often; default: not watched." })),
});
export type Expectations = Static<typeof Expectations>;

/** Everything the gateway's job has no word for. Each field is optional; `show` prints the values in force. */
export const JobPolicy = closed({
  misfire: Type.Optional(MisfirePolicy),
  overlap: Type.Optional(OverlapPolicy),
  pool: Type.Optional(Type.String({ pattern: "^[a-z][a-z0-9_-]{0,63}$" })),
  target: Type.Optional(Target),
  retry: Type.Optional(RetryPolicy),
  exitCodes: Type.Optional(ExitCodes),
  until: Type.Optional(UntilPolicy),
  verify: Type.Optional(VerifyPolicy),
  state: Type.Optional(StatePolicy),
  progress: Type.Optional(ProgressPolicy),
  risk: Type.Optional(Risk),
  approval: Type.Optional(ApprovalPolicy),
  contract: Type.Optional(
    oneOf(CONTRACTS, {
      description:
        "status: the output is one JSON object with booleans `running` and `completed`, and is about something else than the command.",
    }),
  ),
  backoff: Type.Optional(Type.Union([Type.Literal(false), BackoffPolicy])),
  autoDisable: Type.Optional(Type.Union([Type.Literal(false), AutoDisablePolicy])),
  stopSignal: Type.Optional(Signal),
  stopGraceSeconds: Type.Optional(Seconds({ maximum: 3600, description: "Default 5." })),
  leftovers: Type.Optional(oneOf(["kill", "report", "allow"], { description: "Default kill." })),
  onGatewayExit: Type.Optional(oneOf(["continue", "stop"], { description: "Default continue." })),
  env: Type.Optional(EnvPolicy),
  limits: Type.Optional(Limits),
  deliver: Type.Optional(DeliverWhen),
  expect: Type.Optional(Expectations),
  ttlDays: Type.Optional(
    Type.Number({
      minimum: 0.04,
      maximum: 36_500,
      description: "A job that has been off for so long, a one-shot that is over too, is removed; default: never.",
    }),
  ),
});
export type JobPolicy = Static<typeof JobPolicy>;
