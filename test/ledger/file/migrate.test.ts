import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, expect, it } from "vitest";
import { APPLICATION_ID, MIGRATIONS, type Migration } from "../../../schema/ledger/index.ts";
import { migrateFile } from "../../../src/ledger/file/migrate.ts";
import { testDir } from "../../helpers/after-test.ts";
import { createTestLedger, newJob } from "../../helpers/ledger.ts";
import { startChild } from "../fixtures/children.ts";

let dir: string;
let path: string;

beforeEach(() => {
  dir = testDir("cc-migrate-");
  path = join(dir, "ledger.sqlite");
  const { ledger } = createTestLedger({ dir });
  ledger.jobs.insert(newJob("j"));
  ledger.close();
});

const latest = MIGRATIONS.at(-1)?.version ?? 0;
const colour: Migration = {
  version: latest + 1,
  sql: "ALTER TABLE jobs ADD COLUMN colour TEXT NOT NULL DEFAULT 'red'",
};
const shape: Migration = { version: latest + 2, sql: "CREATE TABLE shapes (name TEXT) STRICT" };
const broken: Migration = { version: latest + 2, sql: "CREATE TABLE shapes (name TEXT) STRICT; SELECT nonsense" };

function read(file: string, sql: string): Record<string, unknown> {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    return { ...db.prepare(sql).get() };
  } finally {
    db.close();
  }
}

const versionIn = (file: string): unknown => read(file, "PRAGMA user_version")["user_version"];

describe("migrations", () => {
  it("are numbered without gaps, and mark the file as ours", () => {
    expect(MIGRATIONS.map((migration) => migration.version)).toEqual(MIGRATIONS.map((_, index) => index + 1));
    expect(read(path, "PRAGMA application_id")).toEqual({ application_id: APPLICATION_ID });
    expect(versionIn(path)).toBe(latest);
  });

  it("do nothing to a ledger that is up to date", () => {
    expect(migrateFile(path, MIGRATIONS)).toEqual([]);
    expect(readdirSync(dir)).toEqual(["ledger.sqlite"]);
  });

  it("keep a private copy from before each step", () => {
    expect(migrateFile(path, [...MIGRATIONS, colour, shape])).toEqual([latest + 1, latest + 2]);
    expect(versionIn(path)).toBe(latest + 2);
    expect(read(path, "SELECT id, colour FROM jobs")).toEqual({ id: "j", colour: "red" });
    const copies = [latest + 1, latest + 2].map((version) => join(dir, `ledger.before-v${version}.sqlite`));
    expect(copies.map(versionIn)).toEqual([latest, latest + 1]);
    for (const copy of copies) {
      expect(read(copy, "SELECT id FROM jobs")).toEqual({ id: "j" });
      if (process.platform !== "win32") expect(statSync(copy).mode & 0o777).toBe(0o600);
    }
  });

  it("that fail leave the ledger at the last good version", () => {
    expect(() => migrateFile(path, [...MIGRATIONS, colour, broken])).toThrow(/nonsense/);
    expect(versionIn(path)).toBe(latest + 1);
    expect(read(path, "SELECT count(*) AS n FROM sqlite_schema WHERE name = 'shapes'")).toEqual({ n: 0 });
    expect(migrateFile(path, [...MIGRATIONS, colour, shape])).toEqual([latest + 2]);
  });

  it("mend what the first shape stored and could not read back, let held runs go, and refuse such numbers from then on", () => {
    const old = join(dir, "old.sqlite");
    const file = new DatabaseSync(old);
    file.exec(`${MIGRATIONS[0]?.sql}; PRAGMA user_version = 1; PRAGMA application_id = ${APPLICATION_ID};
      INSERT INTO jobs (id, name, origin, definition, search, revision, enabled, schedule_kind, created_at_ms, updated_at_ms,
        cursor_ms, next_due_ms, backoff_until_ms) VALUES ('j', 'n', 'plugin', '{}', '', 1, 1, 'every', -5, 1, 1, 7,
        10000001800000000);`);
    const run = (id: string, readyAtMs: number, scheduledForMs: number | string) =>
      file.exec(`INSERT INTO runs (id, job_id, job_name, job_revision, trigger, scheduled_for_ms, status, pool, exclusive,
        queued_at_ms, ready_at_ms) VALUES ('${id}', 'j', 'n', 1, 'schedule', ${scheduledForMs}, 'queued', 'default', 1,
        50, ${readyAtMs})`);
    run("due", 50, 50);
    run("held", 8.64e15, 60);
    run("retried", 90, 70);
    run("beyond", 50, "9000000000000000000");
    run("beyond too", 50, "9100000000000000000");
    file.close();
    expect(migrateFile(old, MIGRATIONS)).toEqual(MIGRATIONS.slice(1).map(({ version }) => version));
    expect(read(old, "SELECT created_at_ms, next_due_ms, backoff_until_ms FROM jobs")).toEqual({
      created_at_ms: 0,
      next_due_ms: 7,
      backoff_until_ms: 8.64e15,
    });
    expect(read(old, "SELECT group_concat(ready_at_ms) AS ready, count(scheduled_for_ms) AS named FROM runs")).toEqual({
      ready: "50,50,90,50,50",
      named: 3,
    });
    const mended = new DatabaseSync(old);
    for (const table of [
      "jobs",
      "runs",
      "attempts",
      "deliveries",
      "lanes",
      "alerts",
      "flips",
      "notices",
      "idempotency",
    ]) {
      const columns = mended.prepare(`PRAGMA table_info(${table})`).all();
      const numbers = columns.filter(({ name }) => /_ms$/.test(String(name)));
      expect(numbers.length).toBeGreaterThan(0);
      for (const { name } of numbers) {
        const sql = String(mended.prepare("SELECT sql FROM sqlite_schema WHERE name = ?").get(table)?.["sql"]);
        expect(sql, "each instant and duration is bounded").toContain(
          `ifnull(${name}, 0) BETWEEN 0 AND 8640000000000000`,
        );
      }
    }
    expect(() => mended.exec("UPDATE jobs SET backoff_until_ms = 10000000000000000")).toThrow("jobs_in_range");
    expect(() => mended.exec("UPDATE runs SET ready_at_ms = -1")).toThrow("runs_in_range");
    expect(mended.prepare("PRAGMA integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
    mended.close();
  });

  it("copy what a killed process had only in its log", async () => {
    const writer = startChild("writer.ts", [dir]);
    await writer.line().finally(() => writer.kill());
    expect(statSync(`${path}-wal`).size).toBeGreaterThan(0);
    migrateFile(path, [...MIGRATIONS, colour]);
    expect(
      Number(read(join(dir, `ledger.before-v${latest + 1}.sqlite`), "SELECT count(*) AS n FROM runs")["n"]),
    ).toBeGreaterThan(0);
  });
});
