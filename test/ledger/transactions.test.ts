import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import type { FaultPoint } from "../../src/ledger/index.ts";
import { createTestLedger, newDelivery, newJob, newRun, type TestLedger } from "../helpers/ledger.ts";

let test: TestLedger;

const SQLITE = { BUSY: 5, READONLY: 8, IOERR_WRITE: 778, FULL: 13 };

/** A ledger that fails with one of SQLite's codes at one point while `on` is set. */
function failing(point: FaultPoint, errcode: number): { on: boolean } {
  const fault = { on: false };
  test = createTestLedger({
    faults: {
      at(reached) {
        if (fault.on && reached === point) throw Object.assign(new Error("as SQLite says it"), { errcode });
      },
    },
  });
  return fault;
}

describe("a transaction", () => {
  it("answers what its work answers, and keeps everything or nothing", () => {
    test = createTestLedger();
    const { ledger } = test;
    expect(ledger.transaction(() => ledger.runs.insert(newRun("a", "j")))).toBe("inserted");
    expect(() =>
      ledger.transaction(() => {
        ledger.runs.insert(newRun("b", "j"));
        ledger.deliveries.insert(newDelivery("d", "l"));
        throw new Error("changed my mind");
      }),
    ).toThrow("changed my mind");
    expect(ledger.runs.get("b")).toBeUndefined();
    expect(ledger.deliveries.counts().pending).toBe(0);
    expect(test.reopen().runs.count()).toEqual({ queued: 1, awaiting: 0, running: 0, total: 1 });
  });

  it("joins the one around it: the outer failure undoes the inner work", () => {
    test = createTestLedger();
    const { ledger } = test;
    expect(() =>
      ledger.transaction(() => {
        ledger.transaction(() => ledger.runs.insert(newRun("a", "j")));
        throw new Error("outer");
      }),
    ).toThrow("outer");
    expect(ledger.runs.get("a")).toBeUndefined();
  });

  it("that fails inside another undoes its own writes only", () => {
    test = createTestLedger();
    const { ledger } = test;
    ledger.transaction(() => {
      ledger.runs.insert(newRun("a", "j"));
      expect(() =>
        ledger.transaction(() => {
          ledger.runs.insert(newRun("b", "j"));
          ledger.transaction(() => ledger.runs.insert(newRun("c", "j")));
          throw new Error("inner");
        }),
      ).toThrow("inner");
      ledger.runs.insert(newRun("d", "j"));
    });
    expect(["a", "b", "c", "d"].map((id) => ledger.runs.get(id) !== undefined)).toEqual([true, false, false, true]);
  });

  it("undoes as much, wherever between reads its first write is", () => {
    test = createTestLedger();
    const { ledger } = test;
    const insert = (id: string) => ledger.runs.insert(newRun(id, "j"));
    const failing = (work: () => void): void => {
      const all = () => {
        work();
        throw new Error("undone");
      };
      expect(() => ledger.transaction(all)).toThrow("undone");
    };
    ledger.transaction(() => {
      insert("kept 1");
      failing(() => ledger.runs.get("kept 1"));
      ledger.transaction(() => {
        ledger.runs.get("kept 1");
        failing(() => insert("lost 1"));
        insert("kept 2");
      });
      failing(() => {
        ledger.transaction(() => ledger.transaction(() => insert("lost 2")));
        failing(() => ledger.runs.get("lost 2"));
        insert("lost 3");
      });
      ledger.transaction(() => insert("kept 3"));
    });
    expect(ledger.runs.count().total).toBe(3);
    expect(["kept 1", "kept 2", "kept 3"].filter((id) => ledger.runs.get(id) === undefined)).toEqual([]);
  });

  it("goes on after a refused claim inside it", () => {
    test = createTestLedger();
    const { ledger } = test;
    const claim = (id: string) => ledger.runs.insert(newRun(id, "j", { trigger: "schedule", scheduledForMs: 5 }));
    expect(ledger.transaction(() => [claim("a"), claim("b"), ledger.runs.insert(newRun("c", "j"))])).toEqual([
      "inserted",
      "exists",
      "inserted",
    ]);
  });

  it("holds off another process's writes and reads the state of its own", () => {
    test = createTestLedger();
    const other = new DatabaseSync(test.ledger.path);
    const count = () => other.prepare("SELECT count(*) AS n FROM runs").get()?.["n"];
    test.ledger.transaction(() => {
      test.ledger.runs.insert(newRun("a", "j"));
      expect(count()).toBe(0);
      expect(() => other.exec("BEGIN IMMEDIATE")).toThrow(/locked/);
    });
    expect(count()).toBe(1);
    other.close();
  });
});

describe("a ledger that cannot be written", () => {
  it.each<[FaultPoint, string, number]>([
    ["begin", "a busy database", SQLITE.BUSY],
    ["write", "a full disk", SQLITE.FULL],
    ["write", "a read-only disk", SQLITE.READONLY],
    ["commit", "a full disk", SQLITE.FULL],
    ["commit", "a failing disk", SQLITE.IOERR_WRITE],
  ])("at %s (%s) says LEDGER_UNAVAILABLE, keeps nothing, and works again afterwards", (point, _, errcode) => {
    const fault = failing(point, errcode);
    const { ledger } = test;
    ledger.jobs.insert(newJob("j"));
    const work = () =>
      ledger.transaction(() => {
        ledger.runs.insert(newRun("a", "j"));
        ledger.jobs.patchState("j", { lastError: "x" });
      });
    fault.on = true;
    expect(work).toThrow(expect.objectContaining({ code: "LEDGER_UNAVAILABLE", retryable: true }));
    expect(ledger.jobs.get("j"), "reading goes on").not.toHaveProperty("lastError");
    fault.on = false;
    expect(ledger.runs.get("a")).toBeUndefined();
    work();
    expect(ledger.runs.get("a")).toBeDefined();
    expect(ledger.check()).toEqual([]);
  });

  it("because another process holds it says so soon, and works when that lets go", () => {
    test = createTestLedger();
    const other = new DatabaseSync(test.ledger.path);
    other.exec("BEGIN IMMEDIATE");
    const unavailable = expect.objectContaining({
      code: "LEDGER_UNAVAILABLE",
      details: expect.objectContaining({ sqlite: "SQLITE_BUSY" }),
    });
    expect(() => test.ledger.transaction(() => {})).toThrow(unavailable);
    expect(() => test.ledger.setMeta("a", "b")).toThrow(unavailable);
    expect(test.ledger.jobs.count().total).toBe(0);
    other.exec("ROLLBACK");
    other.close();
    test.ledger.setMeta("a", "b");
  });

  it("does not let later writes slip out of a transaction that SQLite has ended", () => {
    test = createTestLedger();
    const { ledger } = test;
    const other = test.ledger;
    expect(() =>
      ledger.transaction(() => {
        ledger.runs.insert(newRun("a", "j"));
        expect(() => rollBackUnderneath(ledger)).toThrow();
        try {
          other.runs.insert(newRun("b", "j"));
        } catch {
          // The caller hides the failure; the transaction must fail all the same.
        }
      }),
    ).toThrow(expect.objectContaining({ code: "LEDGER_UNAVAILABLE" }));
    expect(ledger.runs.count().total).toBe(0);
  });
});

/** A conflict of the harshest kind ends the whole transaction, as a full disk may. */
function rollBackUnderneath(ledger: TestLedger["ledger"]): void {
  const prepare = DatabaseSync.prototype.prepare;
  DatabaseSync.prototype.prepare = function rollback(this: DatabaseSync, sql: string) {
    return prepare.call(
      this,
      sql.replace(/^INSERT INTO meta/, "INSERT OR ROLLBACK INTO meta").replace(/ON CONFLICT.*/, ""),
    );
  };
  try {
    ledger.setMeta("same", "1");
    ledger.setMeta("same", "2");
  } finally {
    DatabaseSync.prototype.prepare = prepare;
  }
}
