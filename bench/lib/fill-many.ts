import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fillJobs } from "./fill.ts";

/** So many are written by the ledger itself; the rest are copies of them. */
const PATTERNS = 1_000;

/**
 * Puts a great many hourly jobs into a fresh ledger that nobody else has open. Each by itself would take a fifth of a
 * millisecond and more as the file grows: they are copied in one statement, and what stands beside a job is made for all of them at once,
 * with the indexes and triggers that were there before.
 */
export function fillManyJobs(dir: string, count: number): void {
  const patterns = Math.min(count, PATTERNS);
  fillJobs(dir, patterns, (index) => `filler-${String(index).padStart(9, "0")}`);
  if (count <= patterns) return;
  const db = new DatabaseSync(join(dir, "ledger.sqlite"));
  try {
    db.exec(
      "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -600000; PRAGMA temp_store = MEMORY",
    );
    const beside = db
      .prepare(
        `SELECT type, name, sql FROM sqlite_master
         WHERE tbl_name IN ('jobs', 'job_facets') AND type IN ('index', 'trigger') AND sql IS NOT NULL`,
      )
      .all() as { type: string; name: string; sql: string }[];
    for (const { type, name } of beside) db.exec(`DROP ${type} ${name}`);
    const columns = (db.prepare("PRAGMA table_info(jobs)").all() as { name: string }[]).map(({ name }) => name);
    const number = `copy.n * ${patterns} + pattern.place`;
    const name = `'filler ' || (${number})`;
    const own: Record<string, string> = {
      id: `printf('filler-%09d', ${number})`,
      name,
      definition: `json_set(pattern.definition, '$.name', ${name})`,
      search: `replace(pattern.search, pattern.name, ${name})`,
    };
    db.exec(`
      WITH RECURSIVE copy (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copy WHERE n < ${Math.ceil(count / patterns) - 1}),
        pattern AS (SELECT *, row_number() OVER (ORDER BY id) - 1 AS place FROM jobs)
      INSERT INTO jobs (${columns.join(", ")})
        SELECT ${columns.map((column) => own[column] ?? `pattern.${column}`).join(", ")} FROM copy CROSS JOIN pattern
        WHERE ${number} < ${count};
      INSERT INTO job_texts (rowid, text)
        SELECT ${patterns} + row_number() OVER (ORDER BY id), lower(id) || char(10) || search FROM jobs
        WHERE id >= printf('filler-%09d', ${patterns});
      INSERT INTO job_numbers (number, job_id)
        SELECT ${patterns} + row_number() OVER (ORDER BY id), id FROM jobs WHERE id >= printf('filler-%09d', ${patterns});
      INSERT OR IGNORE INTO job_facets (job_id, facet, enabled, due_ms, updated_at_ms, name)
        SELECT job_id, facet, enabled, due_ms, updated_at_ms, name FROM faceted JOIN jobs ON jobs.id = faceted.job_id
        ORDER BY job_id, facet;
      UPDATE counters SET value = ${count} WHERE name IN ('jobs', 'jobs_enabled');`);
    for (const { sql } of beside) db.exec(sql);
  } finally {
    db.close();
  }
}
