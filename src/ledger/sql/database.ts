import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from "node:sqlite";
import { MAX_DATE_MS } from "../../../schema/wire/common.ts";
import { CommandCronError, systemCode } from "../../kernel/errors.ts";
import { ledgerError } from "./errors.ts";
import { fold } from "./fold.ts";
import { addHistograms } from "./histograms.ts";

export type Value = SQLInputValue;
export type Row = Record<string, SQLOutputValue>;

/** Where a test may make the ledger fail, by throwing an error with SQLite's `errcode`, or end the process. */
export type FaultPoint = "begin" | "write" | "commit" | "committed" | "sync";
export interface LedgerFaults {
  /** Before each read; a disk that is full can still be read. */
  reading?(): void;
  /** What it answers at `sync` is waited for. */
  at(point: FaultPoint): void | Promise<void>;
}

/** Texts of lists vary with their filters; beyond so many the oldest is prepared anew when it comes again. */
const STATEMENTS_KEPT = 256;
/** How long a call waits for another process that writes. It holds the event loop meanwhile, so it is short. */
const BUSY_TIMEOUT_MS = 200;

/** One SQLite connection: prepared statements, transactions, and errors in the product's own words. */
export interface Database {
  /**
   * Runs a write; answers how many rows it changed. Whatever number it is given is stored as a whole one that can be read
   * back: rounded, no further from zero than the last date; NaN as NULL.
   */
  run(sql: string, ...values: Value[]): number;
  /** A number in a row that is too large for JavaScript, as only damage leaves it, is a bigint. */
  get(sql: string, ...values: Value[]): Row | undefined;
  all(sql: string, ...values: Value[]): Row[];
  /** Any number of statements, not prepared and not counted as a commit. */
  exec(sql: string): void;
  /** One immediate transaction. A nested call joins it; when it throws, only its own writes are undone. */
  transaction<T>(work: () => T): T;
  /** Grows with each commit that wrote something. */
  commits(): number;
  readonly raw: DatabaseSync;
  close(): void;
}

/** Opens a connection with the settings every ledger connection has. Raises what SQLite raises, in our words. */
export function openDatabase(path: string, faults?: LedgerFaults, { readOnly = false } = {}): Database {
  const raw = attempt(() => new DatabaseSync(path, { enableForeignKeyConstraints: false, readOnly }));
  attempt(() => raw.function("fold", { deterministic: true }, (text) => fold(String(text))));
  attempt(() => addHistograms(raw));
  const statements = new Map<string, Prepared>();
  let depth = 0;
  /** Nested transactions that have written something, the outer ones first. */
  let savepoints = 0;
  let commits = 0;

  function prepared(sql: string): Prepared {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const fresh = prepare(raw, sql);
    const oldest = statements.size >= STATEMENTS_KEPT ? statements.keys().next().value : undefined;
    if (oldest !== undefined) statements.delete(oldest);
    statements.set(sql, fresh);
    return fresh;
  }

  const step = (sql: string): unknown => prepared(sql).statement.run();

  /** A full disk may end the transaction under our feet; later writes must not slip out of it one by one. */
  function assertTransaction(): void {
    if (depth > 0 && !raw.isTransaction) {
      throw new CommandCronError("LEDGER_UNAVAILABLE", { got: "a transaction that SQLite has rolled back" });
    }
  }

  function outermost<T>(work: () => T): T {
    attempt(() => {
      faults?.at("begin");
      step("BEGIN IMMEDIATE");
    });
    depth = 1;
    try {
      const result = work();
      assertTransaction();
      faults?.at("commit");
      step("COMMIT");
      commits += 1;
      faults?.at("committed");
      return result;
    } catch (error) {
      if (raw.isTransaction) raw.exec("ROLLBACK");
      throw ledgerError(error);
    } finally {
      depth = 0;
      savepoints = 0;
    }
  }

  function nested<T>(work: () => T): T {
    assertTransaction();
    const name = `nested_${depth}`;
    depth += 1;
    try {
      const result = work();
      assertTransaction();
      if (savepoints === depth - 1) step(`RELEASE ${name}`);
      return result;
    } catch (error) {
      if (savepoints === depth - 1 && raw.isTransaction) raw.exec(`ROLLBACK TO ${name}; RELEASE ${name}`);
      throw ledgerError(error);
    } finally {
      depth -= 1;
      savepoints = Math.min(savepoints, depth - 1);
    }
  }

  /** What only reads has nothing to undo. */
  function beginNested(): void {
    for (; savepoints < depth - 1; savepoints += 1) step(`SAVEPOINT nested_${savepoints + 1}`);
  }

  attempt(() => raw.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`));
  return {
    raw,
    run(sql, ...values) {
      return attempt(() => {
        assertTransaction();
        faults?.at("write");
        beginNested();
        const changes = Number(prepared(sql).statement.run(...values.map(storable)).changes);
        if (depth === 0 && changes > 0) commits += 1;
        return changes;
      });
    },
    get(sql, ...values) {
      return attempt(() => {
        faults?.reading?.();
        return prepared(sql).get(values);
      });
    },
    all(sql, ...values) {
      return attempt(() => {
        faults?.reading?.();
        return prepared(sql).all(values);
      });
    },
    exec: (sql) => attempt(() => raw.exec(sql)),
    transaction: (work) => (depth === 0 ? outermost(work) : nested(work)),
    commits: () => commits,
    close() {
      statements.clear();
      if (raw.isOpen) raw.close();
    },
  };
}

interface Prepared {
  statement: StatementSync;
  get(values: Value[]): Row | undefined;
  all(values: Value[]): Row[];
}

/** Node names the columns anew for every row that it answers as an object; here they are named once a statement. */
function prepare(raw: DatabaseSync, sql: string): Prepared {
  const statement = raw.prepare(sql);
  statement.setReturnArrays(true);
  const names = statement.columns().map((column) => column.name);
  // Safe to cast: with `setReturnArrays` a row is an array in the order of the columns.
  const rowOf = (values: unknown, read = (value: SQLOutputValue) => value): Row => {
    const row: Row = {};
    for (let index = 0; index < names.length; index += 1) {
      row[names[index] as string] = read((values as SQLOutputValue[])[index] as SQLOutputValue);
    }
    return row;
  };

  function all(values: Value[]): Row[] {
    try {
      return statement.all(...values).map((row) => rowOf(row));
    } catch (error) {
      if (systemCode(error) !== "ERR_OUT_OF_RANGE") throw error;
      statement.setReadBigInts(true);
      try {
        return statement.all(...values).map((row) => rowOf(row, safeOrBig));
      } finally {
        statement.setReadBigInts(false);
      }
    }
  }

  return {
    statement,
    get(values) {
      try {
        const row = statement.get(...values);
        return row === undefined ? undefined : rowOf(row);
      } catch (error) {
        if (systemCode(error) !== "ERR_OUT_OF_RANGE") throw error;
        return all(values)[0];
      }
    },
    all,
  };
}

const safeOrBig = (value: SQLOutputValue): SQLOutputValue =>
  typeof value === "bigint" && Number.isSafeInteger(Number(value)) ? Number(value) : value;

function storable(value: Value): Value {
  if (typeof value !== "number" || (Number.isInteger(value) && Math.abs(value) <= MAX_DATE_MS)) return value;
  return Number.isNaN(value) ? null : Math.max(-MAX_DATE_MS, Math.min(Math.round(value), MAX_DATE_MS));
}

function attempt<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw ledgerError(error);
  }
}
