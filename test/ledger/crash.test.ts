import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, expect, it } from "vitest";
import { testDir } from "../helpers/after-test.ts";
import { createTestLedger } from "../helpers/ledger.ts";
import { startChild } from "./fixtures/children.ts";

const KILLS = 20;

let dir: string;
beforeEach(() => {
  dir = testDir("cc-crash-");
});

describe("a process killed while it writes", () => {
  it("leaves whole transactions, and everything it called durable", { timeout: 120_000 }, async () => {
    let durable = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const writer = startChild("writer.ts", [dir]);
      writer.lines.on("line", (line) => {
        durable = Math.max(durable, Number(line));
      });
      try {
        for (let line = 0; line <= 3 + kill * 7; line += 1) await writer.line();
      } finally {
        await writer.kill();
      }

      const { ledger } = createTestLedger({ dir });
      expect(ledger.check(), `after kill ${kill + 1}`).toEqual([]);
      const totals = ledger.jobs.get("writer")?.totals;
      expect(totals?.runs).toBeGreaterThanOrEqual(durable);
      expect(ledger.runs.count().total, "the run and the count on its job belong together").toBe(totals?.runs);
      expect(ledger.runs.list({ limit: 1, offset: 0, statuses: ["ok"] }).total).toBe(totals?.ok);
      ledger.close();
      expect(lonely()).toEqual({ runs: 0, deliveries: 0 });
    }
    expect(durable).toBeGreaterThan(KILLS * 3);
  });
});

/** Runs without their delivery and deliveries without their run: one transaction wrote both. */
function lonely(): { runs: number; deliveries: number } {
  const db = new DatabaseSync(join(dir, "ledger.sqlite"), { readOnly: true });
  const count = (sql: string): number => Number(db.prepare(`SELECT count(*) AS n FROM ${sql}`).get()?.["n"]);
  const answer = {
    runs: count("runs WHERE id NOT IN (SELECT run_id FROM deliveries)"),
    deliveries: count("deliveries WHERE run_id NOT IN (SELECT id FROM runs)"),
  };
  db.close();
  return answer;
}
