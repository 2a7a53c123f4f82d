import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { JOB_REFUSAL, REFUSAL } from "../../src/host/agents/guard.ts";
import type {
  AgentTool,
  GatewayClientInfo,
  MethodHandler,
  PluginApi,
  PluginService,
  ToolCallEvent,
} from "../../src/host/gateway/sdk.ts";
import { METHOD_SCOPES } from "../../src/host/method-scopes.ts";
import { registerPlugin } from "../../src/host/register.ts";
import { CommandCronError } from "../../src/kernel/errors.ts";
import { silentLogger } from "../../src/kernel/logger.ts";

const started: unknown[] = [];
const dispatched: unknown[][] = [];
let failure: unknown;
const stops: boolean[] = [];
let dispatch: (...asked: unknown[]) => Promise<unknown>;
const arrived: string[] = [];
let cronChanged: (event: { action: string; jobId: string }) => void;

vi.mock("../../src/host/runtime.ts", async () => ({
  toGatewayError: (await import("../../src/rpc/index.ts")).toGatewayError,
  reportStopped: (await import("../../src/engine/status/index.ts")).reportStopped,
  versionOf: async () => "1.2.3",
  startRuntime: async (options: unknown) => {
    started.push(options);
    if (failure !== undefined) throw failure;
    return {
      ...{ cronAdded: (id: string) => void arrived.push(id), cronChanged: () => {} },
      holdsJob: (id: string) => id === "ours",
      dispatch(...asked: unknown[]) {
        dispatched.push(asked);
        return dispatch(...asked);
      },
      stop: async (replaced: boolean) => void stops.push(replaced),
    };
  },
}));

const everyService: PluginService[][] = [];

function fakeApi(registrationMode: string) {
  const methods = new Map<string, { handler: MethodHandler; scope: string }>();
  const services: PluginService[] = [];
  everyService.push(services);
  const tools: AgentTool[] = [];
  const hooks: ((event: ToolCallEvent) => unknown)[] = [];
  const policies: { id: string; evaluate(event: ToolCallEvent): unknown }[] = [];
  const commands: string[] = [];
  const endings: (() => void)[] = [];
  registerPlugin(
    {
      registrationMode,
      logger: silentLogger,
      pluginConfig: { concurrency: 3 },
      registerService: (service) => void services.push(service),
      registerGatewayMethod: (name, handler, { scope }) => void methods.set(name, { handler, scope }),
      registerCli: (_registrar, { descriptors }) => void commands.push(...descriptors.map(({ name }) => name)),
      registerHttpRoute: () => {},
      registerTool: (tool) => void tools.push(tool),
      registerTrustedToolPolicy: (policy) => void policies.push(policy),
      on: ((hook: string, handler: (event: ToolCallEvent) => unknown) => {
        if (hook === "before_tool_call") hooks.push(handler);
        if (hook === "cron_changed") cronChanged = handler as never;
        if (hook === "gateway_stop") endings.push(handler as () => void);
      }) as PluginApi["on"],
    },
    { runnerFile: "/runner.js", pageFile: "/page.html", packageFile: "/package.json" },
  );
  const call = async (name: string, params: unknown = {}, client?: GatewayClientInfo) => {
    const answers: unknown[][] = [];
    await methods
      .get(name)
      ?.handler({ params, ...(client === undefined ? {} : { client }), respond: (...a) => void answers.push(a) });
    expect(answers).toHaveLength(1);
    return answers[0];
  };
  const ends = () => endings.forEach((end) => void end());
  return { methods, services, tools, hooks, policies, commands, call, ends };
}

/** What a method answers that is refused with this code of ours. */
const refused = (code: string, more: object = {}, details: object = {}) => [
  false,
  undefined,
  expect.objectContaining({ ...more, details: expect.objectContaining({ code, ...details }) }),
];

const health = {
  problems: [] as unknown[],
  reportFailure: (error: unknown) => void health.problems.push(error),
  clearFailure() {},
};
const context = { stateDir: "/state", logger: silentLogger, serviceHealth: health };

beforeEach(() => {
  started.length = 0;
  dispatched.length = 0;
  health.problems.length = 0;
  failure = undefined;
  stops.length = 0;
  dispatch = async () => ({ fine: true });
});

afterEach(async () => {
  for (const service of everyService.splice(0).flat()) await service.stop(context);
});

describe("registering", () => {
  test("does nothing but register, in every mode", () => {
    for (const mode of ["full", "discovery", "tool-discovery", "setup-only", "setup-runtime", "cli-metadata"]) {
      expect(fakeApi(mode).commands).toEqual(["command-cron"]);
    }
    expect(started).toEqual([]);
  });

  test("for help only the command is named", () => {
    const api = fakeApi("cli-metadata");
    expect([api.methods.size, api.services.length, api.tools.length, api.hooks.length]).toEqual([0, 0, 0, 0]);
  });

  test("whoever looks at the plugin sees its methods, its service and its hooks", () => {
    const looked = fakeApi("tool-discovery");
    expect([looked.methods.size, looked.services.length]).toEqual([Object.keys(METHOD_SCOPES).length, 1]);
  });

  test("every method has the scope of the table", () => {
    const { methods } = fakeApi("full");
    expect(Object.fromEntries([...methods].map(([name, { scope }]) => [name, scope]))).toEqual(METHOD_SCOPES);
  });
});

describe("the service", () => {
  test("answers SERVICE_STOPPED before it starts and after it stopped", async () => {
    const api = fakeApi("full");
    expect(await api.call("cron.command.status")).toEqual(refused("SERVICE_STOPPED"));
    await api.services[0]?.start(context);
    expect(await api.call("cron.command.status")).toEqual([true, { fine: true }]);
    await api.services[0]?.stop(context);
    expect(stops).toHaveLength(1);
    expect((await api.call("cron.command.status"))?.[0]).toBe(false);
  });

  test("that cannot start lets the gateway start, reports itself unhealthy and names the reason in every answer", async () => {
    failure = new CommandCronError("STATE_UNWRITABLE", { got: "/state" });
    const api = fakeApi("full");
    await expect(api.services[0]?.start(context)).resolves.toBeUndefined();
    expect(health.problems).toEqual([failure]);
    expect(await api.call("cron.command.list")).toEqual(
      refused("STATE_UNWRITABLE", {}, { sinceMs: expect.any(Number) }),
    );
    expect(await api.call("cron.command.status")).toMatchObject([true, { state: "stopped" }]);
    await api.services[0]?.stop(context);
  });

  test("tries again by itself", async () => {
    vi.useFakeTimers();
    try {
      failure = new Error("disk full");
      const api = fakeApi("full");
      await api.services[0]?.start(context);
      failure = undefined;
      await vi.advanceTimersByTimeAsync(60_000);
      expect(started).toHaveLength(2);
      expect(await api.call("cron.command.status")).toEqual([true, { fine: true }]);
      await api.services[0]?.stop(context);
    } finally {
      vi.useRealTimers();
    }
  });

  test("gives way at once, and drains only when the gateway ends", async () => {
    const replaced = fakeApi("full");
    await replaced.services[0]?.start(context);
    await replaced.services[0]?.stop(context);
    const ended = fakeApi("full");
    await ended.services[0]?.start(context);
    ended.ends();
    await ended.services[0]?.stop(context);
    expect(stops).toEqual([true, false]);
  });

  test("hears of jobs that the gateway's cron takes, those of before its start too", async () => {
    const api = fakeApi("full");
    cronChanged({ action: "added", jobId: "early" });
    cronChanged({ action: "finished", jobId: "other" });
    await api.services[0]?.start(context);
    cronChanged({ action: "added", jobId: "later" });
    expect(arrived).toEqual(["early", "later"]);
  });

  test("gets the plugin's config and the gateway's state directory", async () => {
    const api = fakeApi("full");
    await api.services[0]?.start(context);
    expect(started[0]).toMatchObject({ config: { concurrency: 3 }, context, files: { runnerFile: "/runner.js" } });
  });
});

describe("callers", () => {
  const agent: GatewayClientInfo = {
    connect: { client: { id: "cli", mode: "cli" } },
    internal: { agentRuntimeIdentity: { kind: "agentRuntime", agentId: "main" } },
  };

  test("that the gateway vouches are agents are refused by every method", async () => {
    const api = fakeApi("full");
    await api.services[0]?.start(context);
    for (const name of Object.keys(METHOD_SCOPES)) {
      expect(await api.call(name, {}, agent), name).toEqual(refused("AGENT_REFUSED", { code: "FORBIDDEN" }));
    }
    expect(dispatched).toEqual([]);
  });

  test("are told apart by a short name, and nothing else of them goes on", async () => {
    const api = fakeApi("full");
    await api.services[0]?.start(context);
    const secret = { connect: { client: { id: "gateway-client", mode: "backend" }, auth: { token: "secret" } } };
    await api.call("cron.command.add", { a: 1 }, secret as GatewayClientInfo);
    expect(dispatched).toEqual([["cron.command.add", { a: 1 }, { label: "gateway-client (backend)" }]]);
  });

  test("always get an answer, also when the engine throws what nobody expected", async () => {
    const api = fakeApi("full");
    await api.services[0]?.start(context);
    dispatch = () => Promise.reject(new TypeError("boom"));
    expect(await api.call("cron.command.list")).toEqual(refused("INTERNAL", { code: "UNAVAILABLE" }));
  });
});

describe("agents' tools", () => {
  const params = { action: "add", job: { payload: { kind: "command", argv: ["id"] } } };

  test("a command payload is refused by hook and by policy, in the same words", () => {
    const { hooks, policies } = fakeApi("full");
    const refused = { block: true, blockReason: REFUSAL };
    expect(hooks[0]?.({ toolName: "automations", params })).toEqual(refused);
    expect(policies[0]?.evaluate({ toolName: "cron", params })).toEqual(refused);
    expect(hooks[0]?.({ toolName: "exec", params })).toBeUndefined();
    expect(REFUSAL).toBe(
      "cron command payloads cannot be created or edited through the agent cron tool; use the CLI or Gateway API.",
    );
  });

  test("a command job can be looked at, and not run or changed", async () => {
    const api = fakeApi("full");
    const run = { toolName: "cron", params: { action: "run", id: "ours" } };
    expect(api.hooks[0]?.(run)).toBeUndefined();
    await api.services[0]?.start(context);
    expect(api.hooks[0]?.(run)).toEqual({ block: true, blockReason: JOB_REFUSAL });
    expect(api.hooks[0]?.({ toolName: "cron", params: { action: "get", id: "ours" } })).toBeUndefined();
    expect(api.hooks[0]?.({ toolName: "cron", params: { action: "run", id: "theirs" } })).toBeUndefined();
    await api.services[0]?.stop(context);
  });

  test("a tool that is registered beside the started plugin reaches the same service", async () => {
    const api = fakeApi("full");
    const beside = fakeApi("tool-discovery");
    await api.services[0]?.start(context);
    dispatch = async () => ({ total: 0, jobs: [], approvals: [] });
    const details = { total: 0, jobs: [], waitingForApproval: [] };
    expect((await beside.tools[0]?.execute("call", {}))?.details).toEqual(details);
    await api.services[0]?.stop(context);
    await expect(beside.tools[0]?.execute("call", {})).rejects.toThrow("not running");
  });

  test("the status tool shows neither argv nor environment nor input", async () => {
    const api = fakeApi("full");
    await api.services[0]?.start(context);
    const request = { runId: "r", jobId: "1", jobName: "a", risk: "write_local", requestedAtMs: 1, expiresAtMs: 2 };
    const payload = { kind: "command", argv: ["hidden"], env: { KEY: "hidden" }, input: "hidden" };
    dispatch = async (name) =>
      name === "cron.command.list"
        ? { total: 1, jobs: [{ id: "1", name: "a", enabled: true, schedule: {}, state: {}, payload }] }
        : { approvals: [{ ...request, command: "hidden", plan: "hidden", hash: "hidden" }] };
    const result = await api.tools[0]?.execute("call", {});
    const jobs = [{ id: "1", name: "a", enabled: true, schedule: {}, state: {} }];
    expect(result?.details).toEqual({ total: 1, jobs, waitingForApproval: [request] });
    expect(JSON.stringify(result)).not.toContain("hidden");
  });

  test("the status tool shows a job, its runs and the end of its log", async () => {
    const api = fakeApi("full");
    await api.services[0]?.start(context);
    const answers: Record<string, unknown> = {
      "cron.command.get": { id: "1", name: "a", enabled: true, schedule: {}, state: {} },
      "cron.command.runs": { entries: [{ runId: "r", status: "ok", stdout: "hidden", deliveryStatus: "delivered" }] },
      "cron.command.log": {
        chunks: [{ dataBase64: Buffer.from("last ").toString("base64") }, { dataBase64: "bGluZQ==" }],
      },
    };
    dispatch = async (name) => answers[String(name)];
    const result = await api.tools[0]?.execute("call", { job: "a", log: true });
    expect(result?.details).toMatchObject({ job: { id: "1" }, runs: [{ runId: "r", status: "ok" }], log: "last line" });
    expect(dispatched[1]?.[1]).toMatchObject({ id: "1" });
  });
});
