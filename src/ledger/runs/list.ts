import { RUN_STATUSES } from "../../../schema/limits.ts";
import { FINAL_RUN_STATUSES, type RunStatus } from "../../../schema/wire/run.ts";
import { toWireStatus } from "../../policy/run/index.ts";
import { bears, facetsOf, hasCommand, jobIdsOf } from "../jobs/index.ts";
import { fromRunRow } from "../rows.ts";
import {
  both,
  type Condition,
  type Counters,
  condition,
  type Database,
  fold,
  type Listing,
  number,
  readPage,
} from "../sql/index.ts";
import type { JobFilter, Page, RunQuery, RunRecord } from "../types.ts";

/** The runs of so few jobs are a walk each; a walk each by status as well stays within what one statement may hold. */
const JOBS_WALKED = 20;

/** One page of runs, newest first unless asked otherwise. */
export function listRuns(deps: { db: Database; counters: Counters }, query: RunQuery): Page<RunRecord> {
  // Filters that exclude one another: nothing to look for.
  if (wantedStatuses(query)?.length === 0) return { rows: [], total: 0, more: false };
  const { ofJobs } = query;
  const jobIds = ofJobs === undefined ? undefined : jobIdsOf(deps.db, ofJobs, JOBS_WALKED);
  if (jobIds?.length === 0) return { rows: [], total: 0, more: false };
  const owners = jobIds?.map((id) => condition("job_id = ?", id)) ?? [];
  const { walks, walksBehind, order, total } = walksOf(deps, query);
  const owned = (all: Condition[]): Condition[] =>
    jobIds === undefined ? all : owners.flatMap((owner) => all.map((walk) => both([owner, walk])));
  const listing: Listing = {
    from: condition("runs"),
    walks: owned(walks),
    walksBehind: walksBehind && owned(walksBehind),
    order,
    total: jobIds === undefined ? total : undefined,
    dir: query.sortDir === "asc" ? "ASC" : "DESC",
    search: searchOf(query, jobIds === undefined ? ofJobs : undefined),
  };
  const page = readPage(deps.db, listing, query);
  return { ...page, rows: page.rows.map(fromRunRow) };
}

/** All runs, or all of a job, lie in the order in which they were queued; any filter is a few ranges by status and time. */
function walksOf(
  { db, counters }: { db: Database; counters: Counters },
  query: RunQuery,
): Pick<Listing, "walks" | "walksBehind" | "order" | "total"> {
  const { jobId, runId } = query;
  const owner = jobId === undefined ? [] : [condition("job_id = ?", jobId)];
  const range = rangeOf(query, "queued_at_ms");
  const statuses = wantedStatuses(query);
  if (runId !== undefined) {
    const filters =
      statuses === undefined
        ? range
        : [...range, condition(`(${statuses.map((status) => hasStatus(status).sql).join(" OR ")})`)];
    return { walks: [both([condition("id = ?", runId), ...owner, ...filters])], order: ["seq"] };
  }
  if (statuses === undefined && range.length === 0) {
    const total = jobId === undefined ? counters.get("runs") : keptOf(db, jobId);
    return { walks: [both(owner)], order: ["seq"], total };
  }
  const walksIn = (span: Condition[]): Condition[] =>
    (statuses ?? RUN_STATUSES).map((status) => both([...owner, hasStatus(status), ...span]));
  return {
    walks: walksIn(range),
    // Behind a row it is that row that says where in the index to begin.
    walksBehind: walksIn(rangeOf(query, "+queued_at_ms")),
    order: ["queued_at_ms", "seq"],
  };
}

const keptOf = (db: Database, jobId: string): number =>
  number(db.get("SELECT kept FROM run_counts WHERE job_id = ?", jobId), "kept");

/** Worded so that the partial indexes over final and over active runs fit. */
function hasStatus(status: RunStatus): Condition {
  if (status === "awaiting_approval") return condition("status = 'queued' AND ended_at_ms IS NULL AND awaiting = 1");
  if (status === "queued") return condition("status = 'queued' AND ended_at_ms IS NULL AND awaiting = 0");
  return condition(
    `status = '${status}' AND ended_at_ms IS ${FINAL_RUN_STATUSES.includes(status) ? "NOT NULL" : "NULL"}`,
  );
}

/** By when the run was queued: the one instant that every run has and that never changes. */
function rangeOf({ sinceMs, untilMs }: RunQuery, column: string): Condition[] {
  return [
    ...(sinceMs === undefined ? [] : [condition(`${column} >= ?`, sinceMs)]),
    ...(untilMs === undefined ? [] : [condition(`${column} <= ?`, untilMs)]),
  ];
}

/** The run statuses that fit both filters; undefined: all. */
function wantedStatuses({ statuses = [], runStatuses = [] }: RunQuery): RunStatus[] | undefined {
  if (statuses.length === 0 && runStatuses.length === 0) return undefined;
  return RUN_STATUSES.filter((status) => {
    const word = toWireStatus(status);
    const fitsWord = statuses.length === 0 || (word !== undefined && statuses.includes(word));
    return fitsWord && (runStatuses.length === 0 || runStatuses.includes(status));
  });
}

const SEARCHED_COLUMNS = ["id", "job_name", "ifnull(summary, '')", "ifnull(error, '')"];

/** `ofJobs`: where they are too many for a walk each, runs are looked through for theirs. */
function searchOf({ deliveryStatuses = [], text = "" }: RunQuery, ofJobs: JobFilter | undefined): Listing["search"] {
  const conditions: Condition[] = facetsOf(ofJobs ?? {}).map((facet) => bears("job_id", facet));
  if (ofJobs?.command !== undefined) {
    const command = hasCommand("jobs.definition", fold(ofJobs.command));
    const sql = `EXISTS (SELECT 1 FROM jobs WHERE jobs.id = job_id AND ${command.sql})`;
    conditions.push(condition(sql, ...command.values));
  }
  if (deliveryStatuses.length > 0) {
    const marks = deliveryStatuses.map(() => "?").join(", ");
    conditions.push(condition(`delivery_status IN (${marks})`, ...deliveryStatuses));
  }
  if (text !== "") {
    const pattern = `%${text.replace(/[\\%_]/g, "\\$&")}%`;
    const either = SEARCHED_COLUMNS.map((column) => `${column} LIKE ? ESCAPE '\\'`).join(" OR ");
    conditions.push(condition(`(${either})`, ...SEARCHED_COLUMNS.map(() => pattern)));
  }
  const columns = ["id", "job_id", "job_name", "summary", "error", "delivery_status"];
  return conditions.length === 0 ? undefined : { ...both(conditions), columns };
}
