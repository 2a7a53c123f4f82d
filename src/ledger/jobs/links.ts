import { type Database, LIMIT, number, type Row } from "../sql/index.ts";
import type { JobRecord, JobStore } from "./types.ts";

const LEVELS = `
  WITH RECURSIVE below (id, level) AS (
    SELECT ?, 0
    UNION
    SELECT jobs.id, below.level + 1 FROM below JOIN jobs ON jobs.parent_id = below.id WHERE below.level < ?
  )
  SELECT max(level) AS levels FROM below`;

/** Which jobs follow which. */
export const createLinks = (
  db: Database,
  readable: (rows: Row[]) => JobRecord[],
): Pick<JobStore, "followers" | "parents" | "levelsBelow"> => ({
  followers: (parentId) =>
    readable(
      db.all("SELECT * FROM jobs WHERE parent_id = ? AND set_aside IS NULL ORDER BY name COLLATE NOCASE, id", parentId),
    ),

  parents: (afterId, limit) =>
    db
      .all(`SELECT DISTINCT parent_id FROM jobs WHERE parent_id > ? ORDER BY parent_id ${LIMIT}`, afterId, limit)
      .map((row) => String(row["parent_id"])),

  levelsBelow: (id, limit) => number(db.get(LEVELS, id, limit), "levels"),
});
