import type { RunStatus } from "../../../schema/wire/run.ts";
import type { RecentRun, RunMark, RunSpan } from "../runs/types.ts";

/** A job of the gateway's own cron, as it was seen last. */
export interface ObservedJob {
  id: string;
  name: string;
  /** What it does, in the gateway's word: `agentTurn`, `systemEvent`, `command`, … */
  kind: string;
  enabled: boolean;
  /** It speaks into the main session: its success says that the event was put there, and no more. */
  main: boolean;
  /** It has a `failureAlert` of its own: the gateway tells of its failures itself. */
  toldByGateway: boolean;
  schedule: Record<string, unknown>;
  /** When the gateway ends a run of it; 0: not known. */
  timeoutMs: number;
  createdAtMs: number;
  updatedAtMs: number;
  nextDueMs?: number;
  runningAtMs?: number;
  lastRunAtMs?: number;
  lastStatus?: "ok" | "error" | "skipped";
  lastError?: string;
  lastDurationMs?: number;
  lastOkAtMs?: number;
  lastDeliveryStatus?: string;
  consecutiveOk: number;
  consecutiveErrors: number;
  consecutiveSkipped: number;
  totals: { runs: number; ok: number; error: number; skipped: number; missed: number };
}

/** An end that was observed, or instants that passed without a run. */
export interface ObservedRun {
  seq: number;
  jobId: string;
  jobName: string;
  /** The gateway's own id of the run, where it told one. */
  runId: string;
  status: Extract<RunStatus, "succeeded" | "failed" | "skipped" | "missed">;
  /** The event was put into the main session; what became of it there is not known. */
  enqueued: boolean;
  /** When it began; of instants that passed the first of them. */
  beganMs: number;
  endedMs: number;
  covers: number;
  /** The gateway's own words. */
  said?: string;
  completionStatus?: string;
  deliveryStatus?: string;
  deliveryError?: string;
  error?: string;
  summary?: string;
  /** How it was heard of: as it happened, from the gateway's history, from the state of its job, or by its absence. */
  source: "event" | "history" | "state" | "derived";
}

export interface ObservedQuery {
  jobId?: string;
  sinceMs?: number;
  untilMs?: number;
  statuses?: readonly ObservedRun["status"][];
  sortDir?: "asc" | "desc";
  limit: number;
  offset: number;
}

export interface ObservedStore {
  jobs(): ObservedJob[];
  job(id: string): ObservedJob | undefined;
  /** By whole id, else exact name, else the start of an id of four characters or more; a few of them. */
  matches(text: string): ObservedJob[];
  put(job: ObservedJob): void;
  /** Its runs stay. */
  forget(id: string): void;
  /** "exists": this run is on record. */
  add(run: Omit<ObservedRun, "seq">): "added" | "exists";
  has(jobId: string, beganMs: number): boolean;
  /** When runs of a job began in [sinceMs, throughMs], in order. */
  begins(jobId: string, sinceMs: number, throughMs: number): number[];
  runs(query: ObservedQuery): { rows: ObservedRun[]; total: number };
  marks(jobId: string, span: RunSpan): RunMark[];
  latest(jobId: string, limit: number): RecentRun[];
  /** Keeps so many runs a job, and none that ended before. Answers how many went. */
  prune(rule: { beforeMs: number; runsPerJob: number; budget: number }): number;
}
