import { type Database, type Fields, fromRow, insertion, number, plain, type Row, toColumns } from "../sql/index.ts";
import type { StateStore, StateVersion } from "./types.ts";

const KEPT = 10;

const FIELDS: Fields<StateVersion> = {
  ...plain("jobId", "version", "content", "atMs", "ofMs", "runId", "setBy"),
};

/** What jobs keep between their runs. A job that is removed takes it along, by a trigger. */
export const createStateStore = (db: Database): StateStore => ({
  get(jobId, version) {
    const newest = "SELECT * FROM job_states WHERE job_id = ? ORDER BY version DESC LIMIT 1";
    const row =
      version === undefined
        ? db.get(newest, jobId)
        : db.get("SELECT * FROM job_states WHERE job_id = ? AND version = ?", jobId, version);
    return row === undefined ? undefined : fromRow(row, FIELDS);
  },

  put(state) {
    const last = number(db.get("SELECT max(version) AS n FROM job_states WHERE job_id = ?", state.jobId), "n");
    const version = last + 1;
    db.run(...insertion("job_states", toColumns({ ...state, version }, FIELDS)));
    db.run("DELETE FROM job_states WHERE job_id = ? AND version <= ?", state.jobId, version - KEPT);
    return version;
  },

  history: (jobId) =>
    db
      .all(
        `SELECT job_id, version, at_ms, of_ms, run_id, set_by, length(CAST(content AS BLOB)) AS bytes FROM job_states
         WHERE job_id = ? ORDER BY version DESC`,
        jobId,
      )
      .map((row: Row) => {
        const { content: _, ...state } = fromRow<StateVersion>(row, FIELDS);
        return { ...state, bytes: number(row, "bytes") };
      }),

  clear(jobId) {
    db.run("DELETE FROM job_states WHERE job_id = ?", jobId);
  },
});
