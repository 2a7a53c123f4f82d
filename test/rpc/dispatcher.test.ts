import { describe, expect, it } from "vitest";
import { METHODS } from "../../src/rpc/index.ts";
import { CALLER, JOB_INPUT, setUp } from "./dispatching.ts";
import { JOB } from "./recording-engine.ts";

/** Parameters that fit, the engine call they become, and its arguments. */
const CALLS: [name: string, params: unknown, method: string, args: unknown[]][] = [
  ["remove", { id: "Disk" }, "removeJob", ["Disk", CALLER, {}]],
  ["remove", { jobId: "Disk", stop: true }, "removeJob", ["Disk", CALLER, { stop: true }]],
  ["remove", { id: "Disk", cascade: true }, "removeJob", ["Disk", CALLER, { cascade: true }]],
  ["run", { id: "Disk", alone: true }, "runJob", ["Disk", CALLER, { mode: "force", alone: true }]],
  ["runs", { chain: "run-1" }, "passage", ["run-1", { limit: 50, offset: 0 }]],
  ["tree", { id: "Disk" }, "tree", ["Disk"]],
  ["get", { id: "Disk" }, "getJob", ["Disk"]],
  ["get", { id: "Disk", jobId: "Disk" }, "getJob", ["Disk"]],
  ["list", {}, "listJobs", [{ limit: 50, offset: 0, includeDisabled: false }]],
  ["list", undefined, "listJobs", [{ limit: 50, offset: 0, includeDisabled: false }]],
  [
    "list",
    { includeDisabled: true, limit: 5, offset: 10 },
    "listJobs",
    [{ limit: 5, offset: 10, includeDisabled: true }],
  ],
  ["list", { enabled: "disabled" }, "listJobs", [{ limit: 50, offset: 0, includeDisabled: true, enabled: false }]],
  ["list", { enabled: "enabled" }, "listJobs", [{ limit: 50, offset: 0, includeDisabled: false, enabled: true }]],
  [
    "list",
    { enabled: "all", scheduleKind: "all", lastRunStatus: "all" },
    "listJobs",
    [{ limit: 50, offset: 0, includeDisabled: true }],
  ],
  [
    "list",
    { query: "x", scheduleKind: "cron", lastRunStatus: "error", sortBy: "name", sortDir: "desc" },
    "listJobs",
    [
      {
        limit: 50,
        offset: 0,
        includeDisabled: false,
        text: "x",
        scheduleKind: "cron",
        lastStatus: "error",
        sortBy: "name",
        sortDir: "desc",
      },
    ],
  ],
  ["run", { id: "Disk" }, "runJob", ["Disk", CALLER, { mode: "force" }]],
  [
    "run",
    { id: "Disk", mode: "due", idempotencyKey: "k" },
    "runJob",
    ["Disk", CALLER, { mode: "due", idempotencyKey: "k" }],
  ],
  ["next", { id: "Disk" }, "next", [{ id: "Disk" }, 10, undefined]],
  ["next", { schedule: JOB_INPUT.schedule, count: 3, afterMs: 5 }, "next", [{ schedule: JOB_INPUT.schedule }, 3, 5]],
  ["state.get", { id: "Disk" }, "getState", ["Disk", undefined]],
  ["state.get", { jobId: "Disk", version: 2 }, "getState", ["Disk", 2]],
  ["state.set", { id: "Disk", content: "[1]" }, "setState", ["Disk", "[1]", CALLER]],
  ["state.set", { id: "Disk", content: null }, "setState", ["Disk", null, CALLER]],
  ["state.history", { id: "Disk" }, "stateHistory", ["Disk"]],
  ["approvals", {}, "approvals", [{ limit: 50, offset: 0, openOnly: true }]],
  ["approvals", { id: "Disk", all: true }, "approvals", [{ limit: 50, offset: 0, openOnly: false, jobId: JOB.id }]],
  ["approve", { runId: "7c1e", hash: "0123abcd" }, "approve", ["7c1e", { hash: "0123abcd" }, CALLER]],
  ["reject", { runId: "7c1e", reason: "no" }, "reject", ["7c1e", { reason: "no" }, CALLER]],
  ["status", {}, "status", []],
  ["doctor", {}, "doctor", []],
  ["runs", {}, "runs", [{ limit: 50, offset: 0 }]],
  ["runs", { scope: "all", status: "all" }, "runs", [{ limit: 50, offset: 0 }]],
  [
    "runs",
    { id: "Disk", scope: "job", status: "error" },
    "runs",
    [{ limit: 50, offset: 0, jobId: JOB.id, statuses: ["error"] }],
  ],
  ["runs", { runId: "run" }, "runs", [{ limit: 50, offset: 0, runId: "run-1" }]],
  [
    "runs",
    {
      statuses: ["ok", "skipped"],
      runStatuses: ["missed"],
      deliveryStatus: "unknown",
      query: "x",
      sinceMs: 1,
      untilMs: 2,
      sortDir: "asc",
      limit: 200,
      offset: 3,
    },
    "runs",
    [
      {
        limit: 200,
        offset: 3,
        statuses: ["ok", "skipped"],
        runStatuses: ["missed"],
        deliveryStatuses: ["unknown"],
        text: "x",
        sinceMs: 1,
        untilMs: 2,
        sortDir: "asc",
      },
    ],
  ],
  [
    "runs",
    { deliveryStatuses: ["pending", "delivered"] },
    "runs",
    [{ limit: 50, offset: 0, deliveryStatuses: ["pending", "delivered"] }],
  ],
  ["cancel", { runId: "run-1" }, "cancel", [{ runId: "run-1" }, CALLER]],
  ["cancel", { id: "Disk" }, "cancel", [{ jobId: "Disk" }, CALLER]],
  ["log", { runId: "run-1" }, "log", [{ runId: "run-1" }, { limit: 262_144 }]],
  [
    "log",
    { id: "Disk", offset: 7, limit: 9, attempt: 2 },
    "log",
    [{ jobId: "Disk" }, { offset: 7, limit: 9, attempt: 2 }],
  ],
  ["log", { id: "Disk", tailBytes: 9 }, "log", [{ jobId: "Disk" }, { limit: 262_144, tailBytes: 9 }]],
  [
    "timeline",
    { ids: ["a", "b"], sinceMs: 0, untilMs: 600_000 },
    "timeline",
    [{ ids: ["a", "b"], sinceMs: 0, untilMs: 600_000, slotMs: 300_000 }],
  ],
  ["alerts", {}, "alerts", [{ limit: 50, offset: 0, openOnly: true }]],
  [
    "alerts",
    { id: "Disk", openOnly: false, limit: 1, offset: 2 },
    "alerts",
    [{ limit: 1, offset: 2, openOnly: false, jobId: JOB.id }],
  ],
  ["alerts.ack", { ref: "a-1" }, "ackAlerts", ["a-1", CALLER]],
  ["alerts.snooze", { ref: "Disk", forSeconds: 60 }, "snoozeAlerts", ["Disk", { forSeconds: 60 }, CALLER]],
  ["deliveries", {}, "listDeliveries", [{ limit: 50, offset: 0 }]],
  ["deliveries", { deliveryId: "d-1" }, "getDelivery", ["d-1"]],
  [
    "deliveries",
    { id: "Disk", runId: "run", destination: "irc #ops", state: "open", kind: "alert", sortDir: "asc" },
    "listDeliveries",
    [
      {
        limit: 50,
        offset: 0,
        jobId: JOB.id,
        runId: "run-1",
        lane: "irc #ops",
        state: "open",
        kind: "alert",
        sortDir: "asc",
      },
    ],
  ],
  ["deliveries.retry", { deliveryId: "d-1" }, "retryDelivery", ["d-1", CALLER]],
  ["deliveries.drop", { deliveryId: "d-1" }, "dropDelivery", ["d-1", CALLER]],
  ["deliveries.settle", { deliveryId: "d-1", as: "resend" }, "settleDelivery", ["d-1", "resend", CALLER]],
  ["lanes", {}, "lanes", [{ all: false }]],
  ["lanes", { all: true }, "lanes", [{ all: true }]],
  ["lanes.pause", { destination: "irc #ops" }, "pauseLane", ["irc #ops", true, CALLER]],
  ["lanes.resume", { destination: "irc #ops" }, "pauseLane", ["irc #ops", false, CALLER]],
  ["export", {}, "exportJobs", [{}]],
  ["export", { limit: 5, cursor: "a" }, "exportJobs", [{ limit: 5, cursor: "a" }]],
  ["backup", {}, "backup", [undefined]],
  ["backup", { file: "/b" }, "backup", ["/b"]],
  ["check", {}, "checkLedger", []],
  ["config", {}, "shownConfig", []],
  ["nodes", {}, "nodes", []],
  ["stats", { id: "Disk", sinceMs: 1 }, "stats", [{ limit: 50, offset: 0, id: "Disk", sinceMs: 1 }]],
  ["summary", { source: "gateway", query: "x" }, "summary", [{ limit: 50, offset: 0, source: "gateway", query: "x" }]],
];

describe("a call that fits", () => {
  it.each(CALLS)("%s %j asks the engine once, with the caller", async (name, params, method, args) => {
    const { ask, calls } = setUp();
    await ask(name, params);
    expect(calls.at(-1)).toEqual({ method, args });
  });

  it("covers every method of the table, together with `methods.test.ts`", () => {
    const elsewhere = ["add", "update", "test", "report", "import", "adopt", "release"];
    const named = new Set([...CALLS.map(([name]) => name), ...elsewhere]);
    expect(METHODS.map(({ name }) => name.replace("cron.command.", "")).sort()).toEqual([...named].sort());
  });
});

describe("the method table", () => {
  it("has unique names under one prefix and says what each answers", () => {
    const names = METHODS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const method of METHODS) {
      expect(method.name).toMatch(/^cron\.command\.[a-z.]+$/);
      expect(method.says).toMatch(/\.$/);
    }
  });

  it("needs admin for everything that stores, starts, ends or shows secrets", () => {
    const read = METHODS.filter(({ scope }) => scope === "operator.read").map(({ name }) =>
      name.replace("cron.command.", ""),
    );
    expect(read.sort()).toEqual([
      "alerts",
      "approvals",
      "check",
      "config",
      "deliveries",
      "doctor",
      "get",
      "lanes",
      "list",
      "log",
      "next",
      "nodes",
      "runs",
      "state.history",
      "stats",
      "status",
      "summary",
      "timeline",
      "tree",
    ]);
    expect(METHODS.filter(({ scope }) => scope === "operator.write").map(({ name }) => name)).toEqual([
      "cron.command.alerts.ack",
      "cron.command.alerts.snooze",
      "cron.command.report",
    ]);
    expect(METHODS.filter(({ scope }) => scope === "operator.approvals").map(({ name }) => name)).toEqual([
      "cron.command.approve",
      "cron.command.reject",
    ]);
  });
});
