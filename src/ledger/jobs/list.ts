import {
  both,
  type Condition,
  type Counters,
  condition,
  type Database,
  fold,
  given,
  type Listing,
  maybeNumber,
  number,
  type Row,
  readPage,
} from "../sql/index.ts";
import type { JobFacts, JobFilter, JobKeys, JobQuery, JobRecord, Page } from "../types.ts";
import { bears, facetsOf, hasCommand, phraseOf, rarestFirst } from "./facets.ts";

/** The order by next run: nothing to come sorts last. */
export const DUE_ORDER = "due_ms";

const ORDER = {
  nextRunAtMs: [DUE_ORDER, "id"],
  updatedAtMs: ["updated_at_ms", "id"],
  name: ["name COLLATE NOCASE", "id"],
} as const;

const KINDS = ["at", "every", "cron", "after"];
const STATUSES = ["ok", "error", "skipped", "unknown"] as const;
/** So few jobs that a text is found in are sorted; of more, those that fit the page are found in its order. */
const SORTED_MAX = 500;
/** A job is a large row; so many are looked at a page. */
const SEARCHED_JOBS = 1_000;
/** The text index knows parts of three letters or more. */
const SHORTEST_TEXT = 3;

/** The same orders along the facets of jobs. */
const FACET_ORDER = {
  nextRunAtMs: ["facet_due_ms", "facet_job_id"],
  updatedAtMs: ["facet_updated_at_ms", "facet_job_id"],
  name: ["facet_name COLLATE NOCASE", "facet_job_id"],
} as const;

type Reads = { db: Database; counters: Counters; readable(rows: Row[]): JobRecord[] };

/** One page of jobs; those set aside are never in it. */
export function listJobs(deps: Reads, query: JobQuery): Page<JobRecord> {
  const facets = rarestFirst(deps.db, facetsOf(query));
  const sortBy = query.sortBy ?? "nextRunAtMs";
  const listing: Listing = {
    ...(facets === undefined ? allJobs(deps, query) : faceted(query, facets)),
    order: (facets === undefined ? ORDER : FACET_ORDER)[sortBy],
    dir: query.sortDir === "desc" ? "DESC" : "ASC",
  };
  const page = readPage(deps.db, listing, query);
  return { ...page, rows: deps.readable(page.rows) };
}

/** A job is a large row: who only wants to put all of them in order reads these. */
export function jobKeys(db: Database, query: JobFacts): JobKeys[] {
  const { sql, values } = eitherOf(walksOf(query));
  return db.all(`SELECT id, name, updated_at_ms, next_due_ms FROM jobs WHERE ${sql}`, ...values).map((row) => ({
    id: String(row["id"]),
    name: String(row["name"]),
    updatedAtMs: number(row, "updated_at_ms"),
    nextRunAtMs: maybeNumber(row, "next_due_ms"),
  }));
}

const eitherOf = (conditions: readonly Condition[]): Condition => ({
  sql: conditions.map(({ sql }) => `(${sql})`).join(" OR "),
  values: conditions.flatMap(({ values }) => values),
});

type Chosen = Omit<Listing, "order" | "dir">;

function allJobs({ db, counters }: Reads, query: JobQuery): Chosen {
  const { text = "", command = "" } = query;
  const among = few(db, [text, command]);
  const conditions = [
    ...(text === "" || among?.of === text ? [] : [hasText(text)]),
    ...(command === "" ? [] : [hasCommand("definition", folded(command))]),
  ];
  return {
    from: among?.from ?? condition("jobs"),
    walks: walksOf(query),
    search: searchOf(conditions),
    searchedRows: SEARCHED_JOBS,
    total: totalOf(counters, query),
  };
}

/** The jobs with a facet, in the order of its index; what else is asked about is looked for among them. */
function faceted(query: JobQuery, [facet, ...others]: readonly [string, ...string[]]): Chosen {
  const { text = "", command = "", scheduleKind, lastStatus } = query;
  const enabled = enabledOf(query);
  const conditions = [
    ...others.map((other) => bears("id", other)),
    ...given("schedule_kind = ?", scheduleKind),
    ...given("last_status IS ?", lastStatus === "unknown" ? null : lastStatus),
    ...(text === "" ? [] : [hasText(text)]),
    ...(command === "" ? [] : [hasCommand("definition", folded(command))]),
  ];
  const columns = `facet, job_facets.enabled AS facet_enabled, job_facets.due_ms AS facet_due_ms,
    job_facets.updated_at_ms AS facet_updated_at_ms, job_facets.name AS facet_name, job_id AS facet_job_id`;
  return {
    from: condition(`(SELECT ${columns}, jobs.* FROM job_facets CROSS JOIN jobs ON jobs.id = job_id) AS jobs`),
    counted: condition("(SELECT facet, enabled AS facet_enabled FROM job_facets) AS jobs"),
    walks: (enabled === undefined ? [0, 1] : [Number(enabled)]).map((state) =>
      condition("facet = ? AND facet_enabled = ?", facet, state),
    ),
    search: searchOf(conditions),
    searchedRows: SEARCHED_JOBS,
  };
}

const searchOf = (conditions: Condition[]): Listing["search"] =>
  conditions.length === 0
    ? undefined
    : { ...both(conditions), columns: ["id", "search", "schedule_kind", "last_status", "definition"] };

/** Jobs with this filter, their ids; undefined when there are more than `limit`. All of them: disabled ones as well. */
export function jobIdsOf(db: Database, filter: JobFilter, limit: number): string[] | undefined {
  const facets = rarestFirst(db, facetsOf(filter));
  const { command = "" } = filter;
  const among = facets === undefined ? few(db, [command])?.from : undefined;
  if (facets === undefined && among === undefined) return undefined;
  const from =
    among ??
    condition(
      "(SELECT jobs.* FROM job_facets CROSS JOIN jobs ON jobs.id = job_id WHERE facet = ?) AS jobs",
      facets?.[0] ?? "",
    );
  const conditions = both([
    ...(facets ?? []).slice(1).map((facet) => bears("id", facet)),
    ...(command === "" ? [] : [hasCommand("definition", folded(command))]),
  ]);
  const rows = db.all(
    `SELECT id FROM (SELECT id, definition FROM ${from.sql} LIMIT ${SEARCHED_JOBS}) WHERE ${conditions.sql} LIMIT ?`,
    ...from.values,
    ...conditions.values,
    limit + 1,
  );
  const seen = db.all(`SELECT 1 FROM ${from.sql} LIMIT ${SEARCHED_JOBS}`, ...from.values).length;
  return rows.length > limit || seen === SEARCHED_JOBS ? undefined : rows.map((row) => String(row["id"]));
}

const enabledOf = ({ enabled, includeDisabled }: JobFacts): boolean | undefined =>
  enabled ?? (includeDisabled === true ? undefined : true);

/** The number of jobs where only a counter's words are asked about. */
function totalOf(counters: Counters, query: JobQuery): number | undefined {
  if (query.text || query.command || query.scheduleKind !== undefined || query.lastStatus !== undefined)
    return undefined;
  const all = counters.get("jobs");
  const enabled = enabledOf(query);
  if (enabled === undefined) return all;
  return enabled ? counters.get("jobs_enabled") : all - counters.get("jobs_enabled");
}

/** One walk for each combination of what is asked about: a range of the order's index. */
function walksOf(query: JobFacts): Condition[] {
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

const folded = (text: string): string => fold(text).replaceAll("\0", "");

const hasText = (text: string): Condition =>
  condition("(instr(search, ?) > 0 OR instr(lower(id), ?) > 0)", folded(text), folded(text));

/** The few jobs that hold one of these texts, found by the index of texts; undefined where no text is held by few. */
function few(db: Database, texts: readonly string[]): { of: string; from: Condition } | undefined {
  for (const text of texts) {
    if ([...folded(text)].length < SHORTEST_TEXT) continue;
    const found = db.all(
      `SELECT rowid AS number FROM job_texts WHERE job_texts MATCH ? LIMIT ${SORTED_MAX + 1}`,
      phraseOf(folded(text)),
    );
    if (found.length > SORTED_MAX) continue;
    const from = condition(
      `(SELECT jobs.* FROM json_each(?) CROSS JOIN job_numbers ON number = json_each.value
         CROSS JOIN jobs ON jobs.id = job_numbers.job_id) AS jobs`,
      JSON.stringify(found.map((row) => number(row, "number"))),
    );
    return { of: text, from };
  }
  return undefined;
}
