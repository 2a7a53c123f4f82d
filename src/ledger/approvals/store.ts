import {
  assignments,
  both,
  condition,
  type Database,
  type Fields,
  fromRow,
  given,
  insertion,
  type Listing,
  maybeNumber,
  plain,
  type Row,
  readPage,
  toColumns,
} from "../sql/index.ts";
import type { ApprovalRecord, ApprovalStore } from "./types.ts";

const FIELDS: Fields<ApprovalRecord> = {
  ...plain("runId", "attempt", "jobId", "jobRevision", "requestedAtMs", "expiresAtMs", "askedAtMs", "hash", "plan"),
  ...plain("decision", "decidedAtMs", "decidedBy", "door", "reason"),
  parts: "json",
  subject: "json",
};

/** Requests asked for so far ahead of the clock are of a clock that has been set back since. */
const AHEAD_MS = 60_000;

const fromApprovalRow = (row: Row): ApprovalRecord => fromRow(row, FIELDS);

const one = (row: Row | undefined): ApprovalRecord | undefined =>
  row === undefined ? undefined : fromApprovalRow(row);

/** Requests for a person's decision. Each has one decision at most: it is written where there is none. */
export function createApprovalStore(db: Database): ApprovalStore {
  function change(runId: string, attempt: number, part: Partial<ApprovalRecord>): boolean {
    const { sql, values } = assignments(toColumns(part, FIELDS));
    const where = "WHERE run_id = ? AND attempt = ? AND decision IS NULL";
    return db.run(`UPDATE approvals SET ${sql} ${where}`, ...values, runId, attempt) > 0;
  }

  return {
    insert(request) {
      db.run(...insertion("approvals", toColumns(request, FIELDS)));
    },

    get: (runId, attempt) => one(db.get("SELECT * FROM approvals WHERE run_id = ? AND attempt = ?", runId, attempt)),

    latest: (runId) => one(db.get("SELECT * FROM approvals WHERE run_id = ? ORDER BY attempt DESC LIMIT 1", runId)),

    asked: change,
    decide: change,
    setExpiry: change,

    open: () =>
      db
        .all(
          "SELECT * FROM approvals INDEXED BY approvals_open WHERE decision IS NULL ORDER BY requested_at_ms, run_id, attempt",
        )
        .map(fromApprovalRow),

    due: (nowMs) =>
      db
        .all(
          `SELECT * FROM approvals INDEXED BY approvals_expiry WHERE decision IS NULL AND expires_at_ms <= ?
           UNION
           SELECT * FROM approvals INDEXED BY approvals_open WHERE decision IS NULL AND requested_at_ms > ?`,
          nowMs,
          nowMs + AHEAD_MS,
        )
        .map(fromApprovalRow),

    earliestExpiryMs: () =>
      maybeNumber(
        db.get("SELECT min(expires_at_ms) AS at FROM approvals INDEXED BY approvals_expiry WHERE decision IS NULL"),
        "at",
      ),

    list(query) {
      const { jobId, runId, openOnly } = query;
      const filters = [
        ...given("job_id = ?", jobId),
        ...given("run_id = ?", runId),
        ...(openOnly === true ? [condition("decision IS NULL")] : []),
      ];
      const order = ["requested_at_ms", "run_id", "attempt"];
      const listing: Listing = { from: condition("approvals"), walks: [both(filters)], order, dir: "DESC" };
      const page = readPage(db, listing, query);
      return { ...page, rows: page.rows.map(fromApprovalRow) };
    },
  };
}
