import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { RunEntry } from "../../schema/wire/run.ts";
import type { Gateway } from "../helpers/gateway.ts";
import type { GatewayCallError } from "../helpers/gateway-client.ts";
import { watchIrcChannel } from "../helpers/irc.ts";
import {
  E2E_GATEWAYS,
  hasNgircd,
  IRC_CHANNEL,
  job,
  type PluginGateway,
  startPluginGateway,
} from "../helpers/plugin-gateway.ts";
import { isAlive } from "../helpers/processes.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { waitFor } from "../helpers/wait-for.ts";

const WEBHOOK_SECRET = `whsec_${Buffer.alloc(32, "k").toString("base64")}`;

/** Tries again after seconds where the default would wait for minutes, and signs webhooks. */
async function impatient(gateway: Gateway): Promise<void> {
  await gateway.writeConfig((config) => {
    const { entries } = config["plugins"] as { entries: Record<string, { config?: Record<string, unknown> }> };
    const entry = entries["command-cron"];
    if (entry === undefined) throw new Error("the plugin is not installed");
    entry.config = {
      ...entry.config,
      delivery: { backoffSeconds: [0, 3, 3, 3, 3, 10, 10, 20, 60, 60] },
      webhook: { ...(entry.config?.["webhook"] as object | undefined), secrets: [WEBHOOK_SECRET] },
    };
  });
}

describe.each(E2E_GATEWAYS)("when things go wrong on OpenClaw %s", (version) => {
  let world: PluginGateway;

  beforeAll(async () => {
    world = await startPluginGateway({ version, irc: true, prepare: impatient });
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

  test("SIGKILL of the runner: the run is lost, its tree gone, somebody is told, the next occurrence runs", async () => {
    const witness = join(world.gateway.rootDir, "tree");
    const created = await world.add(
      job(
        "in two minds",
        ["sh", "-c", `setsid sleep 301 & echo $! > ${witness}; [ -e ${witness}.again ] || sleep 302`],
        {
          schedule: { kind: "every", everyMs: 1_000 },
          policy: { backoff: false },
          failureAlert: { after: 1, mode: "webhook", to: world.receiver.url },
        },
      ),
    );
    await waitFor(async () => (await readFile(witness, "utf8").catch(() => "")) !== "", { what: "the tree" });
    const grandchild = Number(await readFile(witness, "utf8"));
    const { runner } = await world.client().call<{ runner: { pid: number } }>("cron.command.status");
    const before = world.receiver.requests.length;
    await writeFile(`${witness}.again`, "");
    process.kill(runner.pid, "SIGKILL");
    const ends = async () =>
      (await world.runsOf(created.id))
        .filter((entry) => entry.action === "finished" && entry.status !== "skipped")
        .reverse();
    const [lost, next] = await waitFor(
      async () => {
        const all = await ends();
        return all.length > 1 ? all : undefined;
      },
      { timeoutMs: 90_000, what: "the next run's end" },
    );
    expect(lost).toMatchObject({ status: "error", outcome: "lost", cleanup: { found: 3, left: [] } });
    expect(next).toMatchObject({ status: "ok" });
    expect(isAlive(grandchild)).toBe(false);
    await world.client().call("cron.command.remove", { id: created.id });
    const told = await waitFor(() => world.receiver.requests.slice(before).map(({ body }) => JSON.parse(body))[0], {
      what: "the alert",
    });
    expect(told).toMatchObject({ action: "alert", jobId: created.id });
    expect(told.text).toContain("lost");
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
    await waitFor(async () => (await concurrency()) === 3, { timeoutMs: 90_000, what: "the new setting" });
    const entry = await world.finished(runId, 30_000);
    expect(entry).toMatchObject({ status: "ok", stdoutBytes: 8 * "line 1\n".length });
    expect(await world.runsOf(created.id)).toHaveLength(1);
  });

  // Webhooks are the plugin's own work, whatever the gateway.
  const newest = version !== "2026.6.1";
  test.runIf(newest)(
    "a receiver that was away gets all five, in order, once, signed, across two restarts",
    async () => {
      const down = await startReceiver();
      const { port } = down;
      await down.close();
      const created = await world.add(
        job("numbers", ["sh", "-c", "echo $OPENCLAW_RUN_ID"], {
          delivery: { mode: "webhook", to: `http://127.0.0.1:${port}/hook` },
        }),
      );
      const runIds = [await runUndelivered(created.id), await runUndelivered(created.id)];
      await restartHard();
      runIds.push(await runUndelivered(created.id), await runUndelivered(created.id));
      await world.gateway.stop();
      await world.gateway.start();
      await world.reconnect();
      runIds.push(await runUndelivered(created.id));
      const back = await startReceiver({ port });
      try {
        const requests = await back.received(5, 90_000);
        expect(requests.map((request) => JSON.parse(request.body).runId)).toEqual(runIds);
        for (const runId of runIds) expect((await world.finished(runId)).deliveryStatus).toBe("delivered");
        expect(back.requests).toHaveLength(5);
        expect(new Set(back.requests.map((request) => request.headers["webhook-id"])).size).toBe(5);
        const webhook = new Webhook(WEBHOOK_SECRET);
        for (const { body, headers } of back.requests) webhook.verify(body, headers as Record<string, string>);
      } finally {
        await back.close();
      }
    },
  );

  /** Runs a job whose receiver is away: the run ends, its message waits. */
  async function runUndelivered(id: string): Promise<string> {
    const { runId } = await world.client().call<{ runId: string }>("cron.command.run", { id });
    await waitFor(async () => (await endOf(runId))?.action === "finished", { what: "the run" });
    return runId;
  }

  async function endOf(runId: string): Promise<RunEntry | undefined> {
    const { entries } = await world.client().call<{ entries: RunEntry[] }>("cron.command.runs", { runId });
    return entries[0];
  }

  test.runIf(hasNgircd)(
    "a chat server that was away gets three lines, in order, once; others are served meanwhile",
    async () => {
      const irc = world.irc;
      if (irc === undefined) throw new Error("no IRC server");
      const { server } = irc;
      const texts = ["1st", "2nd", "3rd"].map((text) => `${text} report`);
      await server.stop();
      const runIds: string[] = [];
      for (const text of texts) {
        const delivery = { mode: "announce", channel: "irc", to: IRC_CHANNEL };
        runIds.push(await runUndelivered((await world.add(job(text, ["echo", text], { delivery }))).id));
      }
      const other = await world.add(
        job("elsewhere", ["echo", "served"], { delivery: { mode: "webhook", to: world.receiver.url } }),
      );
      expect(await world.runToEnd(other.id)).toMatchObject({ deliveryStatus: "delivered" });
      for (const runId of runIds) expect(await endOf(runId)).toMatchObject({ status: "ok", deliveryStatus: "pending" });
      await server.start();
      const watcher = await watchIrcChannel(server.port, IRC_CHANNEL);
      const seen = () => watcher.lines.map((line) => line.text).filter((text) => texts.includes(text));
      try {
        for (const runId of runIds) {
          expect(await world.finished(runId, 90_000)).toMatchObject({ deliveryStatus: "delivered" });
        }
        // A second copy by the gateway's own hand would come with its next look at its queue, every five seconds.
        await new Promise((resolve) => setTimeout(resolve, 7_000));
        // The channel of 2026.6.1 says "sent" before the server has read the line, and each line takes a connection of its own.
        expect(version === "2026.6.1" ? seen().sort() : seen()).toEqual(texts);
      } finally {
        watcher.close();
      }
    },
  );

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
    const report = await waitFor(() => client.call("cron.command.status").catch(() => undefined), {
      what: "the first start to fail",
    });
    const problem = { code: "STATE_UNWRITABLE", sinceMs: expect.any(Number) };
    expect(report).toMatchObject({ state: "stopped", problems: [problem] });
    const said = await world.bin(["status"]);
    expect(said).toMatchObject({ code: 1, stdout: expect.stringMatching(/^problem: +STATE_UNWRITABLE: /m) });
    const doctor = await world.bin(["doctor", "--json"]);
    expect(doctor).toMatchObject({ code: 1, stdout: expect.stringContaining("STATE_UNWRITABLE") });
    if (version !== "2026.6.1") expect((await world.gateway.cli(["health"])).stdout).toMatch(/command-cron/);

    await rm(dir);
    await mkdir(dir, { mode: 0o700 });
    await waitFor(() => client.call("cron.command.list"), {
      timeoutMs: 90_000,
      everyMs: 500,
      what: "the service to recover by itself",
    });
  });
});
