import { type Static, Type } from "@sinclair/typebox";
import { FOLLOW_ON } from "../limits.ts";
import { closed, InstantMs, MAX_DURATION_MS, oneOf, optional, Seconds } from "./common.ts";

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
  anchorMs: optional(InstantMs),
});

export const CronExprSchedule = closed({
  kind: Type.Literal("cron"),
  expr: Type.String({ minLength: 1, description: "5 fields, or 6 with seconds first." }),
  tz: optional(Type.String(), "IANA time zone; default the gateway host's."),
  staggerMs: optional(
    Type.Integer({ minimum: 0, maximum: MAX_DURATION_MS }),
    "Spread window, milliseconds. The job's own stable offset inside it is shown as `staggerOffsetMs`.",
  ),
});

export type FollowOn = (typeof FOLLOW_ON)[number];
/** Jobs that follow one job, at most. */
export const MAX_FOLLOWERS = 25;

export const AfterSchedule = closed({
  kind: Type.Literal("after"),
  job: Type.String({
    minLength: 1,
    maxLength: 200,
    pattern: "\\S",
    description: "The job that it follows, its parent: id, `declarationKey` or name. Kept as its id.",
  }),
  on: optional(oneOf(FOLLOW_ON), "After which ends of the parent; default success. A canceled one is only `complete`."),
  delaySeconds: optional(Seconds(), "Between the parent's end and the run; default 0."),
  minGapSeconds: optional(Seconds(), "From the follower's last start: an end before that is passed over; default 0."),
  match: optional(
    Type.String({ minLength: 1, maxLength: 1000 }),
    "Only when this JavaScript regular expression finds something in the parent's text.",
  ),
});
export type AfterSchedule = Static<typeof AfterSchedule>;

/** When: the gateway's own kinds and field names, and `after`. */
export const Schedule = Type.Union([AtSchedule, EverySchedule, CronExprSchedule, AfterSchedule]);
export type Schedule = Static<typeof Schedule>;

/** Schedule kinds of the gateway that are refused by name. */
export const UNSUPPORTED_SCHEDULE_KINDS = ["on-exit", "stream"] as const;
