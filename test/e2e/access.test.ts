import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { JOB_REFUSAL, REFUSAL } from "../../src/host/agents/guard.ts";
import { METHOD_SCOPES } from "../../src/host/method-scopes.ts";
import type { GatewayCallError, GatewayClient, Scope } from "../helpers/gateway-client.ts";
import { E2E_GATEWAYS, job, type PluginGateway, startPluginGateway } from "../helpers/plugin-gateway.ts";

const RANK: Record<string, number> = { "operator.read": 1, "operator.write": 2, "operator.admin": 3 };
const ADMIN_METHODS = Object.entries(METHOD_SCOPES).filter(([, scope]) => scope === "operator.admin");

describe.each(E2E_GATEWAYS)("who may do what on OpenClaw %s", (version) => {
  let world: PluginGateway;

  beforeAll(async () => {
    world = await startPluginGateway({ version });
  });
  afterAll(() => world?.close());

  const refusalOf = (client: GatewayClient, method: string, params: unknown = {}): Promise<GatewayCallError> =>
    client.call(method, params).then(
      (answer) => Promise.reject(new Error(`${method} answered ${JSON.stringify(answer)}`)),
      (error: GatewayCallError) => error,
    );
  const storedJobs = async (): Promise<number> => {
    const { total } = await world.client().call<{ total: number }>("cron.command.list", { includeDisabled: true });
    return total;
  };

  const invoke = async (tool: string, args: unknown) => {
    const response = await fetch(`${world.gateway.httpUrl}/tools/invoke`, {
      method: "POST",
      headers: { authorization: `Bearer ${world.gateway.token}`, "content-type": "application/json" },
      body: JSON.stringify({ tool, args }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  describe("method by method", () => {
    const callers: Record<string, Scope[]> = {
      "no scope": [],
      read: ["operator.read"],
      write: ["operator.write"],
      approvals: ["operator.approvals"],
      admin: ["operator.admin"],
    };
    /** Of read, write and admin each holds those before it; approvals stand beside them, and admin holds them too. */
    const holds = (scopes: readonly Scope[], needed: string): boolean =>
      scopes.some(
        (scope) => scope === needed || scope === "operator.admin" || (RANK[scope] ?? 0) > (RANK[needed] ?? 9),
      );
    const table = Object.fromEntries(
      Object.entries(METHOD_SCOPES).map(([method, needs]): [string, Record<string, string>] => [method, { needs }]),
    );
    const record = (method: string, caller: string, answer: string): void => {
      Object.assign(table[method] ?? {}, { [caller]: answer });
    };
    afterAll(() => console.table(table));

    const answerTo = async (client: GatewayClient, method: string): Promise<string> => {
      const error = await client.call(method, { id: "nobody" }).then(
        () => undefined,
        (refused: GatewayCallError) => refused,
      );
      return error?.message.startsWith("missing scope") ? "refused" : "answered";
    };

    describe.each(Object.entries(callers))("a client with %s", (caller, scopes) => {
      let client: GatewayClient;
      beforeAll(async () => {
        client = await world.gateway.connect({ scopes });
      });
      afterAll(() => client?.close());

      test.each(Object.entries(METHOD_SCOPES))("%s (needs %s)", async (method, needed) => {
        const answer = await answerTo(client, method);
        record(method, caller, answer);
        expect(answer).toBe(holds(scopes, needed) ? "answered" : "refused");
      });
    });

    test.each(Object.entries(METHOD_SCOPES))("%s is no tool of an agent's", async (method) => {
      const { status } = await invoke(method, { id: "nobody" });
      const answer = status >= 400 ? "refused" : "answered";
      record(method, "agent's tool", answer);
      expect(answer).toBe("refused");
    });
  });

  describe.each<Scope>(["operator.read", "operator.write"])("a client with only %s", (granted) => {
    let client: GatewayClient;
    beforeAll(async () => {
      client = await world.gateway.connect({ scopes: [granted] });
    });
    afterAll(() => client?.close());

    test("stores nothing", async () => {
      const error = await refusalOf(client, "cron.command.add", job("sneaked", ["true"]));
      expect(error.message).toBe("missing scope: operator.admin");
      expect(await storedJobs()).toBe(0);
    });
  });

  describe("an agent's tool", () => {
    const payload = { kind: "command", argv: ["id"] };
    const whole = job("from an agent", ["id"]);

    test.each([
      ["a job", { action: "add", job: whole }],
      ["flattened", { action: "add", ...whole }],
      ["a patch", { action: "update", id: "x", patch: { payload } }],
      ["JSON in a string", { action: "add", job: JSON.stringify(whole) }],
      ["other letter case", { action: "add", job: { ...whole, payload: { KIND: " Command ", argv: ["id"] } } }],
      ["no kind", { action: "update", id: "x", patch: { payload: { argv: ["id"] } } }],
    ])("with a command payload as %s is refused by the plugin's own guard", async (_name, args) => {
      expect(await invoke("cron", args)).toMatchObject({
        status: 403,
        body: { error: { type: "tool_call_blocked", message: REFUSAL } },
      });
      expect(await storedJobs()).toBe(0);
    });

    test("cannot run, change or remove a command job that an operator made", async () => {
      const { id } = await world.add(job("an operator's", ["true"]));
      for (const args of [{ action: "run" }, { action: "remove" }, { action: "update", patch: { enabled: false } }]) {
        expect(await invoke("cron", { ...args, id }), args.action).toMatchObject({
          status: 403,
          body: { error: { type: "tool_call_blocked", message: JOB_REFUSAL } },
        });
      }
      expect(await world.runsOf(id)).toEqual([]);
      await world.client().call("cron.command.remove", { id });
      expect(await storedJobs()).toBe(0);
    });

    test("with any other payload is none of the guard's business", async () => {
      const message = 'say {"kind":"command","argv":["id"]}';
      const { body } = await invoke("cron", {
        action: "add",
        job: { ...whole, payload: { kind: "agentTurn", message }, delivery: { mode: "none" } },
      });
      expect(JSON.stringify(body)).not.toContain(REFUSAL);
    });

    test("may look", async () => {
      const { status, body } = await invoke("command_cron_status", {});
      expect(status).toBe(200);
      expect(body).toMatchObject({ result: { details: { total: 0, jobs: [] } } });
    });
  });

  describe("what does not fit is refused by name, and changes nothing", () => {
    const base = () => job("bad", ["true"]);
    const withPayload = (payload: Record<string, unknown>) => ({
      ...base(),
      payload: { kind: "command", argv: ["true"], ...payload },
    });

    test.each<[string, Record<string, unknown>, string, string]>([
      ["an unknown field", { ...base(), retries: 3 }, "INVALID_PARAMS", "retries"],
      ["an unknown payload field", withPayload({ shell: true }), "INVALID_PARAMS", "payload.shell"],
      ["an empty argv", withPayload({ argv: [] }), "INVALID_PARAMS", "payload.argv"],
      ["a NUL byte", withPayload({ argv: ["echo", "a\u0000b"] }), "NUL_BYTE", "payload.argv[1]"],
      [
        "an argument too long to pass",
        withPayload({ argv: ["echo", "x".repeat(200_000)] }),
        "PAYLOAD_TOO_LARGE",
        "payload.argv[1]",
      ],
      ["a negative limit", withPayload({ timeoutSeconds: -1 }), "INVALID_PARAMS", "payload.timeoutSeconds"],
      [
        "an unknown time zone",
        { ...base(), schedule: { kind: "cron", expr: "* * * * *", tz: "Mars/Base" } },
        "TIME_ZONE_UNKNOWN",
        "schedule.tz",
      ],
      [
        "a cron expression that is wrong",
        { ...base(), schedule: { kind: "cron", expr: "61 * * * *" } },
        "SCHEDULE_INVALID",
        "schedule.expr",
      ],
      [
        "one that never fires",
        { ...base(), schedule: { kind: "cron", expr: "0 0 30 2 *" } },
        "SCHEDULE_NEVER_FIRES",
        "schedule.expr",
      ],
      [
        "an instant in the past",
        { ...base(), schedule: { kind: "at", at: "2020-01-01T00:00:00Z" } },
        "SCHEDULE_NEVER_FIRES",
        "schedule.at",
      ],
      [
        "a webhook that is no web address",
        { ...base(), delivery: { mode: "webhook", to: "ftp://x" } },
        "WEBHOOK_URL_INVALID",
        "delivery.to",
      ],
      [
        "a webhook with a password",
        { ...base(), delivery: { mode: "webhook", to: "http://u:p@x/" } },
        "WEBHOOK_URL_INVALID",
        "delivery.to",
      ],
      [
        "an announcement to nowhere",
        { ...base(), delivery: { mode: "announce" } },
        "DELIVERY_TARGET_MISSING",
        "delivery.channel",
      ],
      [
        "an announcement to an unknown channel",
        { ...base(), delivery: { mode: "announce", channel: "nope", to: "x" } },
        "DELIVERY_TARGET_INVALID",
        "delivery.channel",
      ],
    ])("%s", async (_name, params, code, field) => {
      const error = await refusalOf(world.client(), "cron.command.add", params);
      expect(error.details).toMatchObject({ code, field });
      expect(error.message).toContain(field);
      expect(await storedJobs()).toBe(0);
    });

    test("on the command line, with a reason and a non-zero exit", async () => {
      for (const args of [
        ["create", "* * * * *", "--name", "x", "--command", "a", "--command-argv", '["b"]'],
        ["create", "* * * * *", "--name", "x", "--command", "a", "--command-env", "NOT-A-PAIR"],
        ["create", "* * * * *", "--name", "x"],
      ]) {
        const result = await world.bin(args);
        expect(result.code, args.join(" ")).not.toBe(0);
        expect(result.stderr).toMatch(/^error: /);
      }
      expect(await storedJobs()).toBe(0);
    });

    test("ids that nobody has", async () => {
      for (const [method] of ADMIN_METHODS.filter(([name]) => /\.(update|remove|run)$/.test(name))) {
        const error = await refusalOf(world.client(), method, { id: "nobody", patch: { enabled: false } });
        expect(["JOB_NOT_FOUND", "INVALID_PARAMS"], method).toContain(error.details?.["code"]);
      }
    });
  });
});
