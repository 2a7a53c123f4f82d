import { invalid } from "../../kernel/errors.ts";
import { number, readJson } from "./columns.ts";
import type { Database, Row, Value } from "./database.ts";

/** Totals of filtered lists are counted no further than so many rows past the page. */
export const COUNT_AHEAD = 10_000;
/** Filters without an index look at no more than so many rows a page: the next ones in its order that fit the indexed ones. */
export const SEARCHED_ROWS = 5_000;

/** A page is asked for behind the last row of the page before, or by how many rows to leave out. */
export interface PageAsked {
  limit: number;
  offset: number;
  /** `cursor` of the page before; then `offset` is 0. */
  cursor?: string;
}

export interface Page<T> {
  rows: T[];
  total: number;
  /** Further rows follow for certain. */
  more: boolean;
  /** Where the next page begins; absent at the end. */
  cursor?: string;
  /** The search was cut before it had seen every row, or the total is a lower bound. */
  partial?: true;
}

export interface Condition {
  sql: string;
  values: Value[];
}

/** A list as walks through one index each, merged in one order without sorting. */
export interface Listing {
  /** A table, or a choice of its rows. */
  from: Condition;
  /** One walk each; together they give every row once. */
  walks: Condition[];
  /** The same walks where a row to begin behind is known as well, worded so that it says where in the index to begin. */
  walksBehind?: Condition[] | undefined;
  /** Columns that tell any two rows apart; all in one direction. */
  order: readonly string[];
  dir: "ASC" | "DESC";
  /** What no index serves, and the columns it looks at. */
  search?: (Condition & { columns: readonly string[] }) | undefined;
  /** Rows that a search looks at a page; SEARCHED_ROWS if not said. */
  searchedRows?: number | undefined;
  /** What is counted in the place of `from` where nothing is searched: fewer columns, the same rows. */
  counted?: Condition | undefined;
  /** The number of rows, where a kept counter knows it. */
  total?: number | undefined;
}

export const condition = (sql: string, ...values: Value[]): Condition => ({ sql, values });

/** What a query asks, where it asks it. */
export const given = (sql: string, value: Value | undefined): Condition[] =>
  value === undefined ? [] : [condition(sql, value)];

/** All of these; of none: every row. */
export const both = (conditions: Condition[]): Condition => ({
  sql: conditions.length === 0 ? "true" : conditions.map(({ sql }) => sql).join(" AND "),
  values: conditions.flatMap(({ values }) => values),
});

/**
 * One page of rows: behind `cursor`, the last row of the page before, or from `offset` on. A search that looked at all it
 * may look at is cut: `partial`, and the cursor goes on behind the last row it saw. The total is exact up to COUNT_AHEAD
 * rows past the page, beyond them a lower bound: `partial` as well. Raises INVALID_PARAMS for a cursor of another order.
 */
export function readPage(db: Database, listing: Listing, page: PageAsked): Page<Row> {
  const { search } = listing;
  const after = page.cursor === undefined ? undefined : keysetOf(listing, page.cursor);
  const seen = search === undefined ? rowsOf(db, listing, page, after) : foundRows(db, listing, page, after, search);
  const rows = seen.slice(0, page.limit);
  const more = seen.length > page.limit;
  const cut = search === undefined ? undefined : keyAt(db, listing, after, searchedRows(listing) - 1);
  const last = more ? rows.at(-1) : cut;
  const { total, capped } = totalOf(
    db,
    listing,
    page,
    more || after !== undefined ? undefined : page.offset + rows.length,
  );
  const partial = capped || cut !== undefined;
  return {
    rows,
    total,
    more,
    ...(last === undefined ? {} : { cursor: cursorOf(listing, last) }),
    ...(partial ? { partial } : {}),
  };
}

/** The rows of a page and one more. What an offset leaves out is walked by its keys; only the rows of the page are read whole. */
function rowsOf(db: Database, listing: Listing, { limit, offset }: PageAsked, after: Condition | undefined): Row[] {
  const left = offset === 0 ? undefined : keyAt(db, listing, after, offset - 1);
  if (offset > 0 && left === undefined) return [];
  const from = merged("*", listing, left === undefined ? after : behind(listing, keyOf(listing, left)));
  return db.all(`${from.sql} ${orderOf(listing)} LIMIT ?`, ...from.values, limit + 1);
}

function foundRows(
  db: Database,
  listing: Listing,
  { limit, offset }: PageAsked,
  after: Condition | undefined,
  search: Condition,
): Row[] {
  const found = searched(listing, merged("*", listing, after), search);
  return db.all(`${found.sql} ${orderOf(listing)} LIMIT ? OFFSET ?`, ...found.values, limit + 1, offset);
}

/** `known`: what was counted on the way, where the page has reached the end. */
function totalOf(
  db: Database,
  listing: Listing,
  page: PageAsked,
  known: number | undefined,
): { total: number; capped: boolean } {
  const { search, total } = listing;
  if (search === undefined && total !== undefined) return { total, capped: false };
  if (known !== undefined && (known > page.offset || page.offset === 0)) return { total: known, capped: false };
  const needed = (): string => [...new Set([...listing.order.map(plainName), ...(search?.columns ?? [])])].join(", ");
  const unsearched = { ...listing, from: listing.counted ?? listing.from };
  const counted = search === undefined ? merged("1", unsearched) : searched(listing, merged(needed(), listing), search);
  const bound = page.offset + page.limit + COUNT_AHEAD;
  const row = db.get(`SELECT count(*) AS n FROM (${counted.sql} LIMIT ?)`, ...counted.values, bound);
  return { total: number(row, "n"), capped: number(row, "n") >= bound };
}

/** The key of the row that stands there; undefined when there are not so many. */
function keyAt(db: Database, listing: Listing, after: Condition | undefined, place: number): Row | undefined {
  const keys = merged(listing.order.map(plainName).join(", "), listing, after);
  return db.get(`${keys.sql} ${orderOf(listing)} LIMIT 1 OFFSET ?`, ...keys.values, place);
}

const searched = (listing: Listing, from: Condition, what: Condition): Condition =>
  condition(
    `SELECT * FROM (${from.sql} ${orderOf(listing)} LIMIT ${searchedRows(listing)}) WHERE ${what.sql}`,
    ...from.values,
    ...what.values,
  );

const searchedRows = (listing: Listing): number => listing.searchedRows ?? SEARCHED_ROWS;

const orderOf = ({ order, dir }: Listing): string => `ORDER BY ${order.map((column) => `${column} ${dir}`).join(", ")}`;

const plainName = (column: string): string => column.split(" ")[0] ?? column;

const merged = (columns: string, { from, walks, walksBehind = walks }: Listing, after?: Condition): Condition => {
  const parts = after === undefined ? walks : walksBehind.map((walk) => both([walk, after]));
  return {
    sql: parts.map(({ sql }) => `SELECT ${columns} FROM ${from.sql} WHERE ${sql}`).join(" UNION ALL "),
    values: parts.flatMap(({ values }) => [...from.values, ...values]),
  };
};

/** Opaque to whoever carries it: the order, and where in it the page ended. */
const cursorOf = (listing: Listing, row: Row): string =>
  Buffer.from(JSON.stringify([orderOf(listing), ...keyOf(listing, row)])).toString("base64url");

const keyOf = ({ order }: Listing, row: Row): Value[] => order.map((column) => row[plainName(column)] ?? null);

/** The rows behind a cursor. */
function keysetOf(listing: Listing, cursor: string): Condition {
  const [order, ...values] = parsed(cursor);
  const fits =
    values.length === listing.order.length && values.every((value) => /^(number|string)$/.test(typeof value));
  if (order !== orderOf(listing) || !fits) {
    throw invalid("cursor", "`nextCursor` of a page in the same order", JSON.stringify(cursor.slice(0, 100)));
  }
  return behind(listing, values as Value[]);
}

/** The rows behind the one with this key. */
function behind({ order, dir }: Listing, key: Value[]): Condition {
  const marks = key.map(() => "?").join(", ");
  return condition(`(${order.join(", ")}) ${dir === "ASC" ? ">" : "<"} (${marks})`, ...key);
}

function parsed(cursor: string): unknown[] {
  const value = readJson(Buffer.from(cursor, "base64url").toString());
  return Array.isArray(value) ? value : [];
}
