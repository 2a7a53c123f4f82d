import type { Progress } from "../../../schema/wire/progress.ts";
import type {
  Cleanup,
  Outcome,
  Resources,
  RunStatus,
  RunTrigger,
  StateEntry,
  VerifyEntry,
} from "../../../schema/wire/run.ts";
import type { NodeRef } from "../../../schema/wire/target.ts";
import type { Histogram } from "../../policy/alerts/index.ts";
import type { KeptStream } from "../../policy/text/index.ts";
import type { JobFilter } from "../jobs/types.ts";
import type { Page, PageAsked } from "../sql/index.ts";

export interface RunRecord {
  seq: number;
  id: string;
  jobId: string;
  jobName: string;
  /** Of the job as its latest attempt ran it; before the first, as it was when the run was queued. */
  jobRevision: number;
  /** The round of its pool in which it takes its turn. */
  turn: number;
  trigger: RunTrigger;
  requestedBy?: string;
  /** The run of the parent that it follows. */
  causedByRunId?: string;
  /** None of the jobs that follow its job is started by its end. */
  alone?: boolean;
  scheduledForMs?: number;
  /** A missed or skipped row may cover several neighbouring instants, up to here. */
  throughMs?: number;
  covers: number;
  status: RunStatus;
  reason?: string;
  /** Of a job that runs on several nodes: the one that this run is for. */
  node?: string;
  pool: string;
  exclusive: boolean;
  queuedAtMs: number;
  /** Not started before this; later for retries. */
  readyAtMs: number;
  startedAtMs?: number;
  endedAtMs?: number;
  /** Attempts begun so far. */
  attempt: number;
  outcome?: Outcome;
  exitCode?: number;
  signal?: string;
  error?: string;
  summary?: string;
  deliveryStatus: "delivered" | "not-delivered" | "unknown" | "not-requested" | "pending";
  deliveryError?: string;
  suppression?: string;
}

export type NewRun = Pick<
  RunRecord,
  "id" | "jobId" | "jobName" | "jobRevision" | "trigger" | "status" | "pool" | "exclusive" | "queuedAtMs" | "readyAtMs"
> &
  Partial<
    Pick<
      RunRecord,
      | "requestedBy"
      | "causedByRunId"
      | "alone"
      | "scheduledForMs"
      | "throughMs"
      | "covers"
      | "reason"
      | "endedAtMs"
      | "node"
    >
  >;

export type RunSettlement = Pick<RunRecord, "status" | "deliveryStatus"> &
  Required<Pick<RunRecord, "endedAtMs">> &
  Partial<
    Pick<
      RunRecord,
      "outcome" | "exitCode" | "signal" | "error" | "reason" | "summary" | "deliveryError" | "suppression"
    >
  >;

export interface RunQuery extends PageAsked {
  /** Runs of the jobs that fit. */
  ofJobs?: JobFilter;
  jobId?: string;
  runId?: string;
  statuses?: ("ok" | "error" | "skipped")[];
  runStatuses?: RunStatus[];
  deliveryStatuses?: RunRecord["deliveryStatus"][];
  text?: string;
  sinceMs?: number;
  untilMs?: number;
  sortDir?: "asc" | "desc";
}

/** A span of time, and how long a piece of it is that shows as one. */
export interface RunSpan {
  sinceMs: number;
  untilMs: number;
  slotMs: number;
}

/** Runs of one job and status that began within one slot. */
export interface RunMark {
  /** The newest of them. */
  runId: string;
  status: RunStatus;
  /** How many runs, or instants that did not run. */
  runs: number;
  fromMs: number;
  /** Absent while it goes on. */
  throughMs?: number;
}

/** As much of a run as a small picture needs. */
export interface RecentRun {
  runId: string;
  status: RunStatus;
  atMs: number;
  durationMs?: number;
}

export interface RunStore {
  /** "exists" when the occurrence, or the end of the parent, was claimed before: the caller must not start it. */
  insert(run: NewRun): "inserted" | "exists";
  get(id: string): RunRecord | undefined;
  /** The run with this id, else those whose id begins like this (four characters or more), a few of them. */
  matches(text: string): RunRecord[];
  /** Runs of a job without an end, oldest first. */
  active(jobId: string): RunRecord[];
  /** Those of them that are for this node; undefined: for none by name. */
  activeOn(jobId: string, node: string | undefined): RunRecord[];
  running(): RunRecord[];
  /**
   * Queued runs of a pool that may start now, the jobs of the pool in turn and the oldest first within a round. An
   * exclusive run may start when no run of its job is running and none that came before it is waiting.
   */
  ready(nowMs: number, pool: string, limit: number): RunRecord[];
  queuedPools(): string[];
  /** When the next of the queued runs that were put off gets ready, strictly after the instant. */
  earliestReadyMs(afterMs: number): number | undefined;
  /** queued -> running, one more attempt begun; "conflict" when another run of an exclusive job goes first or the row is not queued any more. */
  begin(id: string, startedAtMs: number): "started" | "conflict";
  /** queued -> awaiting_approval. */
  hold(id: string): void;
  /** awaiting_approval -> queued. */
  letGo(id: string, readyAtMs: number): void;
  /** running -> queued for a later attempt. */
  requeue(id: string, readyAtMs: number): void;
  /** running -> queued, as if it had never been begun: its attempt, which had no process, is taken back. */
  putBack(id: string, readyAtMs: number): void;
  /** Writes the one final status. False when the run was final already. */
  settle(id: string, settlement: RunSettlement): boolean;
  setDelivery(id: string, status: RunRecord["deliveryStatus"], error?: string): void;
  /** Queued runs that could have started at `atMs`, the longest waiting first. */
  waitingSince(atMs: number, limit: number): RunRecord[];
  /** Queued runs that shall not start until after `atMs`. */
  putOff(atMs: number): RunRecord[];
  /** Changes when a queued run may start. */
  setReady(id: string, readyAtMs: number): void;
  /** Whether an instant of the job has a row of its own. */
  isClaimed(jobId: string, atMs: number): boolean;
  /** The run of an instant for this node. */
  claimedOn(jobId: string, atMs: number, node: string): RunRecord | undefined;
  /** Instants in (afterMs, throughMs] with a row of their own, in order. */
  claimed(jobId: string, afterMs: number, throughMs: number): number[];
  /**
   * Removes the rows, written by a clock later than `atMs`, that only say that instants did not run. Answers how many
   * instants they were about, and the first of them.
   */
  takeBack(jobId: string, atMs: number): { missed: number; skipped: number; firstMs?: number };
  list(query: RunQuery): Page<RunRecord>;
  /** The first run of the passage that this run belongs to and all runs it caused, a cause before what it caused. */
  passage(runId: string, limit: number): RunRecord[];
  /** What a job did in a span of time, oldest first. */
  marks(jobId: string, span: RunSpan): RunMark[];
  /** The newest runs of a job, newest first. */
  latest(jobId: string, limit: number): RecentRun[];
  /** How many runs of a job wait for an approval. */
  awaitingOf(jobId: string): number;
  count(): { queued: number; awaiting: number; running: number; total: number };
  /** Decided instants of a job in a range, for the audit: how many instants its rows cover. */
  coveredCount(jobId: string, afterMs: number, throughMs: number): number;
}

/** What the runs that ended on one day (UTC) did. */
export interface RunDay {
  /** Its first instant. */
  atMs: number;
  runs: number;
  ok: number;
  error: number;
  canceled: number;
  skipped: number;
  retried: number;
  durationMaxMs: number;
  latenessMaxMs: number;
  outputBytes: number;
  cpuMs: number;
  peakMemoryBytes: number;
  /** Milliseconds by bucket. */
  durations: Histogram;
  lateness: Histogram;
}

export interface StatsStore {
  /** The days with runs of a job, or of all jobs together, oldest first. */
  days(jobId: string | undefined, span: { sinceMs: number; untilMs: number }): RunDay[];
}

/** An occurrence that is being written for one node after another, in the order of their names. */
export interface FanOut {
  scheduledForMs: number;
  jobId: string;
  /** It was decided together with later ones. */
  catchUp: boolean;
  /** It is written for the nodes up to this one; empty: for none. */
  afterNode: string;
}

export interface FanOutStore {
  begin(fanOut: Omit<FanOut, "afterNode">): void;
  /** The oldest, or the oldest of a job. */
  next(jobId?: string): FanOut | undefined;
  /** It is written up to this node; undefined: for all of them. */
  moveOn(fanOut: FanOut, afterNode: string | undefined): void;
  /** Whatever is left of a job's. */
  drop(jobId: string): void;
}

export interface AttemptRecord {
  runId: string;
  attempt: number;
  jobId: string;
  /** The engine instance that began it. */
  owner: string;
  startedAtMs: number;
  identity?: { pid: number; startTime: string; bootId: string };
  /** Where it runs, when its job has a target, and the runner it was given to; with an empty id this host. */
  node?: NodeRef & { runner?: string };
  /** Its node is out of reach since then. */
  awaySinceMs?: number;
  endedAtMs?: number;
  outcome?: Outcome;
  exitCode?: number;
  signal?: string;
  errorCode?: string;
  error?: string;
  canceledBy?: string;
  /** How its check ended, where it had one. */
  verify?: VerifyEntry;
  /** What became of its job's state. */
  state?: StateEntry;
  /** What it said last of how far it is. */
  progress?: Progress;
  stdout: KeptStream;
  stderr: KeptStream;
  actionLines: string[];
  cleanup?: Cleanup;
  resources?: Resources;
  log: { bytes: number; droppedBytes: number; cut?: string; gone: boolean };
}

export interface AttemptStore {
  begin(attempt: { runId: string; attempt: number; jobId: string; owner: string; startedAtMs: number }): void;
  identify(runId: string, attempt: number, identity: { pid: number; startTime: string; bootId: string }): void;
  /** Where an attempt is about to run. */
  place(runId: string, attempt: number, node: NodeRef): void;
  /** Since when its node is out of reach; null: it is not. */
  away(runId: string, attempt: number, sinceMs: number | null): void;
  /** Keeps how far an attempt is that has no end. */
  progress(runId: string, attempt: number, progress: Progress): void;
  /** Writes the end once. False when it was written before. */
  end(
    runId: string,
    attempt: number,
    result: Omit<AttemptRecord, "runId" | "attempt" | "jobId" | "owner" | "startedAtMs" | "log"> & {
      endedAtMs: number;
      log: { bytes: number; droppedBytes: number; cut?: string };
    },
  ): boolean;
  get(runId: string, attempt: number): AttemptRecord | undefined;
  ofRun(runId: string): AttemptRecord[];
  /** The attempts without an end of running runs, oldest first. */
  open(): AttemptRecord[];
  /** Oldest ended attempts whose logs are on disk, and how much all of them hold. */
  logs(limit: number): {
    rows: { runId: string; attempt: number; bytes: number; endedAtMs: number }[];
    totalBytes: number;
  };
  markLogGone(runId: string, attempt: number): void;
}
