import { describe, expect, it } from "vitest";
import type { EngineApi } from "../../src/engine/api.ts";
import { CommandCronError } from "../../src/kernel/errors.ts";
import { createDispatcher, METHODS, toGatewayError } from "../../src/rpc/index.ts";
import { JOB, jobNotFound, recordingEngine } from "./recording-engine.ts";

const CALLER = { label: "test" };
const JOB_INPUT = { schedule: { kind: "every", everyMs: 60_000 }, payload: { kind: "command", argv: ["df"] } };

function setUp(answers: Partial<EngineApi> = {}) {
  const { engine, calls } = recordingEngine(answers);
  const dispatcher = createDispatcher(() => engine);
  const ask = (name: string, params: unknown) => dispatcher.dispatch(`cron.command.${name}`, params, CALLER);
  return { ask, calls, dispatcher };
}

async function refusal(work: Promise<unknown>): Promise<CommandCronError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof CommandCronError) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

/** Parameters that fit, the engine call they become, and its arguments. */
const CALLS: [name: string, params: unknown, method: string, args: unknown[]][] = [
  ["remove", { id: "Disk" }, "removeJob", ["Disk", CALLER, undefined]],
  ["remove", { jobId: "Disk", stop: true }, "removeJob", ["Disk", CALLER, true]],
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
  ["cancel", { runId: "run-1" }, "cancel", ["run-1", CALLER]],
  ["cancel", { id: "Disk" }, "cancel", ["Disk", CALLER]],
  ["log", { runId: "run-1" }, "log", ["run-1", { limit: 262_144 }]],
  ["log", { id: "Disk", offset: 7, limit: 9, attempt: 2 }, "log", ["Disk", { offset: 7, limit: 9, attempt: 2 }]],
  ["log", { id: "Disk", tailBytes: 9 }, "log", ["Disk", { limit: 262_144, tailBytes: 9 }]],
  ["alerts", {}, "alerts", [{ limit: 50, offset: 0, openOnly: true }]],
  [
    "alerts",
    { id: "Disk", openOnly: false, limit: 1, offset: 2 },
    "alerts",
    [{ limit: 1, offset: 2, openOnly: false, jobId: JOB.id }],
  ],
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
  ["lanes", {}, "status", []],
  ["lanes.pause", { destination: "irc #ops" }, "pauseLane", ["irc #ops", true, CALLER]],
  ["lanes.resume", { destination: "irc #ops" }, "pauseLane", ["irc #ops", false, CALLER]],
  ["export", {}, "exportJobs", []],
  ["backup", {}, "backup", [undefined]],
  ["backup", { file: "/b" }, "backup", ["/b"]],
  ["check", {}, "checkLedger", []],
];

describe("a call that fits", () => {
  it.each(CALLS)("%s %j asks the engine once, with the caller", async (name, params, method, args) => {
    const { ask, calls } = setUp();
    await ask(name, params);
    expect(calls.at(-1)).toEqual({ method, args });
  });

  it("covers every method of the table, together with the tests below", () => {
    const elsewhere = ["add", "update", "report", "import", "adopt", "release"];
    const named = new Set([...CALLS.map(([name]) => name), ...elsewhere]);
    expect(METHODS.map(({ name }) => name.replace("cron.command.", "")).sort()).toEqual([...named].sort());
  });
});

describe("cron.command.add", () => {
  it("answers with the job and its next instants", async () => {
    const { ask, calls } = setUp();
    const answer = await ask("add", { ...JOB_INPUT, idempotencyKey: "k" });
    expect(answer).toMatchObject({ id: JOB.id, next: [{ atMs: 60_000 }] });
    expect(calls[0]).toMatchObject({
      method: "addJob",
      args: [{ name: "df", payload: { argv: ["df"] } }, CALLER, { idempotencyKey: "k" }],
    });
  });

  it("answers as the gateway does for a declaration", async () => {
    const { ask } = setUp();
    const answer = await ask("add", { ...JOB_INPUT, declarationKey: "disk" });
    expect(answer).toMatchObject({ created: true, updated: false, job: { id: JOB.id } });
  });

  it("refuses a blank idempotency key", async () => {
    const error = await refusal(setUp().ask("add", { ...JOB_INPUT, idempotencyKey: " " }));
    expect(error.message).toContain("idempotencyKey: ");
  });
});

describe("cron.command.update", () => {
  it("hands over patch, revision and stop", async () => {
    const { ask, calls } = setUp();
    await ask("update", { id: "Disk", patch: { enabled: false }, expectedConfigRevision: "r1", stop: true });
    expect(calls).toEqual([{ method: "updateJob", args: ["Disk", { enabled: false }, CALLER, "r1", true] }]);
  });

  it("measures a new env together with the stored argv", async () => {
    const argv = Array(8).fill("x".repeat(120_000));
    const { ask, calls } = setUp({ getJob: () => ({ ...JOB, payload: { kind: "command", argv } }) });
    const env = Object.fromEntries(["A", "B"].map((name) => [name, "x".repeat(100_000)]));
    const error = await refusal(ask("update", { id: "Disk", patch: { payload: { env } } }));
    expect(error.code).toBe("PAYLOAD_TOO_LARGE");
    expect(calls.map(({ method }) => method)).toEqual(["getJob"]);
    await ask("update", { id: "Disk", patch: { payload: { env, argv: ["true"] } } });
    expect(calls.at(-1)?.method).toBe("updateJob");
  });
});

describe("cron.command.report and import", () => {
  const REPORT = {
    team: "t",
    worker: "w",
    taskId: "1",
    progress: "",
    done: "",
    next: "",
    status: "normal",
    source: "s",
  };

  it("hands a report over unchanged", async () => {
    const { ask, calls } = setUp();
    const report = { ...REPORT, done: "完成 ✅\n", to: { mode: "announce", channel: "irc", to: "#ops" }, dryRun: true };
    await ask("report", report);
    expect(calls).toEqual([{ method: "report", args: [report, CALLER] }]);
  });

  it("gives the import the same validator as `add`, and does not apply by itself", async () => {
    const { ask, calls } = setUp();
    await ask("import", { file: { version: 1, jobs: [] } });
    const options = calls[0]?.args[1] as { validate(job: unknown): unknown };
    expect(options).toMatchObject({ format: "jobs", apply: false });
    expect(() => options.validate({ payload: {} })).toThrow(CommandCronError);
    expect(options.validate(JOB_INPUT)).toMatchObject({ name: "df" });
  });

  it("takes ten thousand jobs in one call", async () => {
    const { ask, calls } = setUp();
    await ask("import", {
      file: { jobs: Array(10_000).fill({ ...JOB_INPUT, payload: { kind: "command", argv: Array(40).fill("x") } }) },
    });
    expect(calls).toHaveLength(1);
  });
});

describe("cron.command.deliveries.retry", () => {
  const delivery = (deliveryId: string, createdAtMs: number) => ({ deliveryId, createdAtMs });

  it.each([{}, { deliveryId: "d", all: true }, { destination: "x", all: true }, { all: false }])(
    "refuses %j: it must be clear what is meant",
    async (params) => {
      const { ask, calls } = setUp();
      expect((await refusal(ask("deliveries.retry", params))).code).toBe("INVALID_PARAMS");
      expect(calls).toEqual([]);
    },
  );

  it("retries dead and pending ones of a lane, oldest first, page by page", async () => {
    const pages: Record<string, unknown[][]> = {
      dead: [[delivery("b", 2)], [delivery("d", 4)]],
      pending: [[delivery("a", 1), delivery("c", 3)]],
    };
    const listDeliveries = ((query: { state: string; offset: number }) => {
      const all = pages[query.state] ?? [];
      const at = query.offset / 200;
      return { deliveries: all[at], hasMore: at + 1 < all.length };
    }) as unknown as EngineApi["listDeliveries"];
    const { ask, calls } = setUp({ listDeliveries });
    expect(await ask("deliveries.retry", { destination: "irc #ops" })).toMatchObject({ retried: 4 });
    const retried = calls.filter(({ method }) => method === "retryDelivery").map(({ args }) => args[0]);
    expect(retried).toEqual(["a", "b", "c", "d"]);
    expect(calls[0]?.args[0]).toMatchObject({ lane: "irc #ops", state: "dead", sortDir: "asc" });
  });
});

describe("cron.command.adopt and release", () => {
  it("are refused where the gateway's own cron cannot be reached", async () => {
    expect((await refusal(setUp().ask("adopt", { all: true }))).code).toBe("CRON_UNREACHABLE");
  });

  it("plan first, apply when asked", async () => {
    const targets: unknown[] = [];
    const custody = {
      adopt: async (target: unknown) => void targets.push(target),
      release: async (target: unknown) => void targets.push(target),
    };
    const { engine } = recordingEngine();
    const { dispatch } = createDispatcher(
      () => engine,
      () => custody as never,
    );
    await dispatch("cron.command.adopt", { all: true }, CALLER);
    await dispatch("cron.command.release", { jobId: "Disk", apply: true }, CALLER);
    expect(targets).toEqual([
      { all: true, apply: false },
      { id: "Disk", apply: true },
    ]);
  });

  it.each([{}, { id: "x", all: true }])("refuse %j", async (params) => {
    expect((await refusal(setUp().ask("release", params))).message).toContain("either a job's `id` or `all: true`");
  });
});

describe("a call that does not fit", () => {
  it.each([
    ["get", {}, "id: the parameters do not fit. Expected a job id or name. Got nothing."],
    ["get", { id: "a", jobId: "b" }, "Expected either `id` or `jobId`. Got both, and they differ."],
    ["get", { id: "a", extra: 1 }, "extra: the parameters do not fit. Expected a known field. Got an unknown one."],
    ["get", { ids: "a" }, "ids: the parameters do not fit. Expected a known field, perhaps `id`. Got an unknown one."],
    ["get", { id: "" }, "id: the parameters do not fit. Expected a text that is not empty. Got an empty text."],
    ["list", { limit: 201 }, "limit: the parameters do not fit. Expected a number of at most 200. Got 201."],
    ["list", { limit: 1.5 }, "limit: the parameters do not fit. Expected a whole number. Got 1.5."],
    ["list", { agentId: "main" }, "agentId: this field is known to the gateway but not honoured"],
    ["list", { enabled: true }, 'Expected "all", "enabled" or "disabled". Got true.'],
    [
      "run",
      { id: "a", expectedProcessInstanceId: "x" },
      "expectedProcessInstanceId: this field is known to the gateway",
    ],
    [
      "run",
      { id: "a", mode: "soon" },
      'mode: the parameters do not fit. Expected "force", "if-enabled" or "due". Got "soon".',
    ],
    ["runs", { scope: "job" }, "Expected a job's `id` with scope `job`. Got nothing."],
    ["runs", { scope: "all", id: "a" }, 'Expected "job" with a job\'s id. Got "all".'],
    ["runs", { statuses: [] }, "statuses: the parameters do not fit. Expected at least 1 item. Got an empty list."],
    [
      "runs",
      { statuses: ["ok", "ok", "ok", "ok"] },
      "statuses: the parameters do not fit. Expected at most 3 items. Got a list of 4.",
    ],
    ["list", { query: "x".repeat(1_001) }, "query: the parameters do not fit. Expected at most 1000 characters."],
    [
      "import",
      { file: {}, format: "yaml" },
      'Expected "jobs", "crontab", "systemd", "ops-jobs" or "openclaw-scheduler". Got "yaml".',
    ],
    ["runs", { agentId: "main" }, "agentId: this field is known to the gateway"],
    ["cancel", {}, "runId: the parameters do not fit."],
    ["cancel", { runId: "a", id: "b" }, "Expected either a run or a job. Got both."],
    ["log", { runId: "a", offset: 1, tailBytes: 1 }, "Expected either `offset` or `tailBytes`. Got both."],
    ["next", {}, "Expected a job's `id`, or a `schedule`. Got nothing."],
    [
      "next",
      { schedule: { kind: "cron" } },
      "schedule.expr: the parameters do not fit. Expected a value. Got nothing.",
    ],
    ["update", { id: "a" }, "patch: the parameters do not fit. Expected a value. Got nothing."],
    ["update", { id: "a", patch: 5 }, "patch: the parameters do not fit. Expected an object. Got 5."],
    [
      "deliveries.settle",
      { deliveryId: "a", as: "lost" },
      'as: the parameters do not fit. Expected "sent" or "resend". Got "lost".',
    ],
    ["report", { team: "" }, "the parameters do not fit"],
    ["status", { verbose: true }, "verbose: the parameters do not fit. Expected a known field. Got an unknown one."],
    ["add", { ...JOB_INPUT, payload: { kind: "command", argv: [] } }, "payload.argv: "],
  ])("%s %j is refused before the engine is asked", async (name, params, message) => {
    const { ask, calls } = setUp();
    expect((await refusal(ask(name, params))).message).toContain(message);
    expect(calls).toEqual([]);
  });

  it("to a method that does not exist names it", async () => {
    expect((await refusal(setUp().ask("explode", {}))).details).toMatchObject({ got: "cron.command.explode" });
  });

  it("is refused while the service is stopped", async () => {
    const { dispatch } = createDispatcher(() => undefined);
    expect((await refusal(dispatch("cron.command.list", {}, CALLER))).code).toBe("SERVICE_STOPPED");
  });
});

describe("history of what is gone", () => {
  it("is asked for by the id as given", async () => {
    const getRun = (): never => {
      throw new CommandCronError("RUN_NOT_FOUND");
    };
    const { ask, calls } = setUp({ getJob: jobNotFound, getRun });
    await ask("runs", { id: "removed", runId: "pruned" });
    expect(calls.at(-1)).toEqual({
      method: "runs",
      args: [{ limit: 50, offset: 0, jobId: "removed", runId: "pruned" }],
    });
  });

  it("is not mistaken for another failure", async () => {
    const getJob = (): never => {
      throw new CommandCronError("LEDGER_UNAVAILABLE");
    };
    expect((await refusal(setUp({ getJob }).ask("runs", { id: "x" }))).code).toBe("LEDGER_UNAVAILABLE");
  });
});

describe("what goes wrong in the engine", () => {
  it("keeps its code", async () => {
    expect((await refusal(setUp({ getJob: jobNotFound }).ask("get", { id: "x" }))).code).toBe("JOB_NOT_FOUND");
  });

  it("without a code becomes INTERNAL, and its text stays inside", async () => {
    const getJob = (): never => {
      throw new Error("token=hunter2");
    };
    const error = await refusal(setUp({ getJob }).ask("get", { id: "x" }));
    expect(error.code).toBe("INTERNAL");
    expect(JSON.stringify(toGatewayError(error))).not.toContain("hunter2");
    expect((error.cause as Error).message).toBe("token=hunter2");
  });
});

describe("an error as the gateway answers it", () => {
  it.each([
    ["INVALID_PARAMS", "INVALID_REQUEST", false],
    ["JOB_NOT_FOUND", "INVALID_REQUEST", false],
    ["AGENT_REFUSED", "FORBIDDEN", false],
    ["SERVICE_STOPPED", "UNAVAILABLE", true],
    ["LEDGER_CORRUPT", "UNAVAILABLE", false],
    ["INTERNAL", "UNAVAILABLE", false],
  ] as const)("%s becomes %s", (code, gatewayCode, retryable) => {
    const error = new CommandCronError(code, { field: "x" });
    expect(toGatewayError(error)).toEqual({
      code: gatewayCode,
      message: error.message,
      retryable,
      details: { code, field: "x" },
    });
  });

  it("hides what was never meant for a caller", () => {
    expect(toGatewayError(new TypeError("secret"))).toMatchObject({
      code: "UNAVAILABLE",
      details: { code: "INTERNAL" },
    });
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
      "check",
      "deliveries",
      "doctor",
      "get",
      "lanes",
      "list",
      "log",
      "next",
      "runs",
      "status",
    ]);
    expect(METHODS.filter(({ scope }) => scope === "operator.write").map(({ name }) => name)).toEqual([
      "cron.command.report",
    ]);
  });
});
