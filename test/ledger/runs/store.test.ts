import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Ledger } from "../../../src/ledger/types.ts";
import { createTestLedger, newRun, type TestLedger } from "../../helpers/ledger.ts";

let test: TestLedger;
let ledger: Ledger;

beforeEach(() => {
  test = createTestLedger();
  ledger = test.ledger;
});
afterEach(() => test.remove());

const scheduled = (id: string, scheduledForMs: number, jobId = "j") =>
  newRun(id, jobId, { trigger: "schedule", scheduledForMs });
const ids = (rows: { id: string }[]): string[] => rows.map((row) => row.id);
const END = { endedAtMs: 9_000, deliveryStatus: "not-requested" } as const;

describe("claims", () => {
  it("let one run have an occurrence, whoever asks again and after a reopening", () => {
    expect(ledger.runs.insert(scheduled("a", 60_000))).toBe("inserted");
    expect(ledger.runs.insert(scheduled("b", 60_000))).toBe("exists");
    ledger = test.reopen();
    expect(ledger.runs.insert(scheduled("c", 60_000))).toBe("exists");
    expect(ledger.runs.insert(scheduled("d", 120_000))).toBe("inserted");
    expect(ledger.runs.insert(scheduled("e", 60_000, "other"))).toBe("inserted");
    expect(ledger.runs.count()).toEqual({ queued: 3, running: 0, total: 3 });
  });

  it("stay taken after the run has ended", () => {
    ledger.runs.insert(scheduled("a", 60_000));
    ledger.runs.begin("a", 1);
    ledger.runs.settle("a", { ...END, status: "succeeded" });
    expect(ledger.runs.insert(scheduled("b", 60_000))).toBe("exists");
  });

  it("are not consumed by manual runs", () => {
    expect(ledger.runs.insert(newRun("a", "j", { scheduledForMs: 60_000 }))).toBe("inserted");
    expect(ledger.runs.insert(newRun("b", "j", { scheduledForMs: 60_000 }))).toBe("inserted");
    expect(ledger.runs.insert(scheduled("c", 60_000))).toBe("inserted");
  });

  it("do not swallow other mistakes: the same run id twice is an error", () => {
    ledger.runs.insert(newRun("a", "j"));
    expect(() => ledger.runs.insert(newRun("a", "j"))).toThrow(/UNIQUE/);
  });
});

describe("the queue", () => {
  it("hands out ready runs oldest first in each pool", () => {
    ledger.runs.insert(newRun("a", "1", { readyAtMs: 30 }));
    ledger.runs.insert(newRun("b", "2", { readyAtMs: 10 }));
    ledger.runs.insert(newRun("c", "3", { readyAtMs: 10 }));
    ledger.runs.insert(newRun("d", "4", { readyAtMs: 50, pool: "slow" }));
    ledger.runs.insert(newRun("e", "5", { readyAtMs: 8.64e15, pool: "held" }));
    expect(ids(ledger.runs.ready(30, "default", 10))).toEqual(["b", "c", "a"]);
    expect(ids(ledger.runs.ready(30, "default", 2))).toEqual(["b", "c"]);
    expect(ids(ledger.runs.ready(29, "default", 10))).toEqual(["b", "c"]);
    expect(ledger.runs.queuedPools(30)).toEqual(["default"]);
    expect(ledger.runs.queuedPools(50).sort()).toEqual(["default", "slow"]);
    expect(ledger.runs.queuedPools(5)).toEqual([]);
    expect(ledger.runs.earliestReadyMs(0)).toBe(10);
    expect(ledger.runs.earliestReadyMs(10)).toBe(30);
    expect(ledger.runs.earliestReadyMs(50)).toBe(8.64e15);
    expect(ledger.runs.earliestReadyMs(8.64e15)).toBeUndefined();
    ledger.runs.setReady("e", 7);
    expect(ids(ledger.runs.ready(7, "held", 1))).toEqual(["e"]);
  });

  it("lets the oldest held run of a job go, and no other", () => {
    for (const id of ["a", "b", "c"]) ledger.runs.insert(newRun(id, "j", { readyAtMs: 900 }));
    ledger.runs.insert(newRun("d", "other", { readyAtMs: 900 }));
    ledger.runs.settle("a", { ...END, status: "canceled" });
    ledger.runs.release("j", 900, 5);
    expect(ids(ledger.runs.ready(5, "default", 9))).toEqual(["b"]);
    ledger.runs.release("j", 901, 5);
    ledger.runs.release("nobody", 900, 5);
    expect(ids(ledger.runs.ready(5, "default", 9))).toEqual(["b"]);
  });

  it("lets one exclusive run of a job run at a time", () => {
    ledger.runs.insert(newRun("a", "j"));
    ledger.runs.insert(newRun("b", "j"));
    ledger.runs.insert(newRun("c", "other"));
    expect(ledger.runs.begin("a", 5_000)).toBe("started");
    expect(ledger.runs.begin("a", 5_000), "not queued any more").toBe("conflict");
    expect(ledger.runs.begin("b", 5_000)).toBe("conflict");
    expect(ledger.runs.begin("c", 5_000)).toBe("started");
    expect(ids(ledger.runs.active("j"))).toEqual(["a", "b"]);
    expect(ids(ledger.runs.running())).toEqual(["a", "c"]);
    ledger.runs.settle("a", { ...END, status: "failed" });
    expect(ledger.runs.begin("b", 6_000)).toBe("started");
  });

  it("lets runs of a job that allows it run side by side, but an exclusive one waits for them", () => {
    ledger.runs.insert(newRun("a", "j", { exclusive: false }));
    ledger.runs.insert(newRun("b", "j", { exclusive: false }));
    ledger.runs.insert(newRun("c", "j"));
    expect(ledger.runs.begin("a", 1)).toBe("started");
    expect(ledger.runs.begin("b", 1)).toBe("started");
    expect(ledger.runs.begin("c", 1)).toBe("conflict");
  });

  it("keeps the first start and counts attempts over retries", () => {
    ledger.runs.insert(newRun("a", "j"));
    ledger.runs.begin("a", 5_000);
    ledger.runs.requeue("a", 7_000);
    expect(ledger.runs.get("a")).toMatchObject({ status: "queued", readyAtMs: 7_000, attempt: 1, startedAtMs: 5_000 });
    ledger.runs.begin("a", 7_500);
    expect(ledger.runs.get("a")).toMatchObject({ status: "running", attempt: 2, startedAtMs: 5_000 });
  });
});

describe("settling", () => {
  it("writes the one final status once", () => {
    ledger.runs.insert(newRun("a", "j"));
    ledger.runs.begin("a", 1);
    const settled = { ...END, status: "succeeded", outcome: "exited", exitCode: 0, summary: "fine" } as const;
    expect(ledger.runs.settle("a", settled)).toBe(true);
    expect(ledger.runs.settle("a", { ...END, status: "lost" })).toBe(false);
    expect(ledger.runs.get("a")).toMatchObject(settled);
    ledger.runs.requeue("a", 1);
    ledger.runs.setReady("a", 1);
    expect(ledger.runs.get("a")?.status).toBe("succeeded");
    ledger.runs.setDelivery("a", "not-delivered", "HTTP 500");
    expect(ledger.runs.get("a")).toMatchObject({ deliveryStatus: "not-delivered", deliveryError: "HTTP 500" });
    ledger.runs.setDelivery("a", "delivered");
    expect(ledger.runs.get("a")).not.toHaveProperty("deliveryError");
  });

  it("of a run that was skipped from the start is complete with its first row", () => {
    ledger.runs.insert({ ...scheduled("a", 5), status: "skipped", reason: "overlap", endedAtMs: 77 });
    ledger.runs.insert({ ...scheduled("b", 6), status: "missed" });
    expect(ledger.runs.get("a")).toMatchObject({ status: "skipped", reason: "overlap", endedAtMs: 77, attempt: 0 });
    expect(ledger.runs.get("b")).toMatchObject({ endedAtMs: 1_000 });
    expect(ledger.runs.count()).toEqual({ queued: 0, running: 0, total: 2 });
    expect(ledger.runs.settle("a", { ...END, status: "succeeded" })).toBe(false);
  });

  it("remembers the newest run that ended ok", () => {
    for (const [id, status] of [
      ["a", "succeeded"],
      ["b", "succeeded"],
      ["c", "failed"],
    ] as const) {
      ledger.runs.insert(newRun(id, "j"));
      ledger.runs.begin(id, 1);
      ledger.runs.settle(id, { ...END, status });
    }
    expect(ledger.runs.lastOk("j")?.id).toBe("b");
    expect(ledger.runs.lastOk("none")).toBeUndefined();
  });
});

describe("the audit's count", () => {
  it("adds up the instants that rows cover within a range", () => {
    ledger.runs.insert(scheduled("a", 100));
    ledger.runs.insert({ ...scheduled("b", 200), status: "missed", throughMs: 500, covers: 4 });
    ledger.runs.insert(scheduled("c", 600));
    ledger.runs.insert(newRun("manual", "j", { scheduledForMs: 600 }));
    ledger.runs.insert(scheduled("d", 600, "other"));
    expect(ledger.runs.coveredCount("j", 0, 600)).toBe(6);
    expect(ledger.runs.coveredCount("j", 100, 600), "the start is outside").toBe(5);
    expect(ledger.runs.coveredCount("j", 0, 500), "the end is inside").toBe(5);
    expect(ledger.runs.coveredCount("j", 500, 599)).toBe(0);
    expect(ledger.runs.coveredCount("none", 0, 600)).toBe(0);
  });
});

describe("finding runs", () => {
  it("takes an exact id or a unique prefix of four", () => {
    for (const id of ["abcd", "abcd-1", "abxy-1", "abxy-2"]) ledger.runs.insert(newRun(id, id));
    const found = (text: string) => ledger.runs.matches(text).map((run) => run.id);
    expect(found("abcd")).toEqual(["abcd"]);
    expect(found("abcd-")).toEqual(["abcd-1"]);
    expect(found("abxy")).toEqual(["abxy-1", "abxy-2"]);
    expect(found("abx")).toEqual([]);
  });
});
