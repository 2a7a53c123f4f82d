import type { Condition } from "../../../schema/wire/condition.ts";
import type { JobFilterParams, JobInput } from "../../../schema/wire/job.ts";
import type { AutoDisabled } from "../../policy/run/index.ts";
import type { Amended, Page, PageAsked } from "../sql/index.ts";

/** Who brought a job in: our own RPC and CLI, the gateway's `cron.add`, or `adopt`. */
export type JobOrigin = "plugin" | "cron" | "adopted";

/** What the operator wrote; `enabled` lives in its own column. */
export type JobDefinition = Omit<JobInput, "enabled" | "agentId" | "sessionKey"> & {
  agentId?: string;
  sessionKey?: string;
};

export interface JobRecord {
  id: string;
  /** It stands for one of the gateway's own jobs, which are only watched; never stored. */
  observed?: true;
  origin: JobOrigin;
  /** In force: what the operator wrote, and where that says nothing, what the config says. */
  definition: JobDefinition;
  /** What the operator wrote; to be changed and carried elsewhere. */
  written: JobDefinition;
  revision: number;
  enabled: boolean;
  createdAtMs: number;
  updatedAtMs: number;
  /** Every occurrence up to here has been decided. Goes back only when the clock did. */
  cursorMs: number;
  /** Records of occurrences up to here may have been removed by retention. */
  forgottenMs?: number;
  /** The next instant to look at; undefined: nothing to come. */
  nextDueMs?: number;
  consecutiveErrors: number;
  consecutiveSkipped: number;
  backoffUntilMs?: number;
  autoDisabled?: AutoDisabled;
  lastRunId?: string;
  lastRunAtMs?: number;
  lastStatus?: "ok" | "error" | "skipped";
  lastError?: string;
  lastDurationMs?: number;
  lastOkAtMs?: number;
  lastDeliveryStatus?: string;
  lastDeliveryError?: string;
  lastDeliveredText?: string;
  slow?: boolean;
  flaky?: boolean;
  /** What its command said last of what it looks after; only of a job with such a contract. */
  condition?: Condition;
  totals: { runs: number; ok: number; error: number; skipped: number; missed: number };
}

export type NewJob = Pick<JobRecord, "id" | "origin" | "definition" | "enabled" | "createdAtMs" | "cursorMs"> &
  Partial<Pick<JobRecord, "nextDueMs">>;

/** Fields the engine may change after a decision or a run. Absent: untouched; null: cleared. */
export type JobStatePatch = Amended<Omit<JobRecord, Written | "totals" | Cleared>, Pick<JobRecord, Cleared>> & {
  addTotals?: Partial<JobRecord["totals"]>;
};

/** What only `insert` and `replace` write. */
type Written = "id" | "origin" | "definition" | "written" | "revision" | "createdAtMs";
type Cleared =
  | "forgottenMs"
  | "nextDueMs"
  | "backoffUntilMs"
  | "autoDisabled"
  | "condition"
  | "lastError"
  | "lastDeliveryError";

export type JobFilter = JobFilterParams;

/** What a job is found by without looking into its definition. */
export interface JobFacts {
  includeDisabled?: boolean;
  enabled?: boolean;
  scheduleKind?: string;
  lastStatus?: "ok" | "error" | "skipped" | "unknown";
}

/** What jobs are ordered by. */
export interface JobKeys {
  id: string;
  name: string;
  updatedAtMs: number;
  nextRunAtMs: number | undefined;
}

export interface JobQuery extends PageAsked, JobFilter, JobFacts {
  text?: string;
  sortBy?: "nextRunAtMs" | "updatedAtMs" | "name";
  sortDir?: "asc" | "desc";
}

/** A job whose row cannot be read. */
export interface SetAsideJob {
  id: string;
  name: string;
  reason: string;
}

export interface JobStore {
  /** A row that was set aside under this id or declaration key gives way. */
  insert(job: NewJob): void;
  get(id: string): JobRecord | undefined;
  getByDeclarationKey(key: string): JobRecord | undefined;
  /**
   * The jobs a word stands for, a few of them: by whole id, else by exact name, else by the start of an id (four characters
   * or more) or a name in other letters.
   */
  matches(text: string): JobRecord[];
  /** Ids of jobs with this name, in any letter case. */
  named(name: string, limit: number): string[];
  /** Replaces the definition when `expectedRevision` still holds; the revision grows by one. */
  replace(
    id: string,
    change: { definition: JobDefinition; enabled: boolean; updatedAtMs: number; expectedRevision: number },
  ): "replaced" | "conflict" | "gone";
  patchState(id: string, patch: JobStatePatch): void;
  remove(id: string): boolean;
  list(query: JobQuery): Page<JobRecord>;
  /** What all jobs with these facts are ordered by, in no order. */
  keys(query: JobFacts): JobKeys[];
  /** Jobs with `nextDueMs <= nowMs`, earliest first. A row that cannot be read is set aside and reported, not returned. */
  due(nowMs: number, limit: number): JobRecord[];
  earliestDueMs(): number | undefined;
  /** Jobs whose cursor is later than `atMs`, but for those that wait behind removed records. */
  ahead(atMs: number, limit: number): JobRecord[];
  count(): { total: number; enabled: number; setAside: number };
  /** Jobs that ask an agent by their own word. */
  asking(): number;
  /** Jobs whose declaration key begins with `prefix`. */
  countDeclared(prefix: string): number;
  /** The jobs that follow this one, by name. */
  followers(parentId: string): JobRecord[];
  /** Ids of the jobs that others follow, whether or not they are there; in order, behind `afterId`. */
  parents(afterId: string, limit: number): string[];
  /** How many levels of followers are below a job, counted up to `limit`. */
  levelsBelow(id: string, limit: number): number;
  /** Ids of jobs that may be expected to succeed every so often: all that are, and few others. */
  expectant(): string[];
  /** Ids of jobs whose command has told of something else. */
  reporting(): string[];
  /** Jobs in the order of their ids, behind `afterId`; `next` is where to go on, absent at the end. For work in steps. */
  page(afterId: string, limit: number, only?: "disabled"): { jobs: JobRecord[]; next?: string };
  /** Every job at once, in the order of their ids, for export. */
  each(visit: (job: JobRecord) => void): void;
  /** Rows that could not be read, with the reason. */
  setAside(): SetAsideJob[];
  /** Who is told of each of them, once, in the transaction that sets it aside. */
  whenSetAside(tell: (job: SetAsideJob) => void): void;
}
