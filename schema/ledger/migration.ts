/** One step of the ledger's shape. Runs in a transaction of its own, after a copy of the file was made. */
export interface Migration {
  version: number;
  sql: string;
}

/** The largest instant a JavaScript date can hold; larger numbers than 2^53 cannot be read back at all. */
export const MAX = 8_640_000_000_000_000;

/** That none of these columns holds a number which cannot be read back; for a CHECK. */
export const inRange = (columns: readonly string[]): string =>
  columns.map((column) => `ifnull(${column}, 0) BETWEEN 0 AND ${MAX}`).join(" AND ");
