import { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, expect, it } from "vitest";
import { DAY_MS } from "../../src/kernel/durations.ts";
import type { Ledger, MaintenanceReport, NewRun } from "../../src/ledger/types.ts";
import { createTestLedger, newDelivery, newJob, newRun, type TestLedger } from "../helpers/ledger.ts";

const NOW_MS = 100 * DAY_MS;
const nothing = { bytes: 0, head: new Uint8Array(), tail: new Uint8Array() };

let test: TestLedger;
let ledger: Ledger;

beforeEach(() => {
  test = createTestLedger();
  ledger = test.ledger;
  ledger.jobs.insert(newJob("j"));
});

/** A run that ended so many days ago, with an attempt, whose log is gone unless told otherwise. */
function ended(id: string, daysAgo: number, change: Partial<NewRun> & { log?: boolean } = {}): void {
  const { log = false, ...fields } = change;
  const atMs = NOW_MS - daysAgo * DAY_MS;
  ledger.runs.insert(newRun(id, "j", { queuedAtMs: atMs, readyAtMs: atMs, exclusive: false, ...fields }));
  ledger.runs.begin(id, atMs);
  ledger.attempts.begin({ runId: id, attempt: 1, jobId: "j", owner: "o", startedAtMs: atMs });
  ledger.attempts.end(id, 1, {
    endedAtMs: atMs,
    stdout: nothing,
    stderr: nothing,
    actionLines: [],
    log: { bytes: log ? 10 : 0, droppedBytes: 0 },
  });
  if (!log) ledger.attempts.markLogGone(id, 1);
  ledger.runs.settle(id, { status: "succeeded", endedAtMs: atMs, deliveryStatus: "delivered" });
}

const rule = { nowMs: NOW_MS, days: 30, runsPerJob: 1_000, budget: 100 };

/** Steps until a pass is complete; answers the sums. */
function pruneAll(change: Partial<typeof rule> = {}, most = 1_000): MaintenanceReport & { steps: number } {
  const sum = { runsPruned: 0, deliveriesPruned: 0, pagesFreed: 0, logs: [], more: false, steps: 0 } as ReturnType<
    typeof pruneAll
  >;
  do {
    const report = ledger.prune({ ...rule, ...change });
    sum.steps += 1;
    sum.runsPruned += report.runsPruned;
    sum.deliveriesPruned += report.deliveriesPruned;
    sum.pagesFreed += report.pagesFreed;
    sum.logs.push(...report.logs);
    for (const log of report.logs) ledger.attempts.markLogGone(log.runId, log.attempt);
    sum.more = report.more;
  } while (sum.more && sum.steps < most);
  return sum;
}

const left = (): string[] => ledger.runs.list({ limit: 100, offset: 0, sortDir: "asc" }).rows.map((run) => run.id);

describe("pruning", () => {
  it("by age removes old final runs with their attempts and settled deliveries; totals stay on the job", () => {
    ledger.jobs.patchState("j", { addTotals: { runs: 3, ok: 3 } });
    ended("old", 31);
    ended("new", 29);
    ledger.deliveries.insert(newDelivery("sent", "l", { runId: "old", state: "sent" }));
    expect(pruneAll()).toMatchObject({ runsPruned: 1, deliveriesPruned: 1, logs: [], more: false });
    expect(left()).toEqual(["new"]);
    expect(ledger.attempts.ofRun("old")).toEqual([]);
    expect(ledger.deliveries.get("sent")).toBeUndefined();
    expect(ledger.jobs.get("j")?.totals).toMatchObject({ runs: 3, ok: 3 });
    expect(ledger.runs.count().total).toBe(1);
    expect(ledger.check()).toEqual([]);
  });

  it("looks at when a run ended, not only at when it was queued", () => {
    ledger.runs.insert(newRun("slow", "j", { queuedAtMs: NOW_MS - 90 * DAY_MS }));
    ledger.runs.begin("slow", NOW_MS - 90 * DAY_MS);
    ledger.runs.settle("slow", { status: "failed", endedAtMs: NOW_MS - DAY_MS, deliveryStatus: "not-requested" });
    expect(pruneAll().runsPruned).toBe(0);
    expect(pruneAll({ nowMs: NOW_MS + 40 * DAY_MS }).runsPruned).toBe(1);
  });

  it("by count keeps the newest runs of each job", () => {
    for (let index = 0; index < 12; index += 1) ended(`j-${index}`, 1);
    ended("other-0", 1, { jobId: "other" });
    expect(pruneAll({ runsPerJob: 5, budget: 3 }).runsPruned).toBe(7);
    expect(left()).toEqual(["j-7", "j-8", "j-9", "j-10", "j-11", "other-0"]);
    expect(ledger.check()).toEqual([]);
  });

  it("never touches runs that are queued, running, or have something unsettled, however old", () => {
    ledger.runs.insert(newRun("queued", "j", { queuedAtMs: 1 }));
    ledger.runs.insert(newRun("running", "j", { queuedAtMs: 1 }));
    ledger.runs.begin("running", 1);
    for (const state of ["pending", "sending", "unknown", "sent", "suppressed", "dead"] as const) {
      ended(state, 60);
      ledger.deliveries.insert(newDelivery(`d-${state}`, state, { runId: state, state }));
    }
    expect(pruneAll({ runsPerJob: 0 })).toMatchObject({ runsPruned: 3, deliveriesPruned: 3 });
    expect(left()).toEqual(["queued", "running", "pending", "sending", "unknown"]);
    ledger.deliveries.update("d-unknown", { state: "sent", nowMs: NOW_MS, settledBy: "cli" });
    expect(pruneAll()).toMatchObject({ runsPruned: 1 });
  });

  it("hands out logs first and removes the run only when they are gone", () => {
    ended("logged", 31, { log: true });
    const first = ledger.prune(rule);
    expect(first).toMatchObject({ runsPruned: 0, logs: [{ runId: "logged", attempt: 1 }], more: true });
    expect(ledger.runs.get("logged")).toBeDefined();
    expect(ledger.prune(rule).logs, "asked again until it is done").toHaveLength(1);
    ledger.attempts.markLogGone("logged", 1);
    expect(pruneAll()).toMatchObject({ runsPruned: 1, logs: [] });
    expect(ledger.attempts.logs(5)).toEqual({ rows: [], totalBytes: 0 });
  });

  it("gets past any number of rows that must stay, in steps within the budget", () => {
    ledger.transaction(() => {
      for (let index = 0; index < 250; index += 1) {
        ended(`stuck-${index}`, 60);
        ledger.deliveries.insert(newDelivery(`d-${index}`, "l", { runId: `stuck-${index}`, state: "unknown" }));
      }
      for (let index = 0; index < 120; index += 1) ended(`free-${index}`, 40);
    });
    const first = ledger.prune({ ...rule, budget: 50 });
    expect(first).toMatchObject({ runsPruned: 0, more: true });
    const rest = pruneAll({ budget: 50 });
    expect(rest.runsPruned).toBe(120);
    expect(rest.steps, "no step looks at more than its budget").toBeGreaterThanOrEqual(6);
    expect(rest.more).toBe(false);
    expect(ledger.runs.count().total).toBe(250);
  });

  describe("by count, when the oldest runs must stay", () => {
    const unsettled = (id: string): void =>
      ledger.deliveries.insert(newDelivery(`d-${id}`, "l", { runId: id, state: "unknown" }));

    it("gets to the runs and jobs behind them, keeps the newest, and comes to an end", () => {
      ledger.transaction(() => {
        for (let index = 0; index < 25; index += 1) {
          ended(`stuck-${index}`, 1);
          unsettled(`stuck-${index}`);
        }
        for (let index = 0; index < 18; index += 1) ended(`free-${index}`, 1);
        for (let index = 0; index < 7; index += 1) ended(`other-${index}`, 1, { jobId: "other" });
        ledger.idempotency.put("run", "old", "h", 1, NOW_MS - 8 * DAY_MS);
      });
      const { runsPruned, more, steps } = pruneAll({ runsPerJob: 3, budget: 10 }, 50);
      expect({ runsPruned, more }).toEqual({ runsPruned: 15 + 4, more: false });
      expect(steps, "no step looks at more than its budget").toBeGreaterThanOrEqual(5);
      expect(left().filter((id) => !id.startsWith("stuck"))).toEqual(
        ["free-15", "free-16", "free-17"].concat(["other-4", "other-5", "other-6"]),
      );
      expect(ledger.idempotency.get("run", "old")).toBeUndefined();
      ledger.deliveries.update("d-stuck-0", { state: "sent", nowMs: NOW_MS, settledBy: "cli" });
      expect(pruneAll({ runsPerJob: 3, budget: 10 }, 50), "the next pass looks again").toMatchObject({ runsPruned: 1 });
    });

    it("keeps the newest also when one that stayed goes by age in the middle of a pass", () => {
      for (let index = 0; index < 10; index += 1) {
        ended(`stuck-${index}`, 29);
        unsettled(`stuck-${index}`);
      }
      for (let index = 0; index < 5; index += 1) ended(`new-${index}`, 1);
      const change = { runsPerJob: 5, budget: 10 };
      expect(ledger.prune({ ...rule, ...change })).toMatchObject({ runsPruned: 0, more: true });
      for (let index = 0; index < 5; index += 1) {
        ledger.deliveries.update(`d-stuck-${index}`, { state: "sent", nowMs: NOW_MS, settledBy: "cli" });
      }
      expect(pruneAll({ ...change, nowMs: NOW_MS + 2 * DAY_MS }, 50)).toMatchObject({ runsPruned: 5, more: false });
      expect(left().slice(-5)).toEqual(["new-0", "new-1", "new-2", "new-3", "new-4"]);
    });

    it("still removes in the same pass what it asked the logs of", () => {
      for (let index = 0; index < 20; index += 1) {
        ended(`j-${index}`, 1, { log: index % 2 === 0 });
        if (index % 5 === 1) unsettled(`j-${index}`);
      }
      expect(pruneAll({ runsPerJob: 0, budget: 5 }, 50)).toMatchObject({ runsPruned: 16, more: false });
      expect(left()).toEqual(["j-1", "j-6", "j-11", "j-16"]);
    });
  });

  it("removes old settled messages without a run, closed alerts and notices, and old answers to repeated calls", () => {
    const old = { createdAtMs: NOW_MS - 31 * DAY_MS };
    ledger.deliveries.insert(newDelivery("report", "l", { ...old, state: "sent" }));
    ledger.deliveries.insert(newDelivery("waiting", "l", old));
    ledger.deliveries.insert(newDelivery("doubt", "l", { ...old, state: "unknown" }));
    ledger.deliveries.insert(newDelivery("fresh", "l", { createdAtMs: NOW_MS, state: "sent" }));
    for (const [id, closedAtMs] of [
      ["a-old", old.createdAtMs],
      ["a-new", NOW_MS],
      ["a-open", undefined],
    ] as const) {
      ledger.alerts.open({ id, jobId: id, cause: "failed", atMs: 1 });
      if (closedAtMs !== undefined) ledger.alerts.close(id, closedAtMs);
    }
    ledger.notices.raise({ code: "A", key: "old", message: "m", atMs: 1 });
    ledger.notices.close("A", "old", old.createdAtMs);
    ledger.notices.raise({ code: "A", key: "open", message: "m", atMs: 1 });
    ledger.idempotency.put("run", "old", "h", 1, NOW_MS - 8 * DAY_MS);
    ledger.idempotency.put("run", "new", "h", 1, NOW_MS - 6 * DAY_MS);
    expect(pruneAll().deliveriesPruned).toBe(1);
    expect(["report", "waiting", "doubt", "fresh"].map((id) => ledger.deliveries.get(id)?.state)).toEqual([
      undefined,
      "pending",
      "unknown",
      "sent",
    ]);
    expect(
      ledger.alerts
        .list({ limit: 9, offset: 0 })
        .rows.map((alert) => alert.id)
        .sort(),
    ).toEqual(["a-new", "a-open"]);
    const file = new DatabaseSync(ledger.path, { readOnly: true });
    expect(file.prepare("SELECT key FROM notices").all()).toEqual([{ key: "open" }]);
    file.close();
    expect(ledger.idempotency.get("run", "old")).toBeUndefined();
    expect(ledger.idempotency.get("run", "new")).toBeDefined();
  });

  it("gets to the end of them in one pass, however many there are", () => {
    for (let index = 0; index < 25; index += 1) {
      ledger.idempotency.put("run", `old-${index}`, "h", 1, NOW_MS - 8 * DAY_MS);
      ledger.alerts.open({ id: `a-${index}`, jobId: `j-${index}`, cause: "failed", atMs: 1 });
      ledger.alerts.close(`a-${index}`, 2);
    }
    expect(pruneAll({ budget: 10 }).steps, "no step removes more than its budget").toBeGreaterThanOrEqual(5);
    const file = new DatabaseSync(ledger.path, { readOnly: true });
    const leftOf = (table: string) => file.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.["n"];
    expect(["idempotency", "alerts", "flips"].map(leftOf)).toEqual([0, 0, 0]);
    file.close();
  });

  it("gives space back to the file system, a little at a time", () => {
    ledger.transaction(() => {
      for (let index = 0; index < 3_000; index += 1) {
        ledger.runs.insert(
          newRun(`big-${index}`, "j", { status: "skipped", queuedAtMs: 1, reason: "x".repeat(3_000) }),
        );
      }
    });
    const { runsPruned, pagesFreed, steps } = pruneAll({ budget: 500 });
    expect(runsPruned).toBe(3_000);
    expect(pagesFreed).toBeGreaterThan(1_000);
    expect(pagesFreed / steps).toBeLessThanOrEqual(500);
    expect(ledger.check()).toEqual([]);
  });

  it("does nothing on a ledger that is within its limits", () => {
    ended("new", 1);
    expect(ledger.prune(rule)).toEqual({ runsPruned: 0, deliveriesPruned: 0, pagesFreed: 0, logs: [], more: false });
  });
});
