import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { MIGRATIONS } from "../../../schema/ledger/index.ts";
import { applyMigrations } from "../../../src/ledger/file/migrate.ts";
import { openDatabase } from "../../../src/ledger/sql/index.ts";
import { createMarkers } from "../../../src/transfer/moves/markers.ts";
import { testDir } from "../../helpers/after-test.ts";
import { createTestLedger, definition } from "../../helpers/ledger.ts";

let dir: string;

beforeEach(() => {
  dir = testDir("cc-migrations-");
});

/** A ledger as the first release left it. */
function firstShape(statements: (readonly [sql: string, ...values: (string | number)[]])[]): void {
  const db = openDatabase(join(dir, "ledger.sqlite"));
  applyMigrations(db, MIGRATIONS.slice(0, 1));
  for (const [sql, ...values] of statements) db.run(sql, ...values);
  db.close();
}

const jobRow = (id: string, name: string) =>
  [
    `INSERT INTO jobs (id, name, origin, definition, search, revision, enabled, schedule_kind, created_at_ms, updated_at_ms, cursor_ms, next_due_ms)
     VALUES (?, ?, 'plugin', ?, ?, 1, 1, 'every', 1, 1, 1, 5)`,
    id,
    name,
    JSON.stringify(definition({ name })),
    name.toLowerCase(),
  ] as const;

describe("a ledger of the first release", () => {
  it("is searched by part of a name, whatever its letters", () => {
    firstShape([jobRow("a", "Maximilianstraße"), jobRow("b", "other")]);
    const { ledger } = createTestLedger({ dir });
    const found = (text: string) => ledger.jobs.list({ text, limit: 9, offset: 0 }).rows.map((job) => job.id);
    expect(found("NSTRASS")).toEqual(["a"]);
    expect(ledger.jobs.list({ limit: 9, offset: 0 }).rows.map((job) => job.nextDueMs)).toEqual([5, 5]);
    expect(ledger.check()).toEqual([]);
    ledger.close();
  });

  it("keeps the moves to and from the gateway's cron that a crash cut off", () => {
    const under = JSON.stringify({ a: { move: "release", enabled: true } });
    firstShape([["INSERT INTO meta (key, value) VALUES ('custody', ?), ('schedule.zones', '2026a')", under]]);
    const { ledger } = createTestLedger({ dir });
    expect(createMarkers(ledger).all()).toEqual([["a", { move: "release", enabled: true }]]);
    expect([ledger.getMeta("custody"), ledger.getMeta("schedule.zones")]).toEqual([undefined, "2026a"]);
    ledger.close();
  });

  it("loses the answers it remembered: they hold environments in clear", () => {
    firstShape([
      ["INSERT INTO idempotency (method, key, request_hash, result, created_at_ms) VALUES ('add', 'k', 'h', '{}', 1)"],
    ]);
    const { ledger } = createTestLedger({ dir });
    expect(ledger.idempotency.get("add", "k")).toBeUndefined();
    ledger.close();
  });
});
