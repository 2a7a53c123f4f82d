import type { Static } from "@sinclair/typebox";
import type { ApprovalEntry, ApprovalsResult } from "../../schema/wire/calls/approvals.ts";
import type { NextResult, SummaryEntry, TestResult, TreeResult } from "../../schema/wire/calls/jobs.ts";
import type { JobStats, LogResult, RunStats, TimelineResult } from "../../schema/wire/calls/runs.ts";
import type { DoctorResult, RunningStatus } from "../../schema/wire/calls/service.ts";
import type { FieldChange, Instant, Paged, Warning } from "../../schema/wire/calls/shared.ts";
import type { StateHistoryResult, StateResult, StateSetResult } from "../../schema/wire/calls/states.ts";
import type { AlertEntry, Lane, ReportParams } from "../../schema/wire/calls/told.ts";
import type { DeliveryEntry } from "../../schema/wire/delivery.ts";
import type { Job, JobInput, JobPatch } from "../../schema/wire/job.ts";
import type { RunEntry } from "../../schema/wire/run.ts";
import type { Schedule } from "../../schema/wire/schedule.ts";
import type { ApprovalDoor } from "../../schema/wire/steps.ts";
import type { NodesResult } from "../../schema/wire/target.ts";
import type {
  AlertQuery,
  ApprovalQuery,
  DeliveryQuery,
  JobFilter,
  JobOrigin,
  JobQuery,
  NoticeRecord,
  PageAsked,
  RunQuery,
  RunSpan,
} from "../ledger/types.ts";
import type { RunnerStatus } from "../runner/port.ts";

export type { StoppedReport } from "../../schema/wire/calls/service.ts";
export type { Instant, Paged, Warning } from "../../schema/wire/calls/shared.ts";
export type { Lane } from "../../schema/wire/calls/told.ts";

/** Who is asking; recorded with what they change. */
export interface Caller {
  /** For people: "cli", "control-ui", "cron.add", … */
  label: string;
}

/** A run, a job for what it has, or a bare word as a person types it. */
export type RunRef = { runId: string } | { jobId: string } | { ref: string };

export type LogPage = LogResult;
export type LogChunk = LogResult["chunks"][number];
/** What a job did and will do in a span of time. */
export type JobTimeline = TimelineResult["jobs"][number];
/** Which ends of which job a follower waits for; no name: that job is gone. */
export type AfterLink = NonNullable<NextResult["after"]>;
/** Jobs that follow one another, in the order they are drawn. */
export type JobTree = TreeResult;
export type DoctorFinding = DoctorResult["findings"][number];
/** What a command did when it was run for a look, and what its job would have said. */
export type RehearsalReport = Omit<TestResult, "warnings">;

/** Which runs of everything that is scheduled here; `id` may name one of the gateway's jobs. */
export type AllRunsQuery = Pick<RunQuery, "statuses" | "sinceMs" | "untilMs" | "sortDir"> & {
  id?: string;
  limit: number;
  offset: number;
};

/** Something that is wrong now, by code, and since when (wall clock). */
export interface Problem {
  code: string;
  message: string;
  sinceMs: number;
}

/** The plugin's own client of the gateway: what it may ask, and how it is. */
export interface GatewayClientStatus {
  mode: "off" | "read" | "write" | "approvals";
  state: "off" | "idle" | "connected" | "unavailable";
  /** What is missing, where it is unavailable. */
  detail: string;
}

/** As `status` answers while the service runs, and what only this process needs to know of it. */
export type StatusReport = Static<typeof RunningStatus> & {
  notices: NoticeRecord[];
  runner: RunnerStatus;
  routing: { mode: "route" | "off" };
  gatewayClient: GatewayClientStatus;
};

/** A job as a call would leave it. */
interface Preview {
  job: Job;
  created: boolean;
  updated: boolean;
  next: Instant[];
  /** In which fields it differs from the stored one. */
  changes: FieldChange[];
}

/** What jobs keep between their runs, as an operator sees and changes it. */
export interface StateApi {
  /** The newest version, or the one asked for; `{}` while nothing is kept. Raises JOB_NOT_FOUND, INVALID_PARAMS. */
  getState(idOrName: string, version?: number): StateResult;
  /** The versions that are kept, without what they hold. Raises JOB_NOT_FOUND. */
  stateHistory(idOrName: string): StateHistoryResult;
  /** JSON text; null forgets every version. Raises JOB_NOT_FOUND, INVALID_PARAMS, STATE_BUSY. */
  setState(idOrName: string, content: string | null, caller: Caller): Promise<StateSetResult>;
}

/** What waits for a person's decision, and the decision. `hash`: of what was looked at, or the start of it. */
export interface ApprovalsApi {
  /** The newest first. Raises RUN_NOT_FOUND for a run that is not on record. */
  approvals(query: ApprovalQuery): ApprovalsResult;
  /**
   * Lets a run start, once, if nothing has changed until then. Raises RUN_NOT_FOUND, APPROVAL_NOT_FOUND,
   * APPROVAL_PREPARING, APPROVAL_OUTDATED, APPROVAL_DECIDED, APPROVAL_EXPIRED.
   */
  approve(runId: string, how: { hash?: string; door?: ApprovalDoor }, caller: Caller): Promise<ApprovalEntry>;
  /** The run ends as skipped. Raises what `approve` raises, but for a request that is still being prepared. */
  reject(
    runId: string,
    how: { reason: string; hash?: string; door?: ApprovalDoor },
    caller: Caller,
  ): Promise<ApprovalEntry>;
}

/** Everything the outside may ask of the engine. Methods raise CommandCronError; a refused call changes nothing. */
export interface EngineApi extends StateApi, ApprovalsApi {
  addJob(
    input: JobInput,
    caller: Caller,
    /** `keepsEnabled`: `input.enabled` only repeats what is stored; nobody asked for it. */
    options?: { idempotencyKey?: string; origin?: JobOrigin; id?: string; keepsEnabled?: boolean },
  ): Promise<{ job: Job; created: boolean; updated: boolean; next: Instant[] }>;
  updateJob(
    idOrName: string,
    patch: JobPatch,
    caller: Caller,
    expectedConfigRevision?: string,
    stop?: boolean,
  ): Promise<Job>;
  /** What `addJob` or `updateJob` would make of it, and what differs. Raises what they raise; writes nothing. */
  previewJob(
    change: { input: JobInput } | { id: string; patch: JobPatch; expectedConfigRevision?: string },
  ): Promise<Preview>;
  /** What is to be said about a job that is stored, or would be; of an edit only what its patch is about. */
  look(job: Job, patch?: JobPatch): Promise<Warning[]>;
  /** Runs the command once, now, for a look: no job, no run, no message. */
  rehearseJob(input: JobInput): Promise<RehearsalReport>;
  /** `stop` ends a running run; otherwise it finishes. */
  removeJob(
    idOrName: string,
    caller: Caller,
    /**
     * `cascade` disables the jobs that follow it; without it, enabled ones refuse the removal. `together`: these are removed
     * next. Raises RISK_UNCHECKED where it is the last check of another job that is on.
     */
    options?: { stop?: boolean; cascade?: boolean; together?: ReadonlySet<string> },
  ): Promise<{ removed: boolean; runningRunId?: string; disabled?: string[] }>;
  getJob(idOrName: string): Job;
  listJobs(query: JobQuery): { jobs: Job[] } & Paged;
  /** Answers at once; the run is durable when this returns. */
  runJob(
    idOrName: string,
    caller: Caller,
    options: { mode?: "force" | "if-enabled" | "due"; idempotencyKey?: string; alone?: boolean },
    /** `runIds`: of a job that runs on each of several nodes, one for each. */
  ): Promise<{ ok: true; enqueued: boolean; runId?: string; runIds?: string[]; reason?: string }>;
  /** The paired nodes; none on a gateway that does not let plugins reach them. Raises when it cannot say. */
  nodes(): Promise<NodesResult>;
  cancel(ref: RunRef, caller: Caller): Promise<{ canceled: { runId: string; left: number }[] }>;
  runs(query: RunQuery): { entries: RunEntry[] } & Paged;
  /** Everything that is scheduled here on one screen, the gateway's own jobs as well, by name. */
  summary(query: {
    source?: "all" | "command" | "gateway";
    query?: string;
    limit: number;
    offset: number;
  }): { jobs: SummaryEntry[] } & Paged;
  /** Runs that were here and ends of the gateway's own jobs. */
  allRuns(query: AllRunsQuery): { entries: RunEntry[] } & Paged;
  getRun(runId: string): RunEntry;
  /** One run of the first job of a chain and all runs it caused. */
  passage(runId: string, page: { limit: number; offset: number }): { entries: RunEntry[] } & Paged;
  log(ref: RunRef, query: { attempt?: number; offset?: number; limit?: number; tailBytes?: number }): Promise<LogPage>;
  next(
    target: { id?: string; schedule?: Schedule },
    count: number,
    afterMs?: number,
  ): { instants: Instant[]; timeZone: string; after?: AfterLink };
  /** The chains, or the one that a job belongs to, each job behind its parent. */
  tree(idOrName?: string): JobTree;
  /** How runs went, by days: of one job, or of all together and of each that fits. Raises JOB_NOT_FOUND, JOB_AMBIGUOUS. */
  stats(
    query: PageAsked & JobFilter & { id?: string; sinceMs?: number; untilMs?: number },
  ): { sinceMs: number; untilMs: number; all?: RunStats; jobs: JobStats[] } & Paged;
  /** Jobs that are not there are left out. */
  timeline(query: { ids: string[] } & RunSpan): Promise<{ jobs: JobTimeline[] }>;
  status(): StatusReport;
  doctor(): Promise<DoctorFinding[]>;
  alerts(query: AlertQuery): { alerts: AlertEntry[] } & Paged;
  /** Nothing more is said of these incidents but their end. By alert id, or a job for all its open ones. */
  ackAlerts(ref: string, caller: Caller): { alerts: AlertEntry[] };
  /** Nothing is said of their jobs until then. */
  snoozeAlerts(ref: string, until: { untilMs?: number; forSeconds?: number }, caller: Caller): { alerts: AlertEntry[] };
  /** Lanes in which something waits, or that are paused or disabled; with `all` those of every job and setting as well. */
  lanes(query: { all: boolean }): Promise<Lane[]>;
  /** Its lane may be a name of the settings (`@ops`). Raises DESTINATION_UNKNOWN, and INVALID_PARAMS for a group. */
  listDeliveries(query: DeliveryQuery): { deliveries: DeliveryEntry[] } & Paged;
  getDelivery(id: string): DeliveryEntry;
  /** pending or dead: try now. */
  retryDelivery(id: string, caller: Caller): DeliveryEntry;
  dropDelivery(id: string, caller: Caller): DeliveryEntry;
  /** Only for `unknown`. */
  settleDelivery(id: string, as: "sent" | "resend", caller: Caller): DeliveryEntry;
  pauseLane(lane: string, paused: boolean, caller: Caller): void;
  report(input: ReportParams, caller: Caller): Promise<{ deliveryId?: string; wouldSendFirst?: string; text: string }>;

  backup(file?: string): Promise<{ file: string; bytes: number }>;
  /** The settings in force, without secrets; of addresses the host. */
  shownConfig(): { config: unknown };
  checkLedger(): Promise<{ problems: string[] }>;
}
