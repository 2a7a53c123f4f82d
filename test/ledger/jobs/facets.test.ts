import { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, expect, it } from "vitest";
import type { JobFilter, JobQuery } from "../../../src/ledger/types.ts";
import { createTestLedger, definition, newJob, newRun, type TestLedger, walk } from "../../helpers/ledger.ts";

let test: TestLedger;
beforeEach(() => {
  test = createTestLedger();
});

const all = { limit: 200, offset: 0, includeDisabled: true };
const found = (filter: Partial<JobQuery>): string[] =>
  test.ledger.jobs.list({ ...all, ...filter }).rows.map(({ id }) => id);

/** Sixty jobs that differ in everything a filter may ask about. */
function fill(): void {
  const { jobs } = test.ledger;
  for (let n = 0; n < 60; n += 1) {
    const id = `job-${String(n).padStart(2, "0")}`;
    jobs.insert(
      newJob(id, {
        definition: definition({
          name: `Name ${(n * 7) % 60}`,
          tags: [...(n % 2 === 0 ? ["even"] : []), ...(n % 3 === 0 ? ["third"] : []), "all"],
          payload: { kind: "command", argv: n % 5 === 0 ? ["/opt/Größe.sh", "--all"] : ["true"] },
          delivery: {
            mode: "announce",
            channel: "irc",
            to: n % 4 === 0 ? "#ops" : "#dev",
            also: [{ mode: "announce", to: "#copy" }],
          },
          ...(n % 6 === 0 ? { agentId: "main" } : {}),
          ...(n % 7 === 0 ? { managedBy: "team/files" } : {}),
        }),
        enabled: n % 10 !== 9,
        nextDueMs: 100_000 - ((n * 13) % 60) * 100,
        createdAtMs: 1_000 + ((n * 11) % 60),
      }),
    );
    if (n % 8 === 0)
      jobs.patchState(id, { consecutiveErrors: 2, lastStatus: "error", addTotals: { runs: 2, error: 2 } });
    if (n % 8 === 1)
      jobs.patchState(id, { lastStatus: "ok", addTotals: { runs: 1, ok: 1 }, slow: n % 16 === 1, flaky: true });
  }
}

const numbers = (fits: (n: number) => boolean): string[] =>
  Array.from({ length: 60 }, (_, n) => n)
    .filter(fits)
    .map((n) => `job-${String(n).padStart(2, "0")}`);

describe("jobs by facet", () => {
  const cases: [string, Partial<JobQuery>, (n: number) => boolean][] = [
    ["a tag", { tags: ["third"] }, (n) => n % 3 === 0],
    ["several tags, all of them", { tags: ["even", "third", "all"] }, (n) => n % 6 === 0],
    ["a destination", { to: "#ops" }, (n) => n % 4 === 0],
    ["a further destination", { to: "#copy" }, () => true],
    ["an agent", { owner: "main" }, (n) => n % 6 === 0],
    ["the label of files", { owner: "team/files" }, (n) => n % 7 === 0],
    ["what fails", { failing: true }, (n) => n % 8 === 0],
    ["what is slow", { slow: true }, (n) => n % 16 === 1],
    ["what is flaky", { flaky: true }, (n) => n % 8 === 1],
    ["what never ran", { neverRan: true }, (n) => n % 8 > 1],
    ["text of the command, in any letters", { command: "größe" }, (n) => n % 5 === 0],
    ["short text of the command", { command: "--" }, (n) => n % 5 === 0],
    ["nobody's tag", { tags: ["no"] }, () => false],
    ["a part of a tag", { tags: ["thir"] }, () => false],
    [
      "all at once",
      { tags: ["even"], to: "#ops", failing: true, command: "opt", lastStatus: "error" },
      (n) => n % 40 === 0,
    ],
    ["with text of the job", { tags: ["third"], text: "größe" }, (n) => n % 15 === 0],
    [
      "with how it stands",
      { tags: ["third"], includeDisabled: false, scheduleKind: "every" },
      (n) => n % 3 === 0 && n % 10 !== 9,
    ],
    ["disabled ones", { tags: ["all"], enabled: false }, (n) => n % 10 === 9],
  ];

  it.each(cases)("%s", (_name, filter, fits) => {
    fill();
    expect(found(filter).sort()).toEqual(numbers(fits));
    expect(test.ledger.jobs.list({ ...all, ...filter }).total).toBe(numbers(fits).length);
  });

  it.each(["nextRunAtMs", "updatedAtMs", "name"] as const)(
    "page by page in the order of %s, as other jobs do",
    (sortBy) => {
      fill();
      for (const sortDir of ["asc", "desc"] as const) {
        const order = found({ sortBy, sortDir });
        const paged = walk((page) =>
          test.ledger.jobs.list({ ...page, sortBy, sortDir, includeDisabled: true, tags: ["third"] }),
        );
        expect(paged).toEqual(order.filter((id) => numbers((n) => n % 3 === 0).includes(id)));
      }
    },
  );

  it("follow every change of a job", () => {
    const { jobs } = test.ledger;
    jobs.insert(newJob("a", { definition: definition({ tags: ["old"] }), nextDueMs: 5 }));
    jobs.insert(newJob("b", { definition: definition({ tags: ["old"] }), nextDueMs: 6 }));
    jobs.patchState("a", { nextDueMs: 7 });
    expect(found({ tags: ["old"] })).toEqual(["b", "a"]);
    const change = { enabled: false, updatedAtMs: 9, expectedRevision: 1 };
    jobs.replace("a", { ...change, definition: definition({ tags: ["new"] }) });
    expect(found({ tags: ["old"] })).toEqual(["b"]);
    expect(found({ tags: ["new"] })).toEqual(["a"]);
    expect(found({ tags: ["new"], includeDisabled: false })).toEqual([]);
    jobs.patchState("b", { consecutiveErrors: 1 });
    expect(found({ failing: true })).toEqual(["b"]);
    jobs.patchState("b", { consecutiveErrors: 0 });
    expect(found({ failing: true })).toEqual([]);
    jobs.remove("b");
    expect(found({ tags: ["old"] })).toEqual([]);
  });

  it("leave out a job whose record cannot be read, and one that was written by hand without sense", () => {
    const { jobs } = test.ledger;
    for (const id of ["a", "b", "c"]) jobs.insert(newJob(id, { definition: definition({ tags: ["x"] }) }));
    const db = new DatabaseSync(test.ledger.path);
    db.exec("UPDATE jobs SET definition = '{' WHERE id = 'a'; UPDATE jobs SET definition = '[1]' WHERE id = 'b'");
    db.close();
    expect(found({ tags: ["x"] })).toEqual(["c"]);
    expect(test.ledger.check()).toEqual([]);
  });

  it("that are wrong are found by check", () => {
    fill();
    expect(test.ledger.check()).toEqual([]);
    const db = new DatabaseSync(test.ledger.path);
    db.exec(
      "DELETE FROM job_facets WHERE facet = 'slow' AND job_id = 'job-01'; UPDATE job_facets SET facet = 'x' WHERE facet = 'flaky'",
    );
    db.close();
    expect(test.ledger.check()).toEqual(["17 facets that jobs lack or should not have"]);
  });

  it("are known of jobs of an earlier ledger, and of their runs", () => {
    fill();
    const { runs } = test.ledger;
    for (const n of [0, 1, 2, 3]) runs.insert(newRun(`run-${n}`, `job-0${n}`));
    const of = (ofJobs: JobFilter): string[] => runs.list({ ofJobs, limit: 50, offset: 0 }).rows.map(({ id }) => id);
    expect(of({ tags: ["third"] })).toEqual(["run-3", "run-0"]);
    expect(of({ tags: ["all"] }), "more jobs than are walked one by one").toEqual(["run-3", "run-2", "run-1", "run-0"]);
    expect(of({ tags: ["all"], command: "Größe" })).toEqual(["run-0"]);
    expect(of({ tags: ["no"] })).toEqual([]);
    expect(runs.list({ ofJobs: { tags: ["third"] }, statuses: ["ok"], limit: 50, offset: 0 }).rows).toEqual([]);
    const query = { ofJobs: { tags: ["third"] }, sinceMs: 0, limit: 1 };
    const { rows, cursor = "" } = runs.list({ ...query, offset: 0 });
    const second = [{ offset: 1 }, { offset: 0, cursor }].map((page) => runs.list({ ...query, ...page }).rows);
    expect([rows, ...second].map(([run]) => run?.id)).toEqual(["run-3", "run-0", "run-0"]);
  });
});

describe("how a job does of late", () => {
  /** Runs of the job that succeed, with their durations in seconds. */
  function succeed(id: string, seconds: number[], attempts = 1): void {
    const { runs, jobs } = test.ledger;
    for (const each of seconds) {
      serial += 1;
      const run = newRun(`r-${serial}`, id, { queuedAtMs: serial * 100_000, readyAtMs: serial * 100_000 });
      runs.insert(run);
      for (let attempt = 1; attempt <= attempts; attempt += 1) {
        if (attempt > 1) runs.requeue(run.id, run.readyAtMs);
        expect(runs.begin(run.id, run.readyAtMs)).toBe("started");
      }
      const endedAtMs = run.readyAtMs + each * 1_000;
      expect(runs.settle(run.id, { status: "succeeded", endedAtMs, deliveryStatus: "not-requested" })).toBe(true);
      jobs.patchState(id, { addTotals: { runs: 1, ok: 1 } });
    }
  }
  let serial = 0;

  it("is written with the end of a run: slow, and flaky, and well again", () => {
    test.ledger.jobs.insert(newJob("a"));
    succeed("a", [10, 10, 10, 10, 10, 10, 20, 20]);
    expect(found({ slow: true })).toEqual([]);
    succeed("a", [20, 20]);
    expect(found({ slow: true })).toEqual(["a"]);
    expect(test.reopen().jobs.get("a")).toMatchObject({ slow: true, flaky: false });
    succeed("a", [10, 10, 10, 10]);
    expect(found({ slow: true })).toEqual([]);
    succeed("a", [10], 2);
    expect(found({ flaky: true })).toEqual(["a"]);
    succeed(
      "a",
      Array.from({ length: 10 }, () => 10),
    );
    expect(found({ flaky: true })).toEqual([]);
  });
});
