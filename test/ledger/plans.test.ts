import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Ledger } from "../../src/ledger/types.ts";
import { createTestLedger, definition, newJob, newRun, type TestLedger } from "../helpers/ledger.ts";

const page = { limit: 50, offset: 0 };

/** Everything that is called often, or on behalf of a person who waits. */
const CALLS: Record<string, (ledger: Ledger) => unknown> = {
  due: ({ jobs }) => jobs.due(1, 50),
  earliestDueMs: ({ jobs }) => jobs.earliestDueMs(),
  "jobs.count": ({ jobs }) => jobs.count(),
  "jobs.matches": ({ jobs }) => jobs.matches("abcdef"),
  "jobs.getByDeclarationKey": ({ jobs }) => jobs.getByDeclarationKey("a"),
  "jobs.setAside": ({ jobs }) => jobs.setAside(),
  "jobs.patchState": ({ jobs }) => jobs.patchState("a", { cursorMs: 1, nextDueMs: null }),
  "jobs.list": ({ jobs }) => jobs.list(page),
  "jobs.list by name": ({ jobs }) => jobs.list({ ...page, sortBy: "name", sortDir: "desc" }),
  "jobs.list by change": ({ jobs }) => jobs.list({ ...page, sortBy: "updatedAtMs", includeDisabled: true }),
  "jobs.ahead": ({ jobs }) => jobs.ahead(1, 10),
  "jobs.list by everything": ({ jobs }) =>
    jobs.list({ ...page, enabled: false, scheduleKind: "cron", lastStatus: "error", sortBy: "name", sortDir: "desc" }),
  "jobs.list by one status": ({ jobs }) => jobs.list({ ...page, lastStatus: "unknown", includeDisabled: true }),
  "jobs.list by text": ({ jobs }) => jobs.list({ ...page, text: "needle" }),
  "jobs.list behind a cursor": ({ jobs }) => {
    for (const sortBy of ["nextRunAtMs", "updatedAtMs", "name"] as const) {
      for (const filter of [{ includeDisabled: true }, { scheduleKind: "every" }]) {
        const { cursor = "" } = jobs.list({ ...filter, sortBy, limit: 1, offset: 0 });
        jobs.list({ ...filter, sortBy, limit: 1, offset: 0, cursor });
      }
    }
  },
  "jobs.list by facet": ({ jobs }) => {
    for (const sortBy of ["nextRunAtMs", "updatedAtMs", "name"] as const) {
      for (const filter of [{ tags: ["x"] }, { tags: ["x", "y"], includeDisabled: true, lastStatus: "ok" as const }]) {
        const { cursor = "" } = jobs.list({ ...filter, sortBy, limit: 1, offset: 0 });
        if (cursor !== "") jobs.list({ ...filter, sortBy, limit: 1, offset: 0, cursor });
      }
    }
  },
  "jobs.list by command": ({ jobs }) => jobs.list({ ...page, command: "true" }),
  "runs.list by facet": ({ runs }) => runs.list({ ...page, ofJobs: { tags: ["x"], command: "true" } }),
  "runs.isClaimed": ({ runs }) => runs.isClaimed("a", 1),
  "runs.claimedOn": ({ runs }) => runs.claimedOn("a", 1, "n"),
  "runs.claimed": ({ runs }) => runs.claimed("a", 1, 2),
  "runs.takeBack": ({ runs }) => runs.takeBack("a", 1),
  "runs.putOff": ({ runs }) => runs.putOff(1),
  "runs.list of active ones by time": ({ runs }) =>
    runs.list({ ...page, runStatuses: ["queued", "running"], sinceMs: 1 }),
  "runs.list of a job by time": ({ runs }) => runs.list({ ...page, jobId: "a", sinceMs: 1, untilMs: 2 }),
  "runs.list behind a cursor": ({ runs }) => {
    for (const filter of [{}, { jobId: "a" }, { statuses: ["skipped" as const] }, { jobId: "a", sinceMs: 0 }]) {
      const { cursor = "" } = runs.list({ ...filter, limit: 1, offset: 0 });
      runs.list({ ...filter, limit: 1, offset: 0, cursor });
    }
  },
  "runs.list by offset": ({ runs }) => {
    for (const filter of [{}, { jobId: "a" }, { statuses: ["skipped" as const] }, { untilMs: 2 }])
      runs.list({ ...filter, limit: 1, offset: 1 });
  },
  "runs.matches": ({ runs }) => runs.matches("abcdef"),
  "runs.active": ({ runs }) => runs.active("a"),
  "runs.activeOn": ({ runs }) => runs.activeOn("a", "n"),
  "runs.running": ({ runs }) => runs.running(),
  "runs.ready": ({ runs }) => runs.ready(1, "default", 8),
  "runs.queuedPools": ({ runs }) => runs.queuedPools(),
  "runs.earliestReadyMs": ({ runs }) => runs.earliestReadyMs(1),
  "runs.begin": ({ runs }) => runs.begin("a", 1),
  "runs.settle": ({ runs }) => runs.settle("a", { status: "lost", endedAtMs: 1, deliveryStatus: "unknown" }),
  "runs.count": ({ runs }) => runs.count(),
  "runs.insert": ({ runs }) => runs.insert(newRun("z", "j")),
  "runs.putBack": ({ runs }) => runs.putBack("a", 1),
  "runs.coveredCount": ({ runs }) => runs.coveredCount("a", 1, 2),
  "runs.list": ({ runs }) => runs.list(page),
  "runs.list of a job": ({ runs }) => runs.list({ ...page, jobId: "a" }),
  "runs.list of a job by status": ({ runs }) => runs.list({ ...page, jobId: "a", statuses: ["error"] }),
  "runs.list by status": ({ runs }) => runs.list({ ...page, statuses: ["ok", "error"] }),
  "runs.list by time": ({ runs }) => runs.list({ ...page, sinceMs: 1, untilMs: 2, sortDir: "asc" }),
  "runs.marks": ({ runs }) => runs.marks("a", { sinceMs: 1, untilMs: 2, slotMs: 1 }),
  "runs.latest": ({ runs }) => runs.latest("a", 30),
  "runs.list by text": ({ runs }) => runs.list({ ...page, text: "a" }),
  "attempts.ofRun": ({ attempts }) => attempts.ofRun("a"),
  "attempts.open": ({ attempts }) => attempts.open(),
  "attempts.logs": ({ attempts }) => attempts.logs(10),
  "deliveries.heads": ({ deliveries }) => deliveries.heads(),
  "deliveries.head": ({ deliveries }) => deliveries.head("a"),
  "deliveries.waiting": ({ deliveries }) => deliveries.waiting("a", 5),
  "deliveries.earliestAttemptMs": ({ deliveries }) => deliveries.earliestAttemptMs(),
  "deliveries.claim": ({ deliveries }) => deliveries.claim("a", 1),
  "deliveries.ofRun": ({ deliveries }) => deliveries.ofRun("a"),
  "deliveries.inState": ({ deliveries }) => deliveries.inState("sending"),
  "deliveries.counts": ({ deliveries }) => deliveries.counts(),
  "deliveries.lanes": ({ deliveries }) => deliveries.lanes(),
  "deliveries.list": ({ deliveries }) => deliveries.list(page),
  "deliveries.list by state": ({ deliveries }) => deliveries.list({ ...page, state: "open" }),
  "deliveries.list of a job": ({ deliveries }) => deliveries.list({ ...page, jobId: "a" }),
  "jobs.expectant": ({ jobs }) => jobs.expectant(),
  "alerts.find": ({ alerts }) => alerts.find("abcd"),
  "alerts.snoozedUntilMs": ({ alerts }) => alerts.snoozedUntilMs("a"),
  "alerts.toTell": ({ alerts }) => alerts.toTell(1, 1),
  "runs.waitingSince": ({ runs }) => runs.waitingSince(1, 1),
  "alerts.lastToldAtMs": ({ alerts }) => alerts.lastToldAtMs("a"),
  "alerts.openOf": ({ alerts }) => alerts.openOf("a"),
  "alerts.list": ({ alerts }) => alerts.list({ ...page, openOnly: true }),
  "notices.open": ({ notices }) => notices.open(),
  "idempotency.get": ({ idempotency }) => idempotency.get("a", "b"),
  prune: (ledger) => ledger.prune({ nowMs: 1, days: 1, runsPerJob: 1, budget: 10 }),
};

/** Indexes that hold only rows which are few by nature: a walk through one of them is not a walk through the table. */
const SMALL =
  /USING (COVERING )?INDEX (jobs_set_aside|jobs_disabled|jobs_expectant|runs_queue|runs_running|runs_active|runs_live|deliveries_lane|deliveries_custody|notices_open|alerts_open_since)\b/;

let test: TestLedger;
let asked: Set<string>;
const prepare = DatabaseSync.prototype.prepare;

beforeAll(() => {
  test = createTestLedger();
  for (const id of ["a", "b"]) {
    test.ledger.jobs.insert(newJob(id, { definition: definition({ tags: ["x", "y"] }) }));
    for (const at of [1, 2]) test.ledger.runs.insert(newRun(`${id}-${at}`, id, { status: "skipped", queuedAtMs: at }));
  }
  asked = new Set();
  DatabaseSync.prototype.prepare = function recorded(this: DatabaseSync, sql: string) {
    asked.add(sql);
    return prepare.call(this, sql);
  };
});
afterAll(() => {
  DatabaseSync.prototype.prepare = prepare;
  test.remove();
});

function plan(sql: string): string[] {
  const db = new DatabaseSync(test.ledger.path);
  db.function("fold", (text) => String(text));
  try {
    return prepare
      .call(db, `EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .map((row) => String(row["detail"]));
  } finally {
    db.close();
  }
}

/** Steps that touch every row of a table that grows: unless they go in the page's order and stop at its end. */
function walks(sql: string): string[] {
  const steps = plan(sql);
  const stops =
    /ORDER BY(?!.*\bFROM\b).*LIMIT/s.test(sql) && !steps.some((step) => step.includes("TEMP B-TREE FOR ORDER BY"));
  return steps.filter(
    (step) =>
      /^SCAN (jobs|job_facets|runs|attempts|deliveries|alerts|idempotency|run_counts)\b/.test(step) &&
      !SMALL.test(step) &&
      !stops,
  );
}

describe("the query plans", () => {
  it.each(Object.entries(CALLS))("of %s never walk through a whole table", (name, call) => {
    test.ledger.close();
    test.reopen();
    asked.clear();
    call(test.ledger);
    const statements = [...asked].filter((sql) => /^\s*(SELECT|UPDATE|DELETE|WITH)/.test(sql));
    expect(statements.length, name).toBeGreaterThan(0);
    for (const sql of statements) expect(walks(sql), sql).toEqual([]);
  });

  it("can be told from a walk: a filter without an index is seen", () => {
    expect(walks("SELECT * FROM runs WHERE job_name = 'a'")).not.toEqual([]);
    expect(walks("SELECT * FROM jobs ORDER BY definition LIMIT 5")).not.toEqual([]);
  });
});
