import { type Static, Type } from "@sinclair/typebox";
import { closed, InstantMs, NonEmpty, nullable, oneOf, optional, Whole } from "../common.ts";
import { Lane } from "./told.ts";

const problems = Type.Array(Type.Object({ code: NonEmpty, message: Type.String(), sinceMs: InstantMs }), {
  description: "What is wrong now.",
});

export const RunningStatus = Type.Object({
  enabled: Type.Boolean(),
  state: oneOf(["running", "degraded"]),
  problems,
  version: Type.String(),
  jobs: Whole,
  enabledJobs: Whole,
  nextWakeAtMs: nullable(InstantMs),
  storePath: Type.String(),
  setAside: Type.Array(Type.Object({ id: Type.String(), name: Type.String(), reason: Type.String() })),
  runs: Type.Object({ queued: Whole, awaiting: Whole, running: Whole }),
  deliveries: Type.Record(Type.String(), Whole),
  lanes: Type.Array(Lane),
  alerts: Whole,
  notices: Type.Array(
    Type.Object({
      code: Type.String(),
      message: Type.String(),
      firstAtMs: InstantMs,
      lastAtMs: InstantMs,
      times: Whole,
    }),
  ),
  audit: Type.Union([Type.Object({ atMs: InstantMs, jobs: Whole, gaps: Whole }), Type.Null()]),
  runner: Type.Object({ state: Type.String(), running: Whole, draining: Whole }),
  routing: Type.Object({
    mode: Type.String(),
    active: Type.Boolean(),
    detail: Type.String(),
    lostSinceMs: optional(InstantMs),
  }),
  approvals: Type.Object(
    { asks: Type.Boolean(), detail: Type.String() },
    { description: "Whether the gateway's own approvals are asked, beside the methods and the command line." },
  ),
  gatewayClient: Type.Object({ mode: Type.String(), state: Type.String(), detail: Type.String() }),
  gatewayJobs: Type.Object({ watched: Whole, detail: Type.String() }),
  page: Type.Object({ tab: Type.Boolean(), detail: Type.String() }),
  concurrency: Whole,
  pools: Type.Record(Type.String(), Whole),
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

export const DoctorResult = Type.Object({
  findings: Type.Array(
    Type.Object({
      check: Type.String(),
      level: oneOf(["ok", "warn", "error"]),
      detail: Type.String(),
      action: optional(Type.String()),
    }),
  ),
});
export type DoctorResult = Static<typeof DoctorResult>;

export const BackupParams = closed({
  file: optional(Type.String({ minLength: 1 }), "Absolute path of a file that does not exist yet."),
});

export const BackupResult = Type.Object({ file: NonEmpty, bytes: Whole });

export const ConfigResult = Type.Object({ config: Type.Unknown() });

export const CheckResult = Type.Object({ problems: Type.Array(Type.String()) });
