import { type Static, Type } from "@sinclair/typebox";
import { InstantMs, oneOf, optional } from "./common.ts";
import { PROGRESS_LEVELS } from "./progress.ts";

/** What a command with the contract `status` said last of what it looks after; each text is short, and one line. */
export const Condition = Type.Object({
  running: Type.Boolean(),
  completed: Type.Boolean(),
  level: oneOf(PROGRESS_LEVELS),
  pid: optional(Type.Integer({ minimum: 1 })),
  stopReason: optional(Type.String()),
  progress: optional(
    Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
    "Its first six plain values, by name.",
  ),
  progressKey: optional(Type.String(), "As long as it stays the same, nothing has moved."),
  message: optional(Type.String()),
  atMs: InstantMs,
  movedAtMs: Type.Integer({ minimum: 0, description: "Since when `progressKey` is what it is." }),
  toldAtMs: optional(InstantMs),
});
export type Condition = Static<typeof Condition>;
