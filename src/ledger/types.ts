import type { ApprovalStore } from "./approvals/types.ts";
import type { DeliveryStore } from "./deliveries/types.ts";
import type { AlertStore, IdempotencyStore, NoticeStore } from "./findings/types.ts";
import type { JobStore } from "./jobs/types.ts";
import type { ObservedStore } from "./observed/types.ts";
import type { AttemptStore, FanOutStore, RunStore, StatsStore } from "./runs/types.ts";
import type { StateStore } from "./states/types.ts";

export type { ApprovalQuery, ApprovalRecord, ApprovalSubject } from "./approvals/types.ts";
export type {
  DeliveryContent,
  DeliveryQuery,
  DeliveryRecord,
  DeliveryStore,
  NewDelivery,
} from "./deliveries/types.ts";
export type {
  AlertChange,
  AlertQuery,
  AlertRecord,
  AlertStore,
  IdempotencyStore,
  NoticeRecord,
  NoticeStore,
} from "./findings/types.ts";
export type {
  JobDefinition,
  JobFacts,
  JobFilter,
  JobKeys,
  JobOrigin,
  JobQuery,
  JobRecord,
  JobStatePatch,
  JobStore,
  NewJob,
  SetAsideJob,
} from "./jobs/types.ts";
export type { ObservedJob, ObservedRun } from "./observed/types.ts";
export type {
  AttemptRecord,
  AttemptStore,
  FanOut,
  FanOutStore,
  NewRun,
  RunDay,
  RunMark,
  RunQuery,
  RunRecord,
  RunSettlement,
  RunSpan,
  RunStore,
  StatsStore,
} from "./runs/types.ts";

export type { Page, PageAsked } from "./sql/index.ts";

export interface MaintenanceReport {
  runsPruned: number;
  deliveriesPruned: number;
  pagesFreed: number;
  /**
   * Attempts whose run is due to go but whose log is still on disk. Remove the log, call `markLogGone`, and a later
   * step removes the run: in this order no log is ever left without a row that knows of it.
   */
  logs: { runId: string; attempt: number }[];
  /** The pass over everything is not complete: call again soon. */
  more: boolean;
}

/** What is needed to look at jobs and runs. */
export type LedgerReads = Pick<Ledger, "jobs" | "runs" | "attempts" | "stats" | "observed" | "alerts">;

/** The SQLite record of everything; the only truth. All calls are synchronous and short. */
export interface Ledger {
  jobs: JobStore;
  runs: RunStore;
  fanOuts: FanOutStore;
  attempts: AttemptStore;
  deliveries: DeliveryStore;
  alerts: AlertStore;
  notices: NoticeStore;
  idempotency: IdempotencyStore;
  states: StateStore;
  /** The gateway's own jobs, which are only watched. */
  observed: ObservedStore;
  approvals: ApprovalStore;
  stats: StatsStore;
  getMeta(key: string): string | undefined;
  /** Without a value: forgotten. */
  setMeta(key: string, value: string | undefined): void;
  /** One immediate transaction; nested calls join it. Raises LEDGER_UNAVAILABLE when nothing can be written. */
  transaction<T>(work: () => T): T;
  /** Resolves when everything committed so far is on disk. Off the event loop, shared by concurrent callers. */
  durable(): Promise<void>;
  /** The same for whoever has asked for a change. Raises CHANGE_UNCONFIRMED: it is committed, and must not be made again. */
  confirmed(): Promise<void>;
  /** Since when a sync of the disk is under way, by the monotonic clock; undefined: none is. */
  syncingSinceMs(): number | undefined;
  /** Removes final runs past age and count, and settled deliveries with them, in small steps; totals stay on the job. */
  prune(rule: { nowMs: number; days: number; runsPerJob: number; budget: number }): MaintenanceReport;
  /** Copies the whole ledger into a new file (0600) that a restore accepts. */
  backup(file: string): Promise<void>;
  /** SQLite's own integrity check plus ours. Empty when all is well. Holds the event loop, seconds for a large ledger. */
  check(): string[];
  /** The same in a thread of its own: what a running gateway should call. */
  checkAside(): Promise<string[]>;
  /** Folds the write-ahead log into the database and shrinks it. */
  checkpoint(): void;
  readonly path: string;
  close(): void;
}
