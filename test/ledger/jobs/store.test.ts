import { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, expect, it } from "vitest";
import type { Logger } from "../../../src/kernel/logger.ts";
import { createTestLedger, definition, newJob, type TestLedger } from "../../helpers/ledger.ts";

let test: TestLedger;
let errors: string[];

beforeEach(() => {
  errors = [];
  const logger: Logger = { debug() {}, info() {}, warn() {}, error: (line) => errors.push(line) };
  test = createTestLedger({ logger });
});

/** Edits the file as an operator with a SQLite shell would. */
function edit(sql: string, ...values: string[]): void {
  const db = new DatabaseSync(test.ledger.path);
  db.prepare(sql).run(...values);
  db.close();
}

describe("the job store", () => {
  it("gives back what was stored, across a reopening", () => {
    const full = definition({
      name: "Grüße",
      description: "d",
      declarationKey: "team/job",
      schedule: { kind: "cron", expr: "0 3 * * *", tz: "Europe/Berlin" },
      payload: { kind: "command", argv: ["sh", "-lc", "echo 'ü' \"$X\""], env: { X: "1" } },
      policy: { overlap: "buffer_one" },
    });
    test.ledger.jobs.insert(newJob("j1", { definition: full, nextDueMs: 60_000, origin: "adopted" }));
    const job = test.reopen().jobs.get("j1");
    expect(job).toEqual({
      id: "j1",
      origin: "adopted",
      definition: full,
      revision: 1,
      enabled: true,
      createdAtMs: 1_000,
      updatedAtMs: 1_000,
      cursorMs: 1_000,
      nextDueMs: 60_000,
      consecutiveErrors: 0,
      consecutiveSkipped: 0,
      written: full,
      slow: false,
      flaky: false,
      totals: { runs: 0, ok: 0, error: 0, skipped: 0, missed: 0 },
    });
    expect(test.ledger.jobs.getByDeclarationKey("team/job")?.id).toBe("j1");
  });

  it("finds by whole id, then by exact name, then by the start of an id or a name in other letters", () => {
    const { jobs } = test.ledger;
    jobs.insert(newJob("abcd", { definition: definition({ name: "one" }) }));
    jobs.insert(newJob("abcd-1", { definition: definition({ name: "two" }) }));
    jobs.insert(newJob("abce-1", { definition: definition({ name: "twins" }) }));
    jobs.insert(newJob("abce-2", { definition: definition({ name: "twins" }) }));
    jobs.insert(newJob("zzzz-1", { definition: definition({ name: "abce" }) }));
    const found = (text: string) => jobs.matches(text).map((job) => job.id);
    expect(found("abcd")).toEqual(["abcd"]);
    expect(found("abcd-")).toEqual(["abcd-1"]);
    expect(found("abc"), "too short for the start of an id").toEqual([]);
    expect(found("abce"), "the start of two ids, and the whole name of a third").toEqual(["zzzz-1"]);
    expect(found("abce-")).toEqual(["abce-1", "abce-2"]);
    expect(found("two")).toEqual(["abcd-1"]);
    expect(found("Two"), "in other letters, when that is unique").toEqual(["abcd-1"]);
    expect(found("twins")).toEqual(["abce-1", "abce-2"]);
  });

  it("replaces a definition only at the expected revision", () => {
    const { jobs } = test.ledger;
    jobs.insert(newJob("j1"));
    const change = { definition: definition({ name: "new" }), enabled: false, updatedAtMs: 5_000 };
    expect(jobs.replace("j1", { ...change, expectedRevision: 2 })).toBe("conflict");
    expect(jobs.get("j1")?.definition.name).toBe("job");
    expect(jobs.replace("j1", { ...change, expectedRevision: 1 })).toBe("replaced");
    expect(jobs.get("j1")).toMatchObject({
      revision: 2,
      enabled: false,
      updatedAtMs: 5_000,
      definition: { name: "new" },
    });
    expect(jobs.replace("j2", { ...change, expectedRevision: 1 })).toBe("gone");
  });

  it("changes only the fields a patch names, clears with null, adds to totals", () => {
    const { jobs } = test.ledger;
    jobs.insert(newJob("j1", { nextDueMs: 7_000 }));
    const autoDisabled = { reason: "consecutive-failures", atMs: 5, consecutiveErrors: 3 } as const;
    jobs.patchState("j1", { cursorMs: 9_000, lastError: "boom", autoDisabled, addTotals: { runs: 2, missed: 5 } });
    jobs.patchState("j1", { cursorMs: 8_000, addTotals: { runs: 1 }, lastStatus: "ok" });
    expect(jobs.get("j1")).toMatchObject({
      cursorMs: 8_000,
      nextDueMs: 7_000,
      lastError: "boom",
      lastStatus: "ok",
      autoDisabled,
      totals: { runs: 3, ok: 0, error: 0, skipped: 0, missed: 5 },
    });
    jobs.patchState("j1", { nextDueMs: null, lastError: null, autoDisabled: null, enabled: false });
    const job = jobs.get("j1");
    expect(job).not.toHaveProperty("nextDueMs");
    expect(job).not.toHaveProperty("lastError");
    expect(job).not.toHaveProperty("autoDisabled");
    expect(job).toMatchObject({ enabled: false, revision: 1 });
    jobs.patchState("j1", {});
    jobs.patchState("gone", { lastError: "x" });
  });

  it("answers due jobs earliest first and the earliest instant", () => {
    const { jobs } = test.ledger;
    jobs.insert(newJob("c", { nextDueMs: 30 }));
    jobs.insert(newJob("a", { nextDueMs: 10 }));
    jobs.insert(newJob("b", { nextDueMs: 20 }));
    jobs.insert(newJob("never"));
    expect(jobs.earliestDueMs()).toBe(10);
    expect(jobs.due(20, 10).map((job) => job.id)).toEqual(["a", "b"]);
    expect(jobs.due(99, 2).map((job) => job.id)).toEqual(["a", "b"]);
    expect(jobs.due(9, 10)).toEqual([]);
    for (const id of ["a", "b", "c"]) jobs.patchState(id, { nextDueMs: null });
    expect(jobs.earliestDueMs()).toBeUndefined();
    expect(jobs.due(Number.MAX_SAFE_INTEGER - 1, 10)).toEqual([]);
  });

  it("counts by state and removes", () => {
    const { jobs } = test.ledger;
    jobs.insert(newJob("a"));
    jobs.insert(newJob("b", { enabled: false }));
    expect(jobs.count()).toEqual({ total: 2, enabled: 1, setAside: 0 });
    expect(jobs.remove("a")).toBe(true);
    expect(jobs.remove("a")).toBe(false);
    expect(jobs.count()).toEqual({ total: 1, enabled: 0, setAside: 0 });
  });

  it("are read in steps by id, over rows that cannot be read", () => {
    const { jobs } = test.ledger;
    for (const id of ["a", "b", "c", "d", "e"]) jobs.insert(newJob(id));
    edit("UPDATE jobs SET definition = '{' WHERE id IN ('b', 'e')");
    const first = jobs.page("", 2);
    expect(first).toMatchObject({ jobs: [{ id: "a" }], next: "b" });
    const second = jobs.page(first.next ?? "", 2);
    expect(second).toMatchObject({ jobs: [{ id: "c" }, { id: "d" }], next: "d" });
    expect(jobs.page(second.next ?? "", 2)).toEqual({ jobs: [] });
    expect(jobs.count().setAside).toBe(2);
  });

  it("are read in steps where they are off", () => {
    const { jobs } = test.ledger;
    for (const id of ["a", "b", "c", "d"]) jobs.insert(newJob(id, { enabled: id === "a" || id === "c" }));
    expect(jobs.page("", 1, "disabled")).toMatchObject({ jobs: [{ id: "b" }], next: "b" });
    expect(jobs.page("b", 2, "disabled")).toMatchObject({ jobs: [{ id: "d" }] });
  });

  it("visits every job once, while the visitor changes them", () => {
    const { ledger } = test;
    const ids = Array.from({ length: 1_203 }, (_, index) => `job-${String(index).padStart(5, "0")}`);
    ledger.transaction(() => {
      for (const id of ids) ledger.jobs.insert(newJob(id));
    });
    const seen: string[] = [];
    ledger.jobs.each((job) => {
      seen.push(job.id);
      ledger.jobs.patchState(job.id, { nextDueMs: 5 });
    });
    expect(seen).toEqual(ids);
  });
});

describe("a job row that cannot be read", () => {
  const COUNT = 5_000;

  beforeEach(() => {
    test.ledger.transaction(() => {
      for (let index = 0; index < COUNT; index += 1) {
        test.ledger.jobs.insert(newJob(`job-${index}`, { nextDueMs: 1_000 + index }));
      }
    });
  });

  it.each([
    ["torn JSON", '{"name": "job", "sched'],
    ["JSON of another kind", "[]"],
    ["no schedule", '{"name":"job","payload":{"argv":["true"]}}'],
    ["no command", '{"name":"job","schedule":{"kind":"every"},"payload":{"argv":[]}}'],
  ])("with %s is set aside with a reason while the other 4,999 go on", (_, text) => {
    edit("UPDATE jobs SET definition = ? WHERE id = 'job-77'", text);
    const { jobs } = test.ledger;
    const due = jobs.due(Number.MAX_SAFE_INTEGER - 1, COUNT);
    expect(due).toHaveLength(COUNT - 1);
    expect(due.some((job) => job.id === "job-77")).toBe(false);
    expect(jobs.setAside()).toEqual([{ id: "job-77", name: "job", reason: expect.stringMatching(/definition/) }]);
    expect(errors).toHaveLength(1);
    expect(jobs.count()).toEqual({ total: COUNT, enabled: COUNT - 1, setAside: 1 });
    expect(jobs.get("job-77")).toBeUndefined();
    expect(jobs.list({ limit: 1, offset: 0 }).total).toBe(COUNT - 1);
    let visited = 0;
    jobs.each(() => {
      visited += 1;
    });
    expect(visited).toBe(COUNT - 1);
    expect(test.ledger.check()).toEqual([expect.stringContaining("job-77")]);
    expect(test.reopen().jobs.setAside()).toHaveLength(1);
  });

  it("works again when its definition is replaced, and can be removed", () => {
    edit("UPDATE jobs SET definition = '{' WHERE id IN ('job-1', 'job-2')");
    const { jobs } = test.ledger;
    jobs.due(Number.MAX_SAFE_INTEGER - 1, COUNT);
    expect(jobs.count().setAside).toBe(2);
    jobs.replace("job-1", { definition: definition(), enabled: true, updatedAtMs: 1, expectedRevision: 1 });
    expect(jobs.get("job-1")?.revision).toBe(2);
    expect(jobs.remove("job-2")).toBe(true);
    expect(jobs.count()).toEqual({ total: COUNT - 1, enabled: COUNT - 1, setAside: 0 });
    expect(test.ledger.check()).toEqual([]);
  });

  it("is left out of every answer even when it cannot be marked", () => {
    edit("UPDATE jobs SET definition = '{' WHERE id = 'job-0'");
    const full = Object.assign(new Error("database or disk is full"), { errcode: 13 });
    const failing = createTestLedger({
      dir: test.dir,
      faults: {
        at(point) {
          if (point === "write") throw full;
        },
      },
    });
    expect(failing.ledger.jobs.due(1_001, 10).map((job) => job.id)).toEqual(["job-1"]);
    expect(failing.ledger.jobs.get("job-0")).toBeUndefined();
    expect(failing.ledger.jobs.count().setAside).toBe(0);
    failing.ledger.close();
  });
});
