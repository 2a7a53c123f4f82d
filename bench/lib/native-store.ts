import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/**
 * Copies one of the gateway's own jobs until there are so many, in the database of a stopped gateway: at the pace its
 * methods allow (30 a minute and client, slower with each job) it would take hours.
 */
export function cloneNativeJobs(stateDir: string, jobId: string, count: number): void {
  const db = new DatabaseSync(join(stateDir, "state", "openclaw.sqlite"));
  try {
    const row = db.prepare("SELECT * FROM cron_jobs WHERE job_id = ?").get(jobId);
    if (row === undefined) throw new Error(`the gateway has no job ${jobId}`);
    const columns = Object.keys(row);
    const insert = db.prepare(
      `INSERT INTO cron_jobs (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`,
    );
    db.exec("BEGIN IMMEDIATE");
    for (let copy = 1; copy < count; copy += 1) {
      const id = randomUUID();
      const values = columns.map((column) => {
        if (column === "sort_order") return Number(row[column]) + copy;
        const value = row[column] ?? null;
        return typeof value === "string" ? value.replaceAll(jobId, id) : value;
      });
      insert.run(...values);
    }
    db.exec("COMMIT");
  } finally {
    db.close();
  }
}
