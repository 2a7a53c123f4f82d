import { type Static, Type } from "@sinclair/typebox";
import { EXIT_MEANINGS, STATE_MAX_BYTES } from "../limits.ts";
import { Count, closed, NonEmpty, oneOf, optional, Seconds } from "./common.ts";

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
    exitCode: optional(Type.Integer({ minimum: 0, maximum: 4_294_967_295 })),
    match: optional(
      Type.String({ minLength: 1, maxLength: 1000 }),
      "A JavaScript regular expression, looked for in what the run said.",
    ),
  },
  "Ends the job when a run ends with this code or says this: its last message goes out, and it is disabled.",
);
export type UntilPolicy = Static<typeof UntilPolicy>;

export const DEFAULT_VERIFY = { timeoutSeconds: 60, attempts: 1, delaySeconds: 1 } as const;

/** The check of a command: a second command, run in the same attempt after the first has ended well. */
export const VerifyPolicy = closed({
  argv: Type.Array(Type.String(), { minItems: 1, description: "Program and arguments; exit code 0 passes." }),
  cwd: optional(NonEmpty),
  timeoutSeconds: optional(Seconds({ maximum: 86_400 }), "Of each try; default 60; 0 = none."),
  attempts: optional(Count({ minimum: 1, maximum: 100 }), "How often it may be tried; default 1."),
  delaySeconds: optional(Seconds({ maximum: 3600 }), "Before each further try; default 1."),
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
      resetDaily: optional(
        Type.Boolean(),
        "A run finds `{}` when what is kept is of another day, in the zone of the schedule.",
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
    expiresSeconds: optional(
      Seconds({ minimum: 1 }),
      "So long it is asked for; then the run is skipped. Default 3600.",
    ),
    reason: optional(Type.String({ minLength: 1, maxLength: 500 }), "Why it is asked; shown to who decides."),
    plan: optional(
      closed({
        argv: Type.Array(Type.String(), {
          minItems: 1,
          description: "Program and arguments; it must change nothing.",
        }),
        timeoutSeconds: optional(Seconds({ maximum: 600, minimum: 1 }), "Default 60."),
      }),
      "Runs first: what it prints is what is approved.",
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
