import { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, expect, it } from "vitest";
import { quickCheck } from "../../../src/ledger/file/check.ts";
import { openDatabase } from "../../../src/ledger/sql/database.ts";
import { createTestLedger, newDelivery, newJob, newRun, type TestLedger } from "../../helpers/ledger.ts";

let test: TestLedger;

beforeEach(() => {
  test = createTestLedger();
  const { ledger } = test;
  ledger.jobs.insert(newJob("j"));
  for (const id of ["a", "b"]) {
    ledger.runs.insert(newRun(id, "j", { exclusive: false }));
    ledger.runs.begin(id, 5);
    ledger.attempts.begin({ runId: id, attempt: 1, jobId: "j", owner: "o", startedAtMs: 5 });
    ledger.deliveries.insert(newDelivery(`d-${id}`, "l", { runId: id }));
  }
  ledger.deliveries.claim("d-a", 6);
});

function edit(sql: string): void {
  const db = new DatabaseSync(test.ledger.path, { defensive: false });
  db.exec(sql);
  db.close();
}

describe("the check", () => {
  it("finds nothing in a sound ledger, in either thread", async () => {
    expect(test.ledger.check()).toEqual([]);
    expect(await test.ledger.checkAside()).toEqual([]);
  });

  it.each([
    [
      "DROP INDEX runs_exclusive; UPDATE runs SET exclusive = 1",
      "1 jobs with two running runs where only one is allowed",
    ],
    [
      "DROP INDEX runs_occurrence; UPDATE runs SET trigger = 'schedule', scheduled_for_ms = 60000",
      "1 occurrences claimed twice",
    ],
    [
      "PRAGMA ignore_check_constraints = 1; UPDATE runs SET ended_at_ms = 7 WHERE id = 'a'",
      "1 final runs without an end, or active runs with one",
    ],
    ["UPDATE attempts SET ended_at_ms = 7 WHERE run_id = 'a'", "1 running runs without an open attempt"],
    ["UPDATE runs SET status = 'lost', ended_at_ms = 7 WHERE id = 'b'", "1 open attempts of runs that are not running"],
    ["UPDATE deliveries SET lane = '' WHERE id = 'd-b'", "1 unsettled deliveries without a lane"],
    ["UPDATE deliveries SET state = 'sending'", "1 messages being sent at once in a lane"],
    [
      "UPDATE counters SET value = value + 1 WHERE name IN ('jobs', 'deliveries_sent')",
      "2 totals that differ from the rows they count",
    ],
    ["UPDATE run_counts SET kept = 9", "1 jobs whose number of kept runs is wrong"],
    ["UPDATE jobs SET set_aside = 'torn'", "job j (job) is set aside: torn"],
  ])("sees %s", async (sql, problem) => {
    edit(sql);
    expect(test.ledger.check()).toContain(problem);
    expect(await test.ledger.checkAside()).toEqual(test.ledger.check());
  });

  it("sees what SQLite sees: an index that misses a row", () => {
    edit(`PRAGMA writable_schema = 1;
      UPDATE sqlite_schema SET sql = replace(sql, 'status = ''queued''', 'status = ''running''') WHERE name = 'runs_queue'`);
    expect(test.reopen().check().join("\n")).toMatch(/runs_queue/);
  });
});

describe("the quick check on open", () => {
  it("looks through a small file whole and a large one where it matters", () => {
    test.ledger.close();
    const db = openDatabase(test.ledger.path);
    const asked: string[] = [];
    const watched = {
      ...db,
      get(sql: string) {
        asked.push(sql);
        return db.get(sql);
      },
    };
    expect(quickCheck(watched, 1_000)).toBeUndefined();
    expect(asked).toEqual(["PRAGMA quick_check(1)"]);
    expect(quickCheck(watched, 1_000_000_000)).toBeUndefined();
    expect(asked.slice(1)).toEqual(
      ["jobs", "lanes", "counters", "meta"].map((table) => `PRAGMA quick_check(${table})`),
    );
    db.close();
    test.reopen();
  });
});
