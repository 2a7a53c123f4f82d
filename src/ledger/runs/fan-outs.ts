import { type Database, type Fields, fromRow } from "../sql/index.ts";
import type { FanOut, FanOutStore } from "../types.ts";

const FIELDS: Fields<FanOut> = { scheduledForMs: "plain", jobId: "plain", catchUp: "flag", afterNode: "plain" };

/** Occurrences on many nodes that are not written for all of them yet. There are few: each is gone within a moment. */
export function createFanOutStore(db: Database): FanOutStore {
  return {
    begin({ scheduledForMs, jobId, catchUp }) {
      // A clock that was set back may decide once more what is under way.
      db.run(
        "INSERT OR IGNORE INTO fan_outs (scheduled_for_ms, job_id, catch_up, after_node) VALUES (?, ?, ?, '')",
        scheduledForMs,
        jobId,
        Number(catchUp),
      );
    },

    next(jobId) {
      const of = jobId === undefined ? "" : "WHERE job_id = ?";
      const order = "ORDER BY scheduled_for_ms, job_id LIMIT 1";
      const row = db.get(`SELECT * FROM fan_outs ${of} ${order}`, ...(jobId === undefined ? [] : [jobId]));
      return row === undefined ? undefined : (fromRow(row, FIELDS) as FanOut);
    },

    moveOn({ scheduledForMs, jobId }, afterNode) {
      const key = "WHERE scheduled_for_ms = ? AND job_id = ?";
      if (afterNode === undefined) db.run(`DELETE FROM fan_outs ${key}`, scheduledForMs, jobId);
      else db.run(`UPDATE fan_outs SET after_node = ? ${key}`, afterNode, scheduledForMs, jobId);
    },

    drop: (jobId) => void db.run("DELETE FROM fan_outs WHERE job_id = ?", jobId),
  };
}
