import { type Static, Type } from "@sinclair/typebox";
import { InstantMs, NonEmpty, oneOf } from "./common.ts";
import { Lane } from "./told.ts";

const Count = Type.Integer({ minimum: 0 });

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
  runs: Type.Object({ queued: Count, running: Count }),
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
