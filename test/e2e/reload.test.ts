import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SummaryEntry } from "../../schema/wire/calls/jobs.ts";
import type { StatusReport } from "../../src/engine/api.ts";
import { type Model, startModel } from "../helpers/model.ts";
import {
  E2E_GATEWAYS,
  hasNgircd,
  IRC_CHANNEL,
  job,
  type PluginGateway,
  startPluginGateway,
} from "../helpers/plugin-gateway.ts";
import { addProbe } from "../helpers/probe.ts";
import { isAlive } from "../helpers/processes.ts";
import { nativeJobs, routed } from "../helpers/routing.ts";
import { expectedSummary, summarized } from "../helpers/summary-oracle.ts";
import { waitFor } from "../helpers/wait-for.ts";

/** 20 for the whole; one in the usual tests. */
const ROUNDS = Number(process.env["COMMAND_CRON_RELOADS"] ?? 1);
const LOAD = 8;

describe.each(E2E_GATEWAYS.filter((version) => version !== "2026.6.1"))("a reload on OpenClaw %s", (version) => {
  let world: PluginGateway;
  let model: Model;

  beforeAll(async () => {
    model = await startModel();
    world = await startPluginGateway({
      version,
      irc: true,
      prepare: (gateway) =>
        gateway.writeConfig((config) => {
          Object.assign(config, model.config);
          const { entries } = config["plugins"] as { entries: Record<string, { config?: object }> };
          entries["command-cron"] = {
            ...entries["command-cron"],
            config: { gatewayClient: "write", concurrency: 3 * LOAD, delivery: { backoffSeconds: [0, 3, 3, 3, 10] } },
          };
        }),
    });
    await routed(world.client);
  });
  afterAll(async () => {
    await world?.close();
    await model?.close();
  });

  async function reload(): Promise<number> {
    const begin = Date.now();
    await world.client().call("plugins.reload", { plugins: [{ pluginId: "command-cron" }] });
    const tookMs = Date.now() - begin;
    await routed(world.client);
    return tookMs;
  }

  test("whoever inspects the plugin sees its methods, its service and its hooks", async () => {
    const result = await world.gateway.cli(["plugins", "inspect", "command-cron", "--runtime", "--json"]);
    const shown = JSON.stringify(JSON.parse(result.stdout));
    for (const name of ["cron.command.add", "gateway_start", "gateway_stop", "before_tool_call"]) {
      expect(shown, name).toContain(name);
    }
    expect(JSON.parse(result.stdout).services ?? JSON.parse(result.stdout).plugin.services).toContain("command-cron");
  });

  test("the summary is what the gateway's list and history and the ledger say, row by row, also of what nobody heard", async () => {
    const client = world.client();
    const native = { schedule: { kind: "every", everyMs: 86_400_000 }, wakeMode: "next-heartbeat" };
    const remind = {
      ...native,
      name: "remind",
      sessionTarget: "main",
      payload: { kind: "systemEvent", text: "hello" },
    };
    const agent = { kind: "agentTurn", message: "hello" };
    const news = { ...native, name: "news", sessionTarget: "isolated", payload: agent, delivery: { mode: "none" } };
    const ids: string[] = [];
    for (const [name, argv] of [
      ["ours", ["true"]],
      ["ours, failing", ["false"]],
    ] as const) {
      await world.runToEnd((await world.add(job(name, [...argv]))).id);
    }
    for (const one of [remind, news]) {
      const { id } = await client.call<{ id: string }>("cron.add", { ...one, wakeMode: "now" });
      ids.push(id);
      await client.call("cron.run", { id, mode: "force" });
    }
    const rowsNow = async () => {
      const { jobs } = await world.client().call<{ jobs: SummaryEntry[] }>("cron.command.summary", { limit: 200 });
      return jobs.map(summarized);
    };
    const agree = async () => {
      const ended = (await rowsNow()).filter(({ jobId, runs }) => ids.includes(jobId) && runs > 0).length;
      const expected = await expectedSummary(world.gateway, world.client());
      return ended === ids.length && isDeepStrictEqual(await rowsNow(), expected);
    };
    await waitFor(agree, { timeoutMs: 60_000, everyMs: 500, what: "the summary" }).catch(() => {});
    expect(await rowsNow()).toEqual(await expectedSummary(world.gateway, world.client()));
    expect((await rowsNow()).filter(({ source }) => source === "gateway").map(({ name }) => name)).toEqual([
      "news",
      "remind",
    ]);
    expect((await client.call<StatusReport>("cron.command.status")).gatewayClient).toMatchObject({
      state: "connected",
    });
    // Refused while an agent's turn goes on that the plugin's hooks look at.
    await waitFor(() => reload().catch(() => undefined), { timeoutMs: 120_000, everyMs: 1_000, what: "a reload" });
    await waitFor(agree, { timeoutMs: 60_000, everyMs: 500, what: "the summary after a reload" }).catch(() => {});
    expect(await rowsNow()).toEqual(await expectedSummary(world.gateway, world.client()));
    const { gatewayClient } = await client.call<StatusReport>("cron.command.status");
    expect(gatewayClient).toMatchObject({ mode: "write", state: "connected" });
  });

  test("asks an agent after a reload as after a boot: once, when there is something new, without tools", async () => {
    const { prints, told, question } = await addProbe(world, "asks");
    model.always("Close it.");
    for (const text of ["80", "80", "22\n80"]) await prints(text);
    const answered = () => told().some(({ action }) => action === "answer");
    await waitFor(answered, { timeoutMs: 90_000, what: "the answer" }).catch(() => {});
    expect(await question()).toMatchObject({ state: "sent", attempts: 1, answer: "Close it." });
    await waitFor(answered, { timeoutMs: 30_000, what: "the answer's message" });
    expect(model.requests).toHaveLength(1);
    expect(model.requests[0]).toMatchObject({ tools: [], text: expect.stringContaining("> + 22") });
    expect(told().map(({ action, text = "" }) => `${action} ${text.split("\n").at(-1)}`)).toEqual([
      "finished ",
      "finished ",
      "answer Close it.",
    ]);
  });

  test.runIf(hasNgircd)("leaves a service that announces like one started at boot", async () => {
    await reload();
    const said = `after the reload ${Date.now()}`;
    const delivery = { mode: "announce", channel: "irc", to: IRC_CHANNEL };
    const at = new Date(Date.now() + 2_000).toISOString();
    await world.add(job("announce", ["echo", said], { schedule: { kind: "at", at }, delivery }));
    await waitFor(() => world.irc?.watcher.lines.some(({ text }) => text === said), {
      timeoutMs: 60_000,
      what: "the line in the channel",
    });
  });

  test(`comes through with ${LOAD} runs that must stop and ${LOAD} deliveries under way; ${ROUNDS} times`, async () => {
    const holders = await Promise.all(
      Array.from({ length: LOAD }, (_, index) =>
        world.add(
          job(`holds ${index}`, ["sh", "-c", "trap '' TERM; while :; do sleep 1; done"], {
            policy: { onGatewayExit: "stop" },
          }),
        ),
      ),
    );
    const speakers = await Promise.all(
      Array.from({ length: LOAD }, (_, index) =>
        world.add(
          job(`says ${index}`, ["echo", "x"], { delivery: { mode: "webhook", to: `${world.receiver.url}/${index}` } }),
        ),
      ),
    );
    // One that was refused while an agent's turn went on stands in there already.
    const said = (await world.gateway.log()).length;
    for (let round = 0; round < ROUNDS; round += 1) {
      const before = world.receiver.requests.length;
      world.receiver.always("hang");
      for (const { id } of speakers) await world.client().call("cron.command.run", { id });
      await waitFor(() => world.receiver.requests.length >= before + LOAD, {
        timeoutMs: 60_000,
        what: "the deliveries",
      });
      for (const { id } of holders) await world.client().call("cron.command.run", { id });
      const tookMs = await reload();
      console.log(`reload ${round + 1}: ${tookMs} ms`);
      world.receiver.always({ status: 200 });
      const { runs } = await world.client().call<{ runs: { running: number } }>("cron.command.status");
      expect(runs.running).toBeGreaterThan(0);
      const ids = () =>
        world.receiver.requests.slice(before).map(({ headers }) => headers["webhook-id"] ?? headers["x-delivery-id"]);
      await waitFor(() => ids().length >= 2 * LOAD, { timeoutMs: 90_000, what: "the webhooks again" });
      expect(new Set(ids()).size).toBe(LOAD);
    }
    const log = (await world.gateway.log()).slice(said);
    expect(log).not.toContain("stop timed out");
    expect(log).not.toContain("replacement not applied");
  });

  test("is no exit: only that ends a run that must not outlive the gateway; jobs added right after a start land here", async () => {
    const file = join(world.gateway.rootDir, "holder.pid");
    const holder = job("exit", ["sh", "-c", `echo $$ > ${file}; while :; do sleep 1; done`], {
      policy: { onGatewayExit: "stop" },
    });
    await world.client().call("cron.command.run", { id: (await world.add(holder)).id });
    const pid = await waitFor(() => existsSync(file) && Number(readFileSync(file, "utf8")), { what: "the run" });
    await reload();
    await sleep(3_000);
    expect(isAlive(pid)).toBe(true);
    await world.gateway.stop();
    await waitFor(() => !isAlive(pid), { timeoutMs: 10_000, what: "the end of the run" });
    const starting = world.gateway.start();
    const added = await addAsSoonAsItAnswers();
    await starting;
    await world.reconnect();
    await routed(world.client);
    const kept = async (id: string) => {
      const { jobs } = await world.client().call<{ jobs: { id: string }[] }>("cron.command.list", { limit: 200 });
      return jobs.some((one) => one.id === id);
    };
    for (const id of added) await waitFor(() => kept(id), { what: `job ${id}` });
    const theirs = nativeJobs(world.gateway);
    expect(added.filter((id) => theirs.get(id)?.enabled === true)).toEqual([]);
  });

  /** Command jobs through the gateway's own method, from its first answer until the plugin stands in for it. */
  async function addAsSoonAsItAnswers(): Promise<string[]> {
    const client = await waitFor(() => world.gateway.connect().catch(() => undefined), {
      timeoutMs: 120_000,
      everyMs: 20,
    });
    const ids: string[] = [];
    for (let nth = 0; nth < 20; nth += 1) {
      const one = client.call<{ id: string }>("cron.add", job(`early ${nth}`, ["true"]));
      ids.push(...(await one.then(({ id }) => [id]).catch(() => [])));
      const status = await client.call<StatusReport>("cron.command.status").catch(() => undefined);
      if (status?.routing.active === true && ids.length > 0) break;
      await sleep(20);
    }
    await client.close();
    console.log(`${ids.length} jobs were added before the plugin stood in`);
    return ids;
  }
});
