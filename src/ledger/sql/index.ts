/** The connection, and how rows, columns and pages are written in SQL. */
export {
  type Amended,
  assignments,
  columnOf,
  columnOutOfRange,
  type Fields,
  fromRow,
  insertion,
  LIMIT,
  maybeNumber,
  number,
  plain,
  prefixEnd,
  quoted,
  readJson,
  rowById,
  SHORTEST_PREFIX,
  toColumns,
} from "./columns.ts";
export { type Counters, createCounters } from "./counters.ts";
export { type Database, type FaultPoint, type LedgerFaults, openDatabase, type Row, type Value } from "./database.ts";
export { fileError, isUnavailable, ledgerError, primaryCode } from "./errors.ts";
export { fold } from "./fold.ts";
export { both, type Condition, condition, given, type Listing, type Page, type PageAsked, readPage } from "./pages.ts";
