import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { APPLICATION_ID, MIGRATIONS, type Migration } from "../../../schema/ledger/index.ts";
import { migrateFile } from "../../../src/ledger/file/migrate.ts";
import { createTestLedger, newJob } from "../../helpers/ledger.ts";
import { startChild } from "../fixtures/children.ts";

let dir: string;
let path: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "cc-migrate-"));
  path = join(dir, "ledger.sqlite");
  const { ledger } = createTestLedger({ dir });
  ledger.jobs.insert(newJob("j"));
  ledger.close();
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

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
