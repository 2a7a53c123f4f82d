import { describe, expect, it } from "vitest";
import { CommandCronError } from "../../src/kernel/errors.ts";
import { createDispatcher, toGatewayError } from "../../src/rpc/index.ts";
import { CALLER, JOB_INPUT, refusal, setUp } from "./dispatching.ts";
import { jobNotFound } from "./recording-engine.ts";

describe("a call that does not fit", () => {
  it.each<[string, unknown, string]>([
    ["get", 5, "params: the parameters do not fit. Expected an object. Got 5."],
    ["list", [], "params: the parameters do not fit. Expected an object. Got an empty list."],
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
      'Expected "jobs", "crontab", "system-crontab", "systemd", "ops-jobs" or "openclaw-scheduler". Got "yaml".',
    ],
    ["runs", { agentId: "main" }, "agentId: this field is known to the gateway"],
    ["cancel", {}, "runId: the parameters do not fit."],
    ["cancel", { runId: "a", id: "b" }, "Expected either a run or a job. Got both."],
    ["runs", { cursor: "a", offset: 1 }, "Expected either `cursor` or `offset`. Got both."],
    [
      "runs",
      { offset: 50_001 },
      "offset: the parameters do not fit. Expected at most 50000; deeper pages are read by `cursor`, the `nextCursor` of the page before. Got 50001.",
    ],
    ["list", { cursor: "a", offset: 1 }, "Expected either `cursor` or `offset`. Got both."],
    ["log", { runId: "a", offset: 1, tailBytes: 1 }, "Expected either `offset` or `tailBytes`. Got both."],
    ["next", {}, "Expected a job's `id`, or a `schedule`. Got nothing."],
    [
      "timeline",
      { ids: ["a"], sinceMs: 6, untilMs: 5 },
      "sinceMs: the parameters do not fit. Expected an instant at most 2000 times `slotMs` before `untilMs`. Got 6.",
    ],
    ["timeline", { ids: ["a"], sinceMs: 0, untilMs: 1e12 }, "after `sinceMs`. Got 1000000000000."],
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
