import { type Static, Type } from "@sinclair/typebox";
import { Count, closed, NonEmpty, oneOf, Seconds } from "./common.ts";

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

/** A state is never larger, in UTF-8. */
export const STATE_MAX_BYTES = 262_144;

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
export type StatePolicy = Static<typeof StatePolicy>;
