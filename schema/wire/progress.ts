import { type Static, Type } from "@sinclair/typebox";
import { PROGRESS_LEVELS } from "../limits.ts";
import { closed, InstantMs, oneOf, optional, Seconds, Whole } from "./common.ts";

export { PROGRESS_LEVELS };
export type ProgressLevel = (typeof PROGRESS_LEVELS)[number];

/** What a running command said last of how far it is; each text is one line, masked and short. */
export const Progress = Type.Object({
  atMs: InstantMs,
  elapsedMs: Type.Integer({ minimum: 0, description: "From the start of the attempt to it, whatever the clock did." }),
  movedAtMs: optional(InstantMs),
  done: optional(Type.Number({ minimum: 0 })),
  total: optional(Type.Number({ minimum: 0 })),
  percent: optional(Type.Number({ minimum: 0, maximum: 100 }), "Said, or of `done` and `total`."),
  key: optional(Type.String(), "As long as it stays the same, nothing has moved."),
  message: optional(Type.String()),
  level: optional(oneOf(PROGRESS_LEVELS)),
  next: optional(Type.String(), "What comes then."),
  first: optional(
    Type.Object({ percent: Type.Number(), elapsedMs: Whole }),
    "The first that the attempt said: with the newest, its pace.",
  ),
});
export type Progress = Static<typeof Progress>;

/** The same as a run's record shows it. */
export const ProgressEntry = Type.Intersect([
  Progress,
  Type.Object({
    stalled: optional(Type.Literal(true), "It makes no progress, so nobody can tell when it will be over."),
    etaAtMs: optional(InstantMs),
    etaFrom: optional(
      oneOf(["pace", "history"]),
      "pace: as this attempt went so far. history: as long as the job's runs usually take.",
    ),
  }),
]);
export type ProgressEntry = Static<typeof ProgressEntry>;

export const DEFAULT_PROGRESS = { reportEverySeconds: 1_800, stallSeconds: 3_600, onStall: "alert" } as const;

/** What is done with the progress of a command; what it says is kept without it as well. */
export const ProgressPolicy = closed({
  reportEverySeconds: optional(
    Seconds(),
    "A run that goes on for more than a minute is told of: in one message that is edited, or, where the channel cannot, in a new one so often. Default 1800; 0 = not told.",
  ),
  stallSeconds: optional(
    Seconds(),
    "A run whose progress has not moved for so long has stalled; default 3600; 0 = never.",
  ),
  onStall: optional(oneOf(["alert", "end"]), "alert (default): an incident. end: the attempt is ended as `stalled`."),
});
export type ProgressPolicy = Static<typeof ProgressPolicy>;
