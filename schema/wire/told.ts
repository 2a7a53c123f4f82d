import { type Static, Type } from "@sinclair/typebox";
import { InstantMs, NonEmpty, oneOf } from "./common.ts";
import { Destination } from "./delivery.ts";

const Count = Type.Integer({ minimum: 0 });

/** An incident, as `alerts` shows it. */
export const AlertEntry = Type.Object({
  id: NonEmpty,
  jobId: NonEmpty,
  jobName: Type.Optional(NonEmpty),
  cause: Type.String(),
  about: Type.Optional(Type.String({ description: "What is said of it in one line." })),
  openedAtMs: InstantMs,
  closedAtMs: Type.Optional(InstantMs),
  occurrences: Type.Integer({ minimum: 1 }),
  notifiedAtMs: Type.Optional(InstantMs),
  tellAtMs: Type.Optional(Type.Integer({ description: "It is told from then on, with what comes within a minute." })),
  ackedAtMs: Type.Optional(InstantMs),
  ackedBy: Type.Optional(Type.String()),
  snoozedUntilMs: Type.Optional(InstantMs),
  snoozedBy: Type.Optional(Type.String()),
  escalateAtMs: Type.Optional(
    Type.Integer({ description: "The next of its group is told then, unless it is acknowledged." }),
  ),
  escalated: Type.Optional(
    Type.Integer({ minimum: 0, description: "How many of its group were told after the first." }),
  ),
  route: Type.Optional({ ...Destination, description: "Who is told of it; absent: nobody." }),
});
export type AlertEntry = Static<typeof AlertEntry>;

/** A destination and what waits for it. */
export const Lane = Type.Object({
  lane: NonEmpty,
  pending: Count,
  oldestAtMs: Type.Optional(InstantMs),
  custody: Type.Optional(
    Type.Integer({ minimum: 1, description: "How many were handed over to the gateway and have no end yet." }),
  ),
  pausedAtMs: Type.Optional(InstantMs),
  disabledAtMs: Type.Optional(InstantMs),
  reason: Type.Optional(Type.String()),
  names: Type.Optional(
    Type.Array(NonEmpty, { description: "What the settings call it, `@ops`, and groups it belongs to." }),
  ),
  jobs: Type.Optional({ ...Count, description: "With `all`: jobs that send there, results or bad news." }),
});
export type Lane = Static<typeof Lane>;
export const LanesResult = Type.Object({ lanes: Type.Array(Lane) });
export const LaneResult = Type.Object({
  ok: Type.Boolean(),
  destination: NonEmpty,
  paused: Type.Boolean(),
  unknown: Type.Optional(
    Type.Literal(true, {
      description: "Nothing waits there, and no job or setting sends there: perhaps a typing mistake.",
    }),
  ),
});

const problems = Type.Array(Type.Object({ code: NonEmpty, message: Type.String(), sinceMs: InstantMs }), {
  description: "What is wrong now.",
});
export const RunningStatus = Type.Object({
  enabled: Type.Boolean(),
  state: oneOf(["running", "degraded"]),
  problems,
  version: Type.String(),
  jobs: Count,
  enabledJobs: Count,
  nextWakeAtMs: Type.Union([InstantMs, Type.Null()]),
  storePath: Type.String(),
  setAside: Type.Array(Type.Object({ id: Type.String(), name: Type.String(), reason: Type.String() })),
  runs: Type.Object({ queued: Count, awaiting: Count, running: Count }),
  deliveries: Type.Record(Type.String(), Count),
  lanes: Type.Array(Lane),
  alerts: Count,
  notices: Type.Array(
    Type.Object({
      code: Type.String(),
      message: Type.String(),
      firstAtMs: InstantMs,
      lastAtMs: InstantMs,
      times: Count,
    }),
  ),
  audit: Type.Union([Type.Object({ atMs: InstantMs, jobs: Count, gaps: Count }), Type.Null()]),
  runner: Type.Object({ state: Type.String(), running: Count, draining: Count }),
  routing: Type.Object({
    mode: Type.String(),
    active: Type.Boolean(),
    detail: Type.String(),
    lostSinceMs: Type.Optional(InstantMs),
  }),
  approvals: Type.Object(
    { asks: Type.Boolean(), detail: Type.String() },
    { description: "Whether the gateway's own approvals are asked, beside the methods and the command line." },
  ),
  gatewayClient: Type.Object({ mode: Type.String(), state: Type.String(), detail: Type.String() }),
  gatewayJobs: Type.Object({ watched: Count, detail: Type.String() }),
  page: Type.Object({ tab: Type.Boolean(), detail: Type.String() }),
  concurrency: Count,
  pools: Type.Record(Type.String(), Count),
});
/** A service that could not start has nothing else to tell. */
export const StoppedReport = Type.Object({
  enabled: Type.Boolean(),
  state: Type.Literal("stopped"),
  problems,
  version: Type.String(),
});
export type StoppedReport = Static<typeof StoppedReport>;
export const StatusResult = Type.Union([RunningStatus, StoppedReport]);
