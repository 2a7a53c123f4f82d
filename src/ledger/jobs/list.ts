import {
  both,
  type Condition,
  type Counters,
  condition,
  type Database,
  fold,
  type Row,
  readPage,
} from "../sql/index.ts";
import type { JobQuery, JobRecord, Page } from "../types.ts";

/** The order by next run: nothing to come sorts last. */
export const DUE_ORDER = "due_ms";

const ORDER = {
  nextRunAtMs: DUE_ORDER,
  updatedAtMs: "updated_at_ms",
  name: "name COLLATE NOCASE",
} as const;

/** One page of jobs; those set aside are never in it. */
export function listJobs(
  deps: { db: Database; counters: Counters; readable(rows: Row[]): JobRecord[] },
  query: JobQuery,
): Page<JobRecord> {
  const dir = query.sortDir === "desc" ? "DESC" : "ASC";
  const enabled = query.enabled ?? (query.includeDisabled === true ? undefined : true);
  const filters = filtersOf(query);
  const { rows, total } = readPage(
    deps.db,
    {
      table: "jobs",
      walks: [
        both([
          condition("set_aside IS NULL"),
          ...(enabled === undefined ? [] : [condition("enabled = ?", Number(enabled))]),
          ...filters,
        ]),
      ],
      order: `${ORDER[query.sortBy ?? "nextRunAtMs"]} ${dir}, id ${dir}`,
      total: filters.length === 0 ? countOf(deps.counters, enabled) : undefined,
    },
    query,
  );
  return { rows: deps.readable(rows), total };
}

function countOf(counters: Counters, enabled: boolean | undefined): number {
  const all = counters.get("jobs");
  if (enabled === undefined) return all;
  return enabled ? counters.get("jobs_enabled") : all - counters.get("jobs_enabled");
}

function filtersOf({ text = "", scheduleKind, lastStatus }: JobQuery): Condition[] {
  return [
    ...(text === "" ? [] : [condition("(instr(search, ?) > 0 OR instr(id, ?) > 0)", fold(text), text)]),
    ...(scheduleKind === undefined ? [] : [condition("schedule_kind = ?", scheduleKind)]),
    ...(lastStatus === undefined
      ? []
      : lastStatus === "unknown"
        ? [condition("last_status IS NULL")]
        : [condition("last_status = ?", lastStatus)]),
  ];
}
