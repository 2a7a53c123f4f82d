import { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, expect, it } from "vitest";
import { createTestLedger, type TestLedger } from "../helpers/ledger.ts";

let test: TestLedger;

beforeEach(() => {
  test = createTestLedger();
});

const flips = (): unknown[] => {
  const db = new DatabaseSync(test.ledger.path, { readOnly: true });
  const rows = db.prepare("SELECT alert_id, at_ms, state, run_id FROM flips ORDER BY seq").all();
  db.close();
  return rows.map((row) => ({ ...row }));
};

describe("alerts", () => {
  it("are one open row a cause; opening and closing are flips", () => {
    const { alerts } = test.ledger;
    alerts.open({ id: "a1", jobId: "j", cause: "failed", atMs: 10, runId: "r1" });
    alerts.open({ id: "a2", jobId: "j", cause: "late", atMs: 20 });
    alerts.open({ id: "a3", jobId: "j", cause: "failed", atMs: 30 });
    expect(alerts.openOf("j")).toEqual([
      { id: "a1", jobId: "j", cause: "failed", openedAtMs: 10, occurrences: 2 },
      { id: "a2", jobId: "j", cause: "late", openedAtMs: 20, occurrences: 1 },
    ]);
    alerts.touch("a1", { occurrences: 5, notifiedAtMs: 40 });
    alerts.touch("a2", {});
    alerts.close("a1", 50, "r2");
    alerts.close("a1", 60);
    expect(alerts.openOf("j").map((alert) => alert.id)).toEqual(["a2"]);
    alerts.open({ id: "a4", jobId: "j", cause: "failed", atMs: 70 });
    const page = { limit: 10, offset: 0 };
    expect(alerts.list(page)).toMatchObject({ total: 3, rows: [{ id: "a4" }, { id: "a2" }, { id: "a1" }] });
    expect(alerts.list({ ...page, openOnly: true }).rows.map((alert) => alert.id)).toEqual(["a4", "a2"]);
    expect(alerts.list({ ...page, jobId: "other" })).toMatchObject({ rows: [], total: 0 });
    expect(alerts.list({ ...page, jobId: "j" }).rows.at(-1)).toEqual({
      id: "a1",
      jobId: "j",
      cause: "failed",
      openedAtMs: 10,
      closedAtMs: 50,
      occurrences: 5,
      notifiedAtMs: 40,
    });
    expect(flips()).toEqual([
      { alert_id: "a1", at_ms: 10, state: "open", run_id: "r1" },
      { alert_id: "a2", at_ms: 20, state: "open", run_id: null },
      { alert_id: "a1", at_ms: 50, state: "closed", run_id: "r2" },
      { alert_id: "a4", at_ms: 70, state: "open", run_id: null },
    ]);
  });
});

describe("notices", () => {
  it("are opened once, counted while open, and closed", () => {
    const { notices } = test.ledger;
    const gap = { code: "OCCURRENCE_GAP", key: "j" };
    expect(notices.raise({ ...gap, message: "one", atMs: 10 })).toBe("opened");
    expect(notices.raise({ ...gap, message: "two", atMs: 20 })).toBe("repeated");
    expect(notices.raise({ ...gap, key: "k", message: "other", atMs: 30 })).toBe("opened");
    expect(notices.open()).toEqual([
      { ...gap, message: "two", firstAtMs: 10, lastAtMs: 20, times: 2 },
      { code: "OCCURRENCE_GAP", key: "k", message: "other", firstAtMs: 30, lastAtMs: 30, times: 1 },
    ]);
    expect(notices.close("OCCURRENCE_GAP", "j", 40)).toBe(true);
    expect(notices.close("OCCURRENCE_GAP", "j", 40)).toBe(false);
    expect(notices.raise({ ...gap, message: "again", atMs: 50 })).toBe("opened");
    expect(notices.open().map((notice) => notice.message)).toEqual(["other", "again"]);
  });
});

describe("answers to repeated calls", () => {
  it("are the first answer, by method and key", () => {
    const { idempotency } = test.ledger;
    idempotency.put("run", "k", "hash-1", { runId: "r1" }, 10);
    idempotency.put("run", "k", "hash-2", { runId: "r2" }, 20);
    idempotency.put("add", "k", "hash-3", undefined, 20);
    expect(idempotency.get("run", "k")).toEqual({ requestHash: "hash-1", result: { runId: "r1" } });
    expect(idempotency.get("add", "k")).toEqual({ requestHash: "hash-3", result: null });
    expect(idempotency.get("run", "other")).toBeUndefined();
  });
});

describe("meta", () => {
  it("keeps the last value", () => {
    test.ledger.setMeta("a", "1");
    test.ledger.setMeta("a", "2");
    expect(test.reopen().getMeta("a")).toBe("2");
    expect(test.ledger.getMeta("b")).toBeUndefined();
  });
});
