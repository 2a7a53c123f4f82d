import { DELIVERY_STATES } from "../../../schema/limits.ts";
import type { DeliveryState } from "../../../schema/wire/delivery.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Logger } from "../../kernel/logger.ts";
import { DELIVERY_FIELDS, fromDeliveryRow, isReadable } from "../rows.ts";
import {
  assignments,
  type Counters,
  type Database,
  type Fields,
  fromRow,
  insertion,
  LIMIT,
  maybeNumber,
  plain,
  type Row,
  rowById,
  toColumns,
} from "../sql/index.ts";
import type { DeliveryRecord, DeliveryStore } from "../types.ts";
import { listDeliveries } from "./list.ts";
import type { LaneRecord } from "./types.ts";

/** What a lane still has to do. The index is named so that SQLite refuses any other way to it. */
const OPEN_FROM =
  "FROM deliveries INDEXED BY deliveries_lane WHERE state IN ('pending', 'sending') AND custody IS NULL";

/** What the gateway keeps, by its own word. */
const HANDED_OVER = "FROM deliveries INDEXED BY deliveries_custody WHERE custody IS NOT NULL AND state = 'pending'";

/** Each lane that has something to do, found by one step into the index a lane, however much waits in it. */
const OPEN_LANES = `
  WITH RECURSIVE open_lanes (lane) AS (
    SELECT min(lane) ${OPEN_FROM}
    UNION ALL
    SELECT (SELECT min(lane) ${OPEN_FROM} AND lane > open_lanes.lane)
    FROM open_lanes WHERE open_lanes.lane IS NOT NULL
  )`;

const HELD_LANE = `SELECT 1 FROM lanes WHERE lanes.lane = deliveries.lane
  AND (paused_at_ms IS NOT NULL OR disabled_at_ms IS NOT NULL)`;

/** The oldest open message of each lane, where it waits to be sent and the lane is neither paused nor disabled. */
const HEADS = `${OPEN_LANES}
  SELECT deliveries.* FROM open_lanes CROSS JOIN deliveries
  WHERE deliveries.seq = (SELECT min(seq) ${OPEN_FROM} AND deliveries.lane = open_lanes.lane)
    AND deliveries.state = 'pending' AND NOT EXISTS (${HELD_LANE})`;

/** The outbox rows: oldest first in each lane, lanes independent of one another. */
export function createDeliveryStore(deps: {
  db: Database;
  clock: Clock;
  logger: Logger;
  counters: Counters;
}): DeliveryStore {
  const { db, clock, logger, counters } = deps;
  const one = (row: Row | undefined): DeliveryRecord | undefined =>
    row === undefined ? undefined : fromDeliveryRow(row);

  /** A damaged message can never be sent; it must not hold up its lane either. */
  function buryUnreadable(row: Row): void {
    logger.error(`delivery ${String(row["id"])} cannot be read and is given up`);
    db.run(
      "UPDATE deliveries SET state = 'dead', reason = 'the stored message cannot be read', updated_at_ms = ? WHERE id = ?",
      clock.nowMs(),
      String(row["id"]),
    );
  }

  function sendable(rows: () => Row[]): DeliveryRecord[] {
    for (;;) {
      const found = rows();
      const broken = found.filter((row) => !isReadable(row));
      if (broken.length === 0) return found.map(fromDeliveryRow);
      for (const row of broken) buryUnreadable(row);
    }
  }

  return {
    insert(delivery) {
      const columns = toColumns({ ...delivery, state: delivery.state ?? "pending" }, DELIVERY_FIELDS);
      db.run(...insertion("deliveries", { ...columns, updated_at_ms: delivery.createdAtMs }));
    },

    get: (id) => one(db.get("SELECT * FROM deliveries WHERE id = ?", id)),

    find: (id) => one(rowById(db, "deliveries", id)),

    heads: () => sendable(() => db.all(HEADS)),

    head: (lane) =>
      sendable(() =>
        db.all(
          `SELECT * FROM deliveries WHERE seq = (SELECT min(seq) ${OPEN_FROM} AND lane = ?)
             AND state = 'pending' AND NOT EXISTS (${HELD_LANE})`,
          lane,
        ),
      )[0],

    waiting: (lane, limit) =>
      sendable(() =>
        db.all(`SELECT * ${OPEN_FROM} AND lane = ? AND state = 'pending' ORDER BY seq ${LIMIT}`, lane, limit),
      ),

    earliestAttemptMs: () =>
      maybeNumber(db.get(`SELECT min(ifnull(next_attempt_at_ms, created_at_ms)) AS at FROM (${HEADS})`), "at"),

    claim: (id, nowMs) =>
      db.run(
        `UPDATE deliveries SET state = 'sending', attempts = attempts + 1, updated_at_ms = ?
         WHERE id = ? AND state = 'pending' AND custody IS NULL AND NOT EXISTS (${HELD_LANE})
           AND NOT EXISTS (SELECT 1 FROM deliveries AS older
             WHERE older.state IN ('pending', 'sending') AND older.custody IS NULL
               AND older.lane = deliveries.lane AND older.seq < deliveries.seq)`,
        nowMs,
        id,
      ) > 0,

    update(id, { nowMs, ...change }) {
      const columns = assignments({ ...toColumns(change, DELIVERY_FIELDS), updated_at_ms: nowMs });
      db.run(`UPDATE deliveries SET ${columns.sql} WHERE id = ?`, ...columns.values, id);
    },

    ofRun: (runId) => db.all("SELECT * FROM deliveries WHERE run_id = ? ORDER BY seq", runId).map(fromDeliveryRow),

    inState: (state) => db.all("SELECT * FROM deliveries WHERE state = ? ORDER BY seq", state).map(fromDeliveryRow),

    inCustody: () => db.all(`SELECT * ${HANDED_OVER} ORDER BY lane, seq`).map(fromDeliveryRow),

    ofAlert: (alertId) =>
      db.all("SELECT * FROM deliveries WHERE alert_id = ? ORDER BY seq", alertId).map(fromDeliveryRow),

    hasOthers: (lane, jobId) =>
      ["<", ">"].some((other) => {
        const from = "FROM deliveries INDEXED BY deliveries_speakers WHERE kind = 'result'";
        return db.get(`SELECT 1 ${from} AND lane = ? AND job_id ${other} ? LIMIT 1`, lane, jobId) !== undefined;
      }),

    list: (query) => listDeliveries({ db, counters }, query),

    counts: () =>
      Object.fromEntries(DELIVERY_STATES.map((state) => [state, counters.get(`deliveries_${state}`)])) as Record<
        DeliveryState,
        number
      >,

    lanes: () =>
      db
        .all(
          `SELECT coalesce(lanes.lane, open.lane, kept.lane) AS lane, ifnull(pending, 0) AS pending, oldest_at_ms,
             custody, paused_at_ms, disabled_at_ms, lanes.reason AS reason
           FROM lanes FULL JOIN (
             SELECT heads.lane, heads.pending, deliveries.created_at_ms AS oldest_at_ms
             FROM (SELECT lane, count(*) AS pending, min(seq) AS head ${OPEN_FROM} GROUP BY lane) AS heads
             CROSS JOIN deliveries ON deliveries.seq = heads.head
           ) AS open ON open.lane = lanes.lane
           FULL JOIN (SELECT lane, count(*) AS custody ${HANDED_OVER} GROUP BY lane) AS kept
             ON kept.lane = ifnull(lanes.lane, open.lane)
           ORDER BY 1`,
        )
        .map((row) => fromRow(row, LANE_FIELDS)),

    setLane(lane, change) {
      db.run("INSERT INTO lanes (lane) VALUES (?) ON CONFLICT DO NOTHING", lane);
      const { sql, values } = assignments(toColumns(change, LANE_FIELDS));
      if (sql !== "") db.run(`UPDATE lanes SET ${sql} WHERE lane = ?`, ...values, lane);
      db.run(
        `DELETE FROM lanes WHERE lane = ? AND paused_at_ms IS NULL AND disabled_at_ms IS NULL AND reason IS NULL`,
        lane,
      );
    },
  };
}

const LANE_FIELDS: Fields<LaneRecord> = {
  ...plain("lane", "pending", "oldestAtMs", "custody", "pausedAtMs", "disabledAtMs", "reason"),
};
