import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { RunEntry } from "../../schema/wire/run.ts";
import type { GatewayCallError } from "../helpers/gateway-client.ts";
import {
  E2E_GATEWAYS,
  hasNgircd,
  IRC_CHANNEL,
  job,
  type PluginGateway,
  startPluginGateway,
} from "../helpers/plugin-gateway.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { waitFor } from "../helpers/wait-for.ts";

describe.each(E2E_GATEWAYS)("when things go wrong on OpenClaw %s", (version) => {
  let world: PluginGateway;

  beforeAll(async () => {
    world = await startPluginGateway({ version, irc: true });
  });
  afterAll(() => world?.close());
  afterEach(() => world.receiver.always({ status: 200 }));

  async function restartHard(): Promise<void> {
    await world.gateway.kill();
    await world.gateway.start();
    await world.reconnect();
  }

  test("the ledger is the user's alone", async () => {
    const dir = join(world.gateway.stateDir, "command-cron");
    expect((await stat(dir)).mode & 0o777).toBe(0o700);
    expect((await stat(join(dir, "ledger", "ledger.sqlite"))).mode & 0o777).toBe(0o600);
  });

  test("a running command survives SIGKILL of the gateway: same run, whole output, delivered once", async () => {
    const witness = join(world.gateway.rootDir, "witness");
    const script = `for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo line $i; sleep 1; done; echo done >> ${witness}`;
    const created = await world.add(
      job("long", ["sh", "-c", script], { delivery: { mode: "webhook", to: world.receiver.url } }),
    );
    const before = world.receiver.requests.length;
    const { runId } = await world.client().call<{ runId: string }>("cron.command.run", { id: created.id });
    await waitFor(
      async () => {
        const page = await world.client().call<{ chunks: unknown[] }>("cron.command.log", { runId });
        return page.chunks.length > 1;
      },
      { what: "the first lines" },
    );
    await restartHard();
    const entry = await world.finished(runId, 60_000);
    expect(entry).toMatchObject({ status: "ok", deliveryStatus: "delivered", cleanup: { left: [] } });
    expect(entry.stdout.trim().split("\n")).toEqual(Array.from({ length: 12 }, (_, index) => `line ${index + 1}`));
    expect(await readFile(witness, "utf8")).toBe("done\n");
    expect(world.receiver.requests.slice(before)).toHaveLength(1);
  });

  test("a running command survives a change of the plugin's config, which replaces the plugin", async () => {
    const created = await world.add(
      job("through", ["sh", "-c", "for i in 1 2 3 4 5 6 7 8; do echo line $i; sleep 1; done"]),
    );
    const { runId } = await world.client().call<{ runId: string }>("cron.command.run", { id: created.id });
    const concurrency = async () => {
      const status = world.client().call<{ concurrency: number }>("cron.command.status");
      return (await status.catch(() => undefined))?.concurrency;
    };
    expect(await concurrency()).toBe(8);
    await world.gateway.writeConfig((config) => {
      const { entries } = config["plugins"] as { entries: Record<string, { config?: Record<string, unknown> }> };
      const entry = entries["command-cron"];
      if (entry !== undefined) entry.config = { ...entry.config, concurrency: 3 };
    });
    await waitFor(async () => (await concurrency()) === 3, { timeoutMs: 30_000, what: "the new setting" });
    const entry = await world.finished(runId, 30_000);
    expect(entry).toMatchObject({ status: "ok", stdoutBytes: 8 * "line 1\n".length });
    expect(await world.runsOf(created.id)).toHaveLength(1);
  });

  test("what could not be delivered is delivered later, in order, once, across a gateway that was killed", async () => {
    const down = await startReceiver();
    const { port } = down;
    await down.close();
    const created = await world.add(
      job("numbers", ["sh", "-c", "echo $OPENCLAW_RUN_ID"], {
        delivery: { mode: "webhook", to: `http://127.0.0.1:${port}/hook` },
      }),
    );
    const runIds: string[] = [];
    for (let count = 0; count < 3; count += 1) {
      const { runId } = await world.client().call<{ runId: string }>("cron.command.run", { id: created.id });
      runIds.push(runId);
      await waitFor(async () => (await endOf(runId))?.action === "finished", { what: "the run" });
    }
    expect(await endOf(runIds[0] ?? "")).toMatchObject({ status: "ok", deliveryStatus: "pending" });
    await restartHard();
    const back = await startReceiver({ port });
    try {
      await world.client().call("cron.command.deliveries.retry", { all: true });
      const requests = await back.received(3, 30_000);
      expect(requests.map((request) => JSON.parse(request.body).runId)).toEqual(runIds);
      for (const runId of runIds) expect((await world.finished(runId)).deliveryStatus).toBe("delivered");
      expect(back.requests).toHaveLength(3);
      expect(new Set(back.requests.map((request) => request.headers["webhook-id"])).size).toBe(3);
    } finally {
      await back.close();
    }
  });

  async function endOf(runId: string): Promise<RunEntry | undefined> {
    const { entries } = await world.client().call<{ entries: RunEntry[] }>("cron.command.runs", { runId });
    return entries[0];
  }

  test.runIf(hasNgircd)("a chat server that was away gets the message once when it is back", async () => {
    const irc = world.irc;
    if (irc === undefined) throw new Error("no IRC server");
    const { server } = irc;
    const created = await world.add(
      job("to chat", ["echo", "disk is full"], { delivery: { mode: "announce", channel: "irc", to: IRC_CHANNEL } }),
    );
    await server.stop();
    const { runId } = await world.client().call<{ runId: string }>("cron.command.run", { id: created.id });
    await waitFor(async () => (await endOf(runId))?.action === "finished", { what: "the run" });
    const { watchIrcChannel } = await import("../helpers/irc.ts");
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await server.start();
    const watcher = await watchIrcChannel(server.port, IRC_CHANNEL);
    const seen = () => watcher.lines.filter((line) => line.text === "disk is full");
    try {
      await waitFor(() => seen().length > 0, { timeoutMs: 90_000, everyMs: 500, what: "the line in the channel" });
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      expect(seen()).toHaveLength(1);
    } finally {
      watcher.close();
    }
  });

  test("a state directory that cannot be used makes the plugin unhealthy, not the gateway", async () => {
    await world.gateway.stop();
    const dir = join(world.gateway.stateDir, "command-cron");
    await rm(dir, { recursive: true });
    await writeFile(dir, "in the way");
    await world.gateway.start();
    const client = await world.reconnect();
    const refused = await client.call("cron.command.list").then(
      () => undefined,
      (error: GatewayCallError) => error,
    );
    expect(refused?.details?.["code"]).toMatch(/^STATE_UNWRITABLE|SERVICE_STOPPED$/);
    if (version !== "2026.6.1") expect((await world.gateway.cli(["health"])).stdout).toMatch(/command-cron/);

    await rm(dir);
    await mkdir(dir, { mode: 0o700 });
    await waitFor(() => client.call("cron.command.list"), {
      timeoutMs: 30_000,
      everyMs: 500,
      what: "the service to recover by itself",
    });
  });
});
