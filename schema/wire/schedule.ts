import { type Static, Type } from "@sinclair/typebox";
import { closed, InstantMs, MAX_DURATION_MS } from "./common.ts";

export const AtSchedule = closed({
  kind: Type.Literal("at"),
  at: Type.String({ minLength: 1, description: "ISO 8601 instant; without a zone it is read as UTC." }),
});

export const EverySchedule = closed({
  kind: Type.Literal("every"),
  everyMs: Type.Integer({
    minimum: 1_000,
    maximum: 100 * MAX_DURATION_MS,
    description: "Interval, milliseconds; a second at least.",
  }),
  anchorMs: Type.Optional(InstantMs),
});

export const CronExprSchedule = closed({
  kind: Type.Literal("cron"),
  expr: Type.String({ minLength: 1, description: "5 fields, or 6 with seconds first." }),
  tz: Type.Optional(Type.String({ description: "IANA time zone; default the gateway host's." })),
  staggerMs: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: MAX_DURATION_MS,
      description: "Spread window, milliseconds. The job's own stable offset inside it is shown as `staggerOffsetMs`.",
    }),
  ),
});

/** When: the gateway's own kinds and field names. */
export const Schedule = Type.Union([AtSchedule, EverySchedule, CronExprSchedule]);
export type Schedule = Static<typeof Schedule>;

/** Schedule kinds of the gateway that are refused by name. */
export const UNSUPPORTED_SCHEDULE_KINDS = ["on-exit", "stream"] as const;
