import { MAX_DATE_MS } from "../../../schema/wire/common.ts";
import { orUndefined } from "../../kernel/or-undefined.ts";
import type { Database, Row, Value } from "./database.ts";

/** How a field lies in its column. `json` answers undefined where the text cannot be read. */
type Kind = "plain" | "flag" | "json";
/** Fields of a record and their kind; the column's name is the field's in snake case. */
export type Fields<T> = { readonly [K in keyof T]-?: Kind };

/** Fields that lie in their columns as they are. */
export const plain = <K extends string>(...names: K[]): Record<K, "plain"> =>
  Object.fromEntries(names.map((name) => [name, "plain"])) as Record<K, "plain">;

/** A part of a record to write: absent fields stay as they are, and null clears those that may be cleared. */
export type Amended<Kept, Cleared> = { [K in keyof Kept]?: Exclude<Kept[K], undefined> } & {
  [K in keyof Cleared]?: Exclude<Cleared[K], undefined> | null;
};

const columnNames = new Map<string, string>();

export function columnOf(field: string): string {
  let name = columnNames.get(field);
  if (name === undefined) {
    name = field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    columnNames.set(field, name);
  }
  return name;
}

/**
 * A row as a record: NULL columns are absent fields.
 * Safe to cast: tables are STRICT, NOT NULL where the record needs a value, and `Fields<T>` names every field of T.
 */
export function fromRow<T>(row: Row, fields: Fields<T>): T {
  const record: Record<string, unknown> = {};
  for (const field in fields) {
    const value = row[columnOf(field)];
    if (value === null || value === undefined) continue;
    record[field] =
      fields[field] === "plain" ? inRange(value) : fields[field] === "flag" ? value === 1 : readJson(value);
  }
  return record as T;
}

/** A number that a damaged page made too large for JavaScript, or for a date, as the nearest one that is not. */
const inRange = (value: Value): Value =>
  typeof value === "bigint" || (typeof value === "number" && value > MAX_DATE_MS)
    ? Math.max(-MAX_DATE_MS, Math.min(Number(value), MAX_DATE_MS))
    : value;

/** The first of these columns with a number that no record of ours ever holds; undefined when all are fine. */
export const columnOutOfRange = (row: Row, columns: readonly string[]): string | undefined =>
  columns.find((column) => {
    const value = row[column];
    return typeof value === "bigint" || (typeof value === "number" && !(value >= 0 && value <= MAX_DATE_MS));
  });

/** A record, or a part of one, as columns: absent fields are left out, null clears. */
export function toColumns<T>(part: Partial<Record<keyof T, unknown>>, fields: Fields<T>): Record<string, Value> {
  const columns: Record<string, Value> = {};
  for (const field in part) {
    const [kind, value] = [fields[field as keyof T], part[field as keyof T]];
    if (kind === undefined || value === undefined) continue;
    columns[columnOf(field)] =
      value === null
        ? null
        : kind === "flag"
          ? Number(value)
          : kind === "json"
            ? JSON.stringify(value)
            : (value as Value);
  }
  return columns;
}

/** `INSERT INTO table (…) VALUES (…)` and its values. */
export function insertion(table: string, columns: Record<string, Value>): [sql: string, ...values: Value[]] {
  const names = Object.keys(columns);
  const marks = names.map(() => "?").join(", ");
  return [`INSERT INTO ${table} (${names.join(", ")}) VALUES (${marks})`, ...Object.values(columns)];
}

/** `a = ?, b = ?` and its values. */
export function assignments(columns: Record<string, Value>): { sql: string; values: Value[] } {
  return {
    sql: Object.keys(columns)
      .map((name) => `${name} = ?`)
      .join(", "),
    values: Object.values(columns),
  };
}

/**
 * `LIMIT ?` that stays prepared. SQLite folds a bare bound limit into the plan and so compiles the statement anew at
 * every execution (`sqlite3ExprIsInteger`, which asks for it with `sqlite3VdbeSetVarmask`); that took four times as
 * long as the search for the next run. For what is asked with every run; elsewhere the planner may know the value.
 */
export const LIMIT = "LIMIT cast(? AS INTEGER)";

export const readJson = (text: unknown): unknown => orUndefined(() => JSON.parse(String(text)));

/** `'ok', 'error'`: words of our own, none of which holds a quote. */
export const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(", ");

/** The end of the range of texts that begin with a prefix, in SQLite's order by bytes. */
export const prefixEnd = (prefix: string): string => `${prefix}\u{10ffff}`;
/** Shorter prefixes of an id are not looked up. */
export const SHORTEST_PREFIX = 4;

/** The row with this id, or the only one whose id begins so. */
export function rowById(db: Database, table: string, id: string): Row | undefined {
  const exact = db.get(`SELECT * FROM ${table} WHERE id = ?`, id);
  if (exact !== undefined || id.length < SHORTEST_PREFIX) return exact;
  const rows = db.all(`SELECT * FROM ${table} WHERE id > ? AND id < ? LIMIT 2`, id, prefixEnd(id));
  return rows.length === 1 ? rows[0] : undefined;
}

export const number = (row: Row | undefined, column: string): number => Number(row?.[column] ?? 0);

/** An instant or count that may be NULL. */
export const maybeNumber = (row: Row | undefined, column: string): number | undefined => {
  const value = row?.[column];
  return value === null || value === undefined ? undefined : Number(value);
};
