import type { Job } from "../../../schema/wire/job.ts";
import type { RunEntry } from "../../../schema/wire/run.ts";

export const job = (change: Partial<Job> = {}): Job => ({
  id: "5b1c0f6e-1111-4222-8333-444455556666",
  name: "Disk",
  schedule: { kind: "every", everyMs: 60_000 },
  sessionTarget: "isolated",
  wakeMode: "now",
  payload: { kind: "command", argv: ["df", "-h"] },
  delivery: { mode: "none" },
  enabled: true,
  createdAtMs: 1,
  updatedAtMs: 1,
  configRevision: "r1",
  state: {},
  ...change,
});

export const run = (change: Partial<RunEntry> = {}): RunEntry => ({
  ts: 1_000,
  runId: "run-1",
  jobId: "job-1",
  jobName: "Disk",
  action: "finished",
  status: "ok",
  runStatus: "succeeded",
  trigger: "schedule",
  outcome: "exited",
  exitCode: 0,
  signal: null,
  scheduledForMs: 0,
  deliveryStatus: "not-requested",
  stdout: "",
  stderr: "",
  stdoutBytes: 0,
  stderrBytes: 0,
  truncated: false,
  attempts: [],
  ...change,
});
