import { beforeEach, describe, expect, it } from "vitest";
import type { Ledger } from "../../../src/ledger/types.ts";
import { createTestLedger, newRun, type TestLedger } from "../../helpers/ledger.ts";

let test: TestLedger;
let ledger: Ledger;

beforeEach(() => {
  test = createTestLedger();
  ledger = test.ledger;
});

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
    expect(ledger.runs.count()).toEqual({ queued: 3, awaiting: 0, running: 0, total: 3 });
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
    const queue = (id: string, jobId: string, readyAtMs: number, pool = "default") =>
      ledger.runs.insert(newRun(id, jobId, { queuedAtMs: 5, readyAtMs, pool }));
    queue("a", "1", 30);
    queue("b", "2", 10);
    queue("c", "3", 10);
    queue("d", "4", 50, "slow");
    queue("e", "5", 8.64e15, "held");
    expect(ids(ledger.runs.ready(30, "default", 10))).toEqual(["b", "c", "a"]);
    expect(ids(ledger.runs.ready(30, "default", 2))).toEqual(["b", "c"]);
    expect(ids(ledger.runs.ready(29, "default", 10))).toEqual(["b", "c"]);
    expect(ledger.runs.queuedPools()).toEqual(["default", "held", "slow"]);
    expect(ledger.runs.earliestReadyMs(0)).toBe(10);
    expect(ledger.runs.earliestReadyMs(10)).toBe(30);
    expect(ledger.runs.earliestReadyMs(50)).toBe(8.64e15);
    expect(ledger.runs.earliestReadyMs(8.64e15)).toBeUndefined();
  });

  it("hands out the oldest run of a job that runs one at a time, and none while one is running or comes again", () => {
    for (const id of ["a", "b", "c"]) ledger.runs.insert(newRun(id, "j"));
    ledger.runs.insert(newRun("d", "other"));
    const ready = () => ids(ledger.runs.ready(2_000, "default", 9)).sort();
    expect(ready()).toEqual(["a", "d"]);
    expect(ledger.runs.begin("b", 1_000), "not its turn").toBe("conflict");
    ledger.runs.begin("a", 1_000);
    expect(ready()).toEqual(["d"]);
    ledger.runs.requeue("a", 9_000);
    expect(ready(), "its next attempt comes first").toEqual(["d"]);
    ledger.runs.settle("a", { ...END, status: "canceled" });
    expect(ready(), "however it ended").toEqual(["b", "d"]);
    ledger.runs.settle("b", { ...END, status: "canceled" });
    expect(ready()).toEqual(["c", "d"]);
  });

  it("lets the jobs of a pool take turns, however many runs one of them queues", () => {
    const run = (id: string, jobId: string) => ledger.runs.insert(newRun(id, jobId, { exclusive: false }));
    const ready = () => ids(ledger.runs.ready(2_000, "default", 99));
    const serve = () => {
      const [next = ""] = ready();
      ledger.runs.begin(next, 1_500);
      ledger.runs.settle(next, { ...END, status: "succeeded" });
      return next;
    };
    for (let nth = 0; nth < 5; nth += 1) run(`a${nth}`, "a");
    run("b0", "b");
    expect(ready()).toEqual(["a0", "b0", "a1", "a2", "a3", "a4"]);
    expect([serve(), serve(), serve()]).toEqual(["a0", "b0", "a1"]);
    // Whoever comes back does not pass those that have waited since: a job that is always there starves nobody.
    const served: string[] = [];
    for (let nth = 1; nth < 6; nth += 1) {
      run(`b${nth}`, "b");
      served.push(serve(), serve());
    }
    expect(served.filter((id) => id.startsWith("a"))).toEqual(["a2", "a3", "a4"]);
    expect(served.filter((id) => id.startsWith("b")).length).toBe(5);
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

  it("takes an attempt back that had no process, as if it had never been begun", () => {
    const begin = (attempt: number, atMs: number) => {
      ledger.runs.begin("a", atMs);
      ledger.attempts.begin({ runId: "a", attempt, jobId: "j", owner: "o", startedAtMs: atMs });
    };
    ledger.runs.insert(newRun("a", "j"));
    begin(1, 5_000);
    ledger.runs.putBack("a", 6_000);
    expect(ledger.runs.get("a")).toMatchObject({ status: "queued", readyAtMs: 6_000, attempt: 0 });
    expect(ledger.runs.get("a")).not.toHaveProperty("startedAtMs");
    expect(ledger.attempts.ofRun("a")).toEqual([]);
    begin(1, 7_000);
    ledger.runs.requeue("a", 8_000);
    begin(2, 9_000);
    ledger.runs.putBack("a", 9_500);
    expect(ledger.runs.get("a")).toMatchObject({ status: "queued", attempt: 1, startedAtMs: 7_000 });
    expect(ledger.attempts.ofRun("a").map(({ attempt }) => attempt)).toEqual([1]);
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
    ledger.runs.putBack("a", 1);
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
    expect(ledger.runs.count()).toEqual({ queued: 0, awaiting: 0, running: 0, total: 2 });
    expect(ledger.runs.settle("a", { ...END, status: "succeeded" })).toBe(false);
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
