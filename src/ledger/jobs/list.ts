import {
  both,
  type Condition,
  type Counters,
  condition,
  type Database,
  fold,
  type Listing,
  number,
  type Row,
  readPage,
} from "../sql/index.ts";
import type { JobQuery, JobRecord, Page } from "../types.ts";

/** The order by next run: nothing to come sorts last. */
export const DUE_ORDER = "due_ms";

const ORDER = {
  nextRunAtMs: [DUE_ORDER, "id"],
  updatedAtMs: ["updated_at_ms", "id"],
  name: ["name COLLATE NOCASE", "id"],
} as const;

const KINDS = ["at", "every", "cron"];
const STATUSES = ["ok", "error", "skipped", "unknown"] as const;
/** So few jobs that a text is found in are sorted; of more, those that fit the page are found in its order. */
const SORTED_MAX = 500;
/** A job is a large row; so many are looked at a page. */
const SEARCHED_JOBS = 1_000;
/** The text index knows parts of three letters or more. */
const SHORTEST_TEXT = 3;

/** One page of jobs; those set aside are never in it. */
export function listJobs(
  deps: { db: Database; counters: Counters; readable(rows: Row[]): JobRecord[] },
  query: JobQuery,
): Page<JobRecord> {
  const listing: Listing = {
    from: condition("jobs"),
    walks: walksOf(query),
    ...textOf(deps.db, query),
    order: ORDER[query.sortBy ?? "nextRunAtMs"],
    dir: query.sortDir === "desc" ? "DESC" : "ASC",
    total: totalOf(deps.counters, query),
  };
  const page = readPage(deps.db, listing, query);
  return { ...page, rows: deps.readable(page.rows) };
}

const enabledOf = ({ enabled, includeDisabled }: JobQuery): boolean | undefined =>
  enabled ?? (includeDisabled === true ? undefined : true);

/** The number of jobs where only a counter's words are asked about. */
function totalOf(counters: Counters, query: JobQuery): number | undefined {
  if (query.text || query.scheduleKind !== undefined || query.lastStatus !== undefined) return undefined;
  const all = counters.get("jobs");
  const enabled = enabledOf(query);
  if (enabled === undefined) return all;
  return enabled ? counters.get("jobs_enabled") : all - counters.get("jobs_enabled");
}

/** One walk for each combination of what is asked about: a range of the order's index. */
function walksOf(query: JobQuery): Condition[] {
  const kept = condition("set_aside IS NULL");
  const { scheduleKind, lastStatus } = query;
  const enabled = enabledOf(query);
  if (enabled === undefined && scheduleKind === undefined && lastStatus === undefined) return [kept];
  const states = enabled === undefined ? [0, 1] : [Number(enabled)];
  const kinds = scheduleKind === undefined ? KINDS : [scheduleKind];
  const statuses = lastStatus === undefined ? STATUSES : [lastStatus];
  return states.flatMap((state) =>
    kinds.flatMap((kind) =>
      statuses.map((status) =>
        both([
          kept,
          condition("enabled = ? AND schedule_kind = ?", state, kind),
          status === "unknown" ? condition("last_status IS NULL") : condition("last_status = ?", status),
        ]),
      ),
    ),
  );
}

/** Where a text is looked for: among the few rows that hold it, or row by row in the page's order. */
function textOf(db: Database, { text = "" }: JobQuery): Partial<Pick<Listing, "from" | "search" | "searchedRows">> {
  if (text === "") return {};
  const folded = fold(text).replaceAll("\0", "");
  const phrase = `"${folded.replaceAll('"', '""')}"`;
  if ([...folded].length >= SHORTEST_TEXT) {
    const found = db.all(
      `SELECT rowid AS number FROM job_texts WHERE job_texts MATCH ? LIMIT ${SORTED_MAX + 1}`,
      phrase,
    );
    if (found.length <= SORTED_MAX) {
      return {
        from: condition(
          `(SELECT jobs.* FROM json_each(?) CROSS JOIN job_numbers ON number = json_each.value
             CROSS JOIN jobs ON jobs.id = job_numbers.job_id) AS jobs`,
          JSON.stringify(found.map((row) => number(row, "number"))),
        ),
      };
    }
  }
  const search = condition("(instr(search, ?) > 0 OR instr(lower(id), ?) > 0)", folded, folded);
  return { searchedRows: SEARCHED_JOBS, search: { ...search, columns: ["id", "search"] } };
}
