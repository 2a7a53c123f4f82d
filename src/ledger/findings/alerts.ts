import { present } from "../../kernel/present.ts";
import {
  assignments,
  both,
  condition,
  type Database,
  type Fields,
  fromRow,
  given,
  insertion,
  LIMIT,
  type Listing,
  maybeNumber,
  plain,
  type Row,
  readPage,
  rowById,
  toColumns,
} from "../sql/index.ts";
import type { AlertRecord, AlertStore } from "../types.ts";

const FIELDS: Fields<AlertRecord> = {
  ...plain("id", "jobId", "cause", "openedAtMs", "closedAtMs", "occurrences", "notifiedAtMs", "tellAtMs", "about"),
  ...plain("ackedAtMs", "ackedBy", "snoozedUntilMs", "snoozedBy", "escalateAtMs", "escalated"),
};

const fromAlertRow = (row: Row): AlertRecord => fromRow(row, FIELDS);
const one = (row: Row | undefined): AlertRecord | undefined => (row === undefined ? undefined : fromAlertRow(row));

/** Incidents: one open row a job and cause; each opening and closing is a row of its own, a flip. */
export function createAlertStore(db: Database): AlertStore {
  const flip = (
    alertId: string,
    state: "open" | "closed" | "acked" | "snoozed",
    { atMs, runId, by }: { atMs: number; runId?: string | undefined; by?: string },
  ): void => {
    db.run(
      ...insertion("flips", { alert_id: alertId, at_ms: atMs, state, ...present({ run_id: runId, by_whom: by }) }),
    );
  };

  /** Those whose instant in this column has come, the earliest first. */
  const due =
    (index: string, column: string) =>
    (nowMs: number, limit: number): AlertRecord[] =>
      db
        .all(`SELECT * FROM alerts INDEXED BY ${index} WHERE ${column} <= ? ORDER BY ${column} ${LIMIT}`, nowMs, limit)
        .map(fromAlertRow);

  return {
    get: (id) => one(db.get("SELECT * FROM alerts WHERE id = ?", id)),

    find: (id) => one(rowById(db, "alerts", id)),

    note: (id, state, atMs, by) => flip(id, state, { atMs, by }),

    openOf: (jobId) =>
      db
        .all(
          `SELECT * FROM alerts INDEXED BY alerts_open WHERE job_id = ? AND closed_at_ms IS NULL ORDER BY opened_at_ms`,
          jobId,
        )
        .map(fromAlertRow),

    open({ id, jobId, cause, atMs, runId }) {
      db.transaction(() => {
        const [sql, ...values] = insertion(
          "alerts",
          toColumns({ id, jobId, cause, openedAtMs: atMs, occurrences: 1 }, FIELDS),
        );
        // A cause that is open already is the same incident once more.
        const again =
          "ON CONFLICT (job_id, cause) WHERE closed_at_ms IS NULL DO UPDATE SET occurrences = occurrences + 1";
        db.run(`${sql} ${again}`, ...values);
        if (db.get("SELECT 1 FROM alerts WHERE id = ?", id) !== undefined) flip(id, "open", { atMs, runId });
      });
    },

    touch(id, change) {
      const { sql, values } = assignments(toColumns(change, FIELDS));
      if (sql !== "") db.run(`UPDATE alerts SET ${sql} WHERE id = ?`, ...values, id);
    },

    toTell: due("alerts_to_tell", "tell_at_ms"),
    toEscalate: due("alerts_to_escalate", "escalate_at_ms"),

    snoozedUntilMs: (jobId) =>
      maybeNumber(
        db.get(
          "SELECT max(snoozed_until_ms) AS at FROM alerts WHERE job_id = ? AND snoozed_until_ms IS NOT NULL",
          jobId,
        ),
        "at",
      ),

    close(id, atMs, runId) {
      db.transaction(() => {
        const closed = db.run("UPDATE alerts SET closed_at_ms = ? WHERE id = ? AND closed_at_ms IS NULL", atMs, id);
        if (closed > 0) flip(id, "closed", { atMs, runId });
      });
    },

    lastToldAtMs: (jobId) =>
      maybeNumber(
        db.get("SELECT max(notified_at_ms) AS at FROM alerts WHERE job_id = ? AND notified_at_ms IS NOT NULL", jobId),
        "at",
      ),

    list(query) {
      const { jobId, openOnly } = query;
      const filters = [
        ...given("job_id = ?", jobId),
        ...(openOnly === true ? [condition("closed_at_ms IS NULL")] : []),
      ];
      const order = ["opened_at_ms", "id"];
      const listing: Listing = { from: condition("alerts"), walks: [both(filters)], order, dir: "DESC" };
      const page = readPage(db, listing, query);
      return { ...page, rows: page.rows.map(fromAlertRow) };
    },
  };
}
