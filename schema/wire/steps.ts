import { type Static, Type } from "@sinclair/typebox";
import { STATE_MAX_BYTES } from "../limits.ts";
import { Count, closed, InstantMs, NonBlank, NonEmpty, oneOf, PageParams, Seconds } from "./common.ts";

/** What an exit code says of its run. */
export const EXIT_MEANINGS = ["ok", "fail", "retry", "skip"] as const;
export const ExitMeaning = oneOf(EXIT_MEANINGS);
export type ExitMeaning = (typeof EXIT_MEANINGS)[number];

/** Meanings of exit codes. A code that is not named is `ok` when it is 0, and else a failure under `retry.on`. */
export const ExitCodes = Type.Record(Type.String({ pattern: "^(0|[1-9][0-9]{0,9})$" }), ExitMeaning, {
  minProperties: 1,
  maxProperties: 256,
  additionalProperties: false,
  description:
    "Meaning of exit codes: ok, fail (without another attempt), retry (under `retry`, or three attempts), skip (nothing was to be done).",
});
export type ExitCodes = Static<typeof ExitCodes>;

/** When a job has done what it was for. */
export const UntilPolicy = closed(
  {
    exitCode: Type.Optional(Type.Integer({ minimum: 0, maximum: 4_294_967_295 })),
    match: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 1000,
        description: "A JavaScript regular expression, looked for in what the run said.",
      }),
    ),
  },
  "Ends the job when a run ends with this code or says this: its last message goes out, and it is disabled.",
);
export type UntilPolicy = Static<typeof UntilPolicy>;

export const DEFAULT_VERIFY = { timeoutSeconds: 60, attempts: 1, delaySeconds: 1 } as const;

/** The check of a command: a second command, run in the same attempt after the first has ended well. */
export const VerifyPolicy = closed({
  argv: Type.Array(Type.String(), { minItems: 1, description: "Program and arguments; exit code 0 passes." }),
  cwd: Type.Optional(NonEmpty),
  timeoutSeconds: Type.Optional(Seconds({ maximum: 86_400, description: "Of each try; default 60; 0 = none." })),
  attempts: Type.Optional(Count({ minimum: 1, maximum: 100, description: "How often it may be tried; default 1." })),
  delaySeconds: Type.Optional(Seconds({ maximum: 3600, description: "Before each further try; default 1." })),
});
export type VerifyPolicy = Static<typeof VerifyPolicy>;

export { STATE_MAX_BYTES };

/** What a command finds that has nothing to remember. */
export const NO_STATE = "{}";

/** Lets a command keep JSON between its runs, in the file that OPENCLAW_STATE names. */
export const StatePolicy = Type.Union(
  [
    Type.Literal(true),
    closed({
      resetDaily: Type.Optional(
        Type.Boolean({
          description: "A run finds `{}` when what is kept is of another day, in the zone of the schedule.",
        }),
      ),
    }),
  ],
  { description: "The command keeps JSON between its runs, in the file that OPENCLAW_STATE names." },
);

/** What a command may change. */
export const RISKS = ["read_only", "write_local", "write_external"] as const;
export const Risk = Type.Union(
  RISKS.map((word) => Type.Literal(word)),
  {
    description:
      "What the command may change: nothing, this host, or something elsewhere. `write_external` needs a check: `verify`, or a follower that is `read_only`.",
  },
);

export const DEFAULT_APPROVAL = { expiresSeconds: 3_600, planTimeoutSeconds: 60 } as const;
/** Runs of one job that wait for an approval at a time. */
export const MAX_AWAITING = 10;

/** Each start of the job waits until a person has approved it. */
export const ApprovalPolicy = closed(
  {
    required: Type.Literal(true),
    expiresSeconds: Type.Optional(
      Seconds({ minimum: 1, description: "So long it is asked for; then the run is skipped. Default 3600." }),
    ),
    reason: Type.Optional(
      Type.String({ minLength: 1, maxLength: 500, description: "Why it is asked; shown to who decides." }),
    ),
    plan: Type.Optional(
      closed(
        {
          argv: Type.Array(Type.String(), {
            minItems: 1,
            description: "Program and arguments; it must change nothing.",
          }),
          timeoutSeconds: Type.Optional(Seconds({ maximum: 600, minimum: 1, description: "Default 60." })),
        },
        "Runs first: what it prints is what is approved.",
      ),
    ),
  },
  "Each start waits until a person has approved exactly what is to run.",
);

/** `preparing`: its plan runs, or its files are read. `voided`: the job was changed or removed. */
export const APPROVAL_STATES = ["preparing", "waiting", "approved", "rejected", "expired", "voided"] as const;
export type ApprovalState = (typeof APPROVAL_STATES)[number];
/** Through which door it was decided: a call of the Gateway API, or the gateway's own approvals. */
export const APPROVAL_DOORS = ["api", "gateway"] as const;
export type ApprovalDoor = (typeof APPROVAL_DOORS)[number];

export const ApprovalsParams = closed({
  id: Type.Optional(NonEmpty),
  jobId: Type.Optional(NonEmpty),
  runId: Type.Optional(NonEmpty),
  all: Type.Optional(Type.Boolean({ description: "Decided ones as well; default false." })),
  ...PageParams,
});

export const ApproveParams = closed({
  runId: NonEmpty,
  hash: Type.Optional(
    Type.String({
      pattern: "^[0-9a-f]{8,64}$",
      description: "eight or more of the digits that were looked at; refused when it is another by now",
    }),
  ),
});

export const RejectParams = closed({
  runId: NonEmpty,
  reason: Type.String({ minLength: 1, maxLength: 500, pattern: "\\S" }),
});

/** One request, and what became of it. */
export const ApprovalEntry = Type.Object({
  runId: NonEmpty,
  attempt: Type.Integer({ minimum: 1, description: "Of the run: each attempt is approved by itself." }),
  jobId: NonEmpty,
  jobName: NonBlank,
  state: Type.Union(APPROVAL_STATES.map((word) => Type.Literal(word))),
  risk: Type.Optional(Risk),
  why: Type.Optional(Type.String({ description: "`policy.approval.reason`." })),
  command: Type.String({ description: "In one line; what looks like a secret is masked." }),
  hash: Type.Optional(Type.String({ description: "Of all that is approved." })),
  plan: Type.Optional(Type.String({ description: "What the plan printed." })),
  requestedAtMs: InstantMs,
  expiresAtMs: InstantMs,
  decidedAtMs: Type.Optional(InstantMs),
  decidedBy: Type.Optional(Type.String()),
  door: Type.Optional(Type.Union(APPROVAL_DOORS.map((word) => Type.Literal(word)))),
  reason: Type.Optional(Type.String({ description: "Why it was decided so." })),
});
export type ApprovalEntry = Static<typeof ApprovalEntry>;

export const ApprovalsResult = Type.Object({
  approvals: Type.Array(ApprovalEntry),
  total: Type.Integer({ minimum: 0 }),
  offset: Type.Integer({ minimum: 0 }),
  limit: Type.Integer({ minimum: 1 }),
  hasMore: Type.Boolean(),
  nextOffset: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]),
  nextCursor: Type.Optional(NonEmpty),
  partial: Type.Optional(Type.Literal(true)),
});
export type ApprovalsResult = Static<typeof ApprovalsResult>;
