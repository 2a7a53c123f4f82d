import { MAX_LEVELS } from "../../../schema/limits.ts";
import { fromRunRow } from "../rows.ts";
import { type Database, LIMIT } from "../sql/index.ts";
import type { RunRecord } from "./types.ts";

/** Up by what caused each run, then down by what each has caused; both by an index, and never deeper than chains are. */
const PASSAGE = `
  WITH RECURSIVE up (id, cause, level) AS (
    SELECT id, caused_by_run_id, 0 FROM runs WHERE id = ?
    UNION ALL
    SELECT runs.id, runs.caused_by_run_id, up.level + 1 FROM up JOIN runs ON runs.id = up.cause WHERE up.level < ${MAX_LEVELS}
  ), down (id, level) AS (
    SELECT * FROM (SELECT id, 0 FROM up ORDER BY level DESC LIMIT 1)
    UNION ALL
    SELECT runs.id, down.level + 1 FROM down JOIN runs ON runs.caused_by_run_id = down.id WHERE down.level < ${MAX_LEVELS}
  )
  SELECT runs.* FROM down JOIN runs ON runs.id = down.id ORDER BY down.level, runs.seq ${LIMIT}`;

/** One run of the first job of a chain with all runs it caused, by level and then by age. */
export const passageOf = (db: Database, runId: string, limit: number): RunRecord[] =>
  db.all(PASSAGE, runId, limit).map(fromRunRow);
