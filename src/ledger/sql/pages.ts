import { number } from "./columns.ts";
import type { Database, Row, Value } from "./database.ts";

/** Totals of filtered lists are counted no further than so many rows past the page. */
export const COUNT_AHEAD = 10_000;
/** Filters without an index look at no more than so many rows: the first in the page's order that fit the indexed ones. */
export const SEARCHED_ROWS = 20_000;

export interface Condition {
  sql: string;
  values: Value[];
}

/** A list as walks through one index each, merged in one order without sorting. */
export interface Listing {
  table: "jobs" | "runs" | "deliveries" | "alerts";
  /** One walk each; together they give every row once. */
  walks: Condition[];
  order: string;
  /** What no index serves. */
  search?: Condition | undefined;
  /** The number of rows, where a kept counter knows it. */
  total?: number | undefined;
}

export const condition = (sql: string, ...values: Value[]): Condition => ({ sql, values });

/** All of these; of none: every row. */
export const both = (conditions: Condition[]): Condition => ({
  sql: conditions.length === 0 ? "true" : conditions.map(({ sql }) => sql).join(" AND "),
  values: conditions.flatMap(({ values }) => values),
});

/** One page of rows. The total is exact up to COUNT_AHEAD rows past the page. */
export function readPage(
  db: Database,
  listing: Listing,
  page: { limit: number; offset: number },
): { rows: Row[]; total: number } {
  const { search, total } = listing;
  const all = merged("*", listing);
  const found = search === undefined ? all : searched(all, search);
  const rows = db.all(
    `${found.sql} ORDER BY ${listing.order} LIMIT ? OFFSET ?`,
    ...found.values,
    page.limit,
    page.offset,
  );
  if (total !== undefined && search === undefined) return { rows, total };
  const counted = search === undefined ? merged("1", listing) : found;
  const bound = page.offset + page.limit + COUNT_AHEAD;
  const row = db.get(`SELECT count(*) AS n FROM (${counted.sql} LIMIT ?)`, ...counted.values, bound);
  return { rows, total: number(row, "n") };

  function searched(from: Condition, what: Condition): Condition {
    return condition(
      `SELECT * FROM (${from.sql} ORDER BY ${listing.order} LIMIT ${SEARCHED_ROWS}) WHERE ${what.sql}`,
      ...from.values,
      ...what.values,
    );
  }
}

const merged = (columns: string, { table, walks }: Listing): Condition => ({
  sql: walks.map(({ sql }) => `SELECT ${columns} FROM ${table} WHERE ${sql}`).join(" UNION ALL "),
  values: walks.flatMap(({ values }) => values),
});
