import { describe, expect, test } from "vitest";
import { type Answerable, addressOf } from "../../../src/host/client/address.ts";
import { type Connection, type ConnectionEvents, createGatewayPort } from "../../../src/host/client/port.ts";
import { createFakeClock, settle } from "../../helpers/clock.ts";

interface Opened {
  url: string;
  scopes: readonly string[];
  on: ConnectionEvents;
  requests: string[];
  /** Until then nothing is answered. */
  holds?: Promise<unknown>;
  closed: number;
}

function setUp(mode: "off" | "read" | "write" = "read", missing?: string) {
  const clock = createFakeClock();
  const opened: Opened[] = [];
  let lacks = missing;
  const port = createGatewayPort({
    mode,
    clock,
    address: async () => (lacks === undefined ? { url: "ws://127.0.0.1:1" } : { missing: lacks }),
    async open({ url }, scopes, on): Promise<Connection> {
      const one: Opened = { url, scopes, on, requests: [], closed: 0 };
      opened.push(one);
      return {
        async request(method) {
          one.requests.push(method);
          await one.holds;
          return { method };
        },
        // The gateway's client tells the end of a connection also to whoever has ended it.
        close() {
          one.closed += 1;
          setImmediate(() => on.failed(new Error("closed: 1005")));
        },
      };
    },
  });
  const failure = (work: Promise<unknown>) =>
    work.then(
      () => "answered",
      (error: { code: string; details: { reason: string } }) => `${error.code}: ${error.details.reason}`,
    );
  const found = (): void => {
    lacks = undefined;
  };
  return { clock, opened, port, failure, found };
}

const latest = (opened: Opened[]): Opened => opened.at(-1) as Opened;

describe("the plugin's own client of the gateway", () => {
  test("is made when something is asked, once for all who ask, and with the scopes of the setting alone", async () => {
    const { port, opened } = setUp();
    expect(port.status()).toMatchObject({ mode: "read", state: "idle" });
    expect(opened).toHaveLength(0);
    const answers = Promise.all([port.request("cron.runs", {}), port.request("cron.list", {})]);
    await settle();
    expect(opened).toHaveLength(1);
    expect(latest(opened).scopes).toEqual(["operator.read"]);
    latest(opened).on.open(["operator.read"]);
    expect(await answers).toEqual([{ method: "cron.runs" }, { method: "cron.list" }]);
    expect(port.status()).toMatchObject({ state: "connected", detail: "connected with operator.read" });
    expect(port.allows("operator.write")).toBe(false);
    expect(setUp("write").port.allows("operator.write")).toBe(true);
  });

  test("lets go when nothing is asked for a minute, and comes back with the next request", async () => {
    const { port, opened, clock } = setUp();
    const ask = async () => {
      const answer = port.request("cron.runs", {});
      await settle();
      latest(opened).on.open(["operator.read"]);
      return await answer;
    };
    await ask();
    await clock.advance(59_000);
    expect(latest(opened).closed).toBe(0);
    await clock.advance(2_000);
    expect(latest(opened).closed).toBe(1);
    await settle();
    expect(port.status().state).toBe("idle");
    await ask();
    expect(opened).toHaveLength(2);
    expect(port.status().state).toBe("connected");
  });

  test("lets go of no connection whose request is under way, however long after another one", async () => {
    const { port, opened, clock } = setUp();
    const first = port.request("plugin.approval.request", {});
    await settle();
    latest(opened).on.open(["operator.read"]);
    await first;
    let answer = (): void => {};
    latest(opened).holds = new Promise((resolve) => {
      answer = () => resolve(undefined);
    });
    const second = port.request("plugin.approval.waitDecision", {}, { timeoutMs: 600_000 });
    await settle();
    await clock.advance(300_000);
    expect(latest(opened).closed).toBe(0);
    answer();
    expect(await second).toEqual({ method: "plugin.approval.waitDecision" });
    await clock.advance(61_000);
    expect(latest(opened).closed).toBe(1);
  });

  test("begins anew at once when a connection that served has ended", async () => {
    const { port, opened } = setUp();
    const first = port.request("cron.runs", {});
    await settle();
    latest(opened).on.open(["operator.read"]);
    await first;
    latest(opened).on.failed(new Error("closed: 1012 service restart"));
    expect(port.status().state).toBe("idle");
    const second = port.request("cron.list", {});
    await settle();
    expect(opened).toHaveLength(2);
    latest(opened).on.open(["operator.read"]);
    expect(await second).toEqual({ method: "cron.list" });
  });

  test("says what is missing, and knocks no more than twice a minute", async () => {
    const { port, opened, clock, failure } = setUp();
    const refused = failure(port.request("cron.runs", {}));
    await settle();
    latest(opened).on.failed(new Error("unauthorized: token mismatch"));
    expect(await refused).toBe("GATEWAY_CLIENT_UNAVAILABLE: unauthorized: token mismatch");
    expect(port.status()).toMatchObject({ state: "unavailable", detail: "unauthorized: token mismatch" });
    expect(await failure(port.request("cron.runs", {}))).toContain("token mismatch");
    expect(opened).toHaveLength(1);
    await clock.advance(31_000);
    void failure(port.request("cron.runs", {}));
    await settle();
    expect(opened).toHaveLength(2);
  });

  test("does nothing without the scopes it asked for", async () => {
    const { port, opened, failure } = setUp("write");
    const refused = failure(port.request("message.action", {}));
    await settle();
    expect(latest(opened).scopes).toEqual(["operator.read", "operator.write"]);
    latest(opened).on.open(["operator.read"]);
    expect(await refused).toContain("does not grant operator.write");
    expect(latest(opened)).toMatchObject({ closed: 1, requests: [] });
  });

  test("waits ten seconds for a gateway that says nothing", async () => {
    const { port, opened, clock, failure } = setUp();
    const silent = failure(port.request("cron.runs", {}));
    await settle();
    await clock.advance(10_000);
    expect(await silent).toContain("no answer for 10 s");
    expect(latest(opened).closed).toBe(1);
  });

  test("holds up no stop, even while it connects", async () => {
    const { port, opened, failure } = setUp();
    const asked = failure(port.request("cron.runs", {}));
    await settle();
    port.close();
    expect(await asked).toContain("the service stops");
    expect(latest(opened).closed).toBe(1);
    expect(await failure(port.request("cron.runs", {}))).toContain("the service stops");
    expect(opened).toHaveLength(1);
  });

  test("makes no connection for a request that a stop overtakes before it is known where to connect", async () => {
    const { port, opened, failure } = setUp();
    const asked = failure(port.request("cron.runs", {}));
    port.close();
    await settle();
    expect(opened).toEqual([]);
    expect(await asked).toContain("the service stops");
  });

  test("is off where the operator says so, and idle where there is no address", async () => {
    const off = setUp("off");
    expect(off.port.status()).toMatchObject({ mode: "off", state: "off" });
    expect(await off.failure(off.port.request("cron.runs", {}))).toContain('`gatewayClient` is "off"');
    const nowhere = setUp("read", "`gateway.tls` is on");
    expect(await nowhere.failure(nowhere.port.request("cron.runs", {}))).toContain("`gateway.tls` is on");
    expect([...off.opened, ...nowhere.opened]).toEqual([]);
  });

  test("asks as soon as the gateway has said where it listens: without an address nobody was asked before", async () => {
    const { port, opened, failure, found } = setUp("write", "the gateway has not said yet where it listens");
    expect(await failure(port.request("message.action", {}))).toContain("not said yet");
    expect(port.status()).toMatchObject({ state: "unavailable", detail: expect.stringContaining("not said yet") });
    found();
    const answer = port.request("message.action", {});
    await settle();
    latest(opened).on.open(["operator.read", "operator.write"]);
    expect(await answer).toEqual({ method: "message.action" });
  });
});

describe("its address", () => {
  const of = (gateway: Answerable["config"]["gateway"], port: number | undefined = 18_789) =>
    addressOf({
      port,
      config: gateway === undefined ? {} : { gateway },
      secret: async (value, path) => (typeof value === "object" ? `resolved ${path}` : (value as string | undefined)),
    });

  test("is this gateway's on 127.0.0.1, with the credential of its own config and no other", async () => {
    expect(await of({ auth: { mode: "token", token: "t", password: "p" } })).toEqual({
      url: "ws://127.0.0.1:18789",
      token: "t",
    });
    expect(await of({ auth: { password: "p" }, bind: "lan" })).toEqual({ url: "ws://127.0.0.1:18789", password: "p" });
    expect(await of({ auth: { token: { source: "env", provider: "default", id: "T" } } })).toEqual({
      url: "ws://127.0.0.1:18789",
      token: "resolved gateway.auth.token",
    });
    expect(await of({ auth: { mode: "none", token: "t" } })).toEqual({ url: "ws://127.0.0.1:18789" });
  });

  test.each([
    [{ bind: "tailnet", auth: { token: "t" } }, 1, '`gateway.bind` is "tailnet"'],
    [{ bind: "custom", auth: { token: "t" } }, 1, '`gateway.bind` is "custom"'],
    [{ tls: { enabled: true }, auth: { token: "t" } }, 1, "`gateway.tls` is on"],
    [{ auth: { mode: "trusted-proxy", token: "t" } }, 1, '`gateway.auth.mode` is "trusted-proxy"'],
    [{}, 1, "`gateway.auth.token` is not in the gateway's config"],
    [{ auth: { mode: "password" } }, 1, "`gateway.auth.password` is not in the gateway's config"],
  ])("is none, and says why: %j", async (gateway, port, why) => {
    expect(await of(gateway, port)).toEqual({ missing: expect.stringContaining(why) });
  });

  test("is none before the gateway has started", async () => {
    const missing = await addressOf({ port: undefined, config: {}, secret: async () => "t" });
    expect(missing).toEqual({ missing: "the gateway has not said yet where it listens" });
  });
});
