import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SEARCHED_ROWS } from "../../src/ledger/sql/pages.ts";
import { createTestLedger, newJob, newRun, type TestLedger, walk } from "../helpers/ledger.ts";

let test: TestLedger;
beforeAll(() => {
  test = createTestLedger();
  for (const id of ["a", "b"]) test.ledger.jobs.insert(newJob(id));
});
afterAll(() => test.remove());

describe("a search that is cut", () => {
  it("says so, and its cursor goes on until every row was looked at", () => {
    const big = createTestLedger();
    const many = 2 * SEARCHED_ROWS + 10;
    const marked = [3, SEARCHED_ROWS + 7, many - 1];
    big.ledger.transaction(() => {
      for (let index = 0; index < many; index += 1) {
        const jobName = marked.includes(index) ? "needle" : "hay";
        big.ledger.runs.insert(newRun(`r-${index}`, "j", { status: "skipped", jobName }));
      }
    });
    const query = { text: "needle", limit: 10, offset: 0 };
    const first = big.ledger.runs.list(query);
    expect(first.rows.map((run) => run.id)).toEqual([`r-${many - 1}`]);
    expect(first).toMatchObject({ partial: true, more: false, cursor: expect.any(String) });
    expect(walk((page) => big.ledger.runs.list({ ...query, ...page }))).toEqual(
      [...marked].reverse().map((at) => `r-${at}`),
    );
    expect(big.ledger.runs.list({ ...query, text: "hay" })).toMatchObject({ partial: true, more: true });
    big.remove();
  });
});

describe("a page behind a cursor", () => {
  it("neither repeats nor loses a row while rows come", () => {
    const live = createTestLedger();
    const add = (from: number) => {
      for (let index = from; index < from + 5; index += 1)
        live.ledger.runs.insert(newRun(`r-${index}`, "j", { status: "skipped" }));
    };
    add(0);
    const seen: string[] = [];
    for (let cursor: string | undefined, next = 5; ; next += 5) {
      const got = live.ledger.runs.list({ limit: 2, offset: 0, ...(cursor === undefined ? {} : { cursor }) });
      seen.push(...got.rows.map((run) => run.id));
      cursor = got.cursor;
      if (cursor === undefined) break;
      add(next);
    }
    expect(seen).toEqual(["r-4", "r-3", "r-2", "r-1", "r-0"]);
    live.remove();
  });

  it("loses no job while jobs fire and so move in the order", () => {
    const live = createTestLedger();
    for (let index = 0; index < 10; index += 1)
      live.ledger.jobs.insert(newJob(`j-${index}`, { nextDueMs: 100 + index }));
    const seen = new Set<string>();
    for (let cursor: string | undefined, round = 0; ; round += 1) {
      const got = live.ledger.jobs.list({ limit: 2, offset: 0, ...(cursor === undefined ? {} : { cursor }) });
      for (const job of got.rows) seen.add(job.id);
      cursor = got.cursor;
      if (cursor === undefined) break;
      // What is due goes to the end.
      if (round < 10) live.ledger.jobs.patchState(`j-${round}`, { nextDueMs: 200 + round });
    }
    expect(seen.size).toBe(10);
    live.remove();
  });

  it.each([
    "",
    "%%%",
    Buffer.from('["ORDER BY seq DESC",{}]').toString("base64url"),
    Buffer.from("[1]").toString("base64url"),
  ])("refuses a cursor that is none: %j", (cursor) => {
    expect(() => test.ledger.runs.list({ limit: 1, offset: 0, cursor })).toThrow(/cursor: .*nextCursor/);
  });

  it("refuses one of another order", () => {
    const { cursor = "" } = test.ledger.jobs.list({ limit: 1, offset: 0 });
    expect(() => test.ledger.jobs.list({ limit: 1, offset: 0, cursor, sortBy: "name" })).toThrow(/same order/);
  });
});
