import type { DeliveryEntry } from "../../schema/wire/delivery.ts";
import type { RunEntry } from "../../schema/wire/run.ts";
import { JOB } from "../rpc/recording-engine.ts";
import { NOW } from "./terminal.ts";

/** A run that went well a minute ago. */
export const run = (fields: Partial<RunEntry> = {}): RunEntry => ({
  ts: NOW,
  runId: "7c1e54d0-0000-4000-8000-000000000001",
  jobId: JOB.id,
  jobName: "Disk",
  action: "finished",
  status: "ok",
  runStatus: "succeeded",
  completionStatus: "succeeded",
  trigger: "schedule",
  outcome: "exited",
  exitCode: 0,
  signal: null,
  scheduledForMs: NOW - 60_000,
  runAtMs: NOW - 59_900,
  durationMs: 1_500,
  latenessMs: 100,
  deliveryStatus: "delivered",
  stdout: "",
  stderr: "",
  stdoutBytes: 0,
  stderrBytes: 0,
  truncated: false,
  attempts: [],
  cleanup: { method: ["group"], found: 0, ended: 0, left: [] },
  ...fields,
});

export const delivery = (fields: Partial<DeliveryEntry> = {}): DeliveryEntry => ({
  deliveryId: "91b0aa12-0000-4000-8000-000000000001",
  kind: "result",
  state: "pending",
  lane: "irc #ops",
  destination: { mode: "announce", channel: "irc", to: "#ops" },
  jobId: JOB.id,
  runId: "7c1e54d0-0000-4000-8000-000000000001",
  createdAtMs: NOW - 120_000,
  updatedAtMs: NOW - 60_000,
  nextAttemptAtMs: NOW + 30_000,
  attempts: 2,
  reason: "connection refused",
  ...fields,
});

/** Of a list with one page. */
export const page = { total: 1, offset: 0, limit: 50, hasMore: false, nextOffset: null };
