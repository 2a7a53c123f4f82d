import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunEntry } from "../../schema/wire/run.ts";
import type { NodesResult } from "../../schema/wire/target.ts";
import { packPlugin } from "../../scripts/pack.ts";
import { delay, systemClock } from "../../src/kernel/clock.ts";
import { type NodeHost, pairNodeHost } from "../helpers/node-host.ts";
import { job, type PluginGateway, startPluginGateway } from "../helpers/plugin-gateway.ts";
import { killProcessesIn, processesIn } from "../helpers/processes.ts";
import { waitFor } from "../helpers/wait-for.ts";

/** Two real node hosts take minutes: docs/testing.md says when it is run. */
const wanted = process.env["COMMAND_CRON_NODES"] === "1";
const ACTIVE_MS = Number(process.env["COMMAND_CRON_NODES_SECONDS"] ?? 120) * 1_000;
const WITNESS = 'echo "$OPENCLAW_RUN_ID" >> "$HOME/witness"; echo "here $OPENCLAW_RUN_ID"';
const SETTINGS = { concurrency: 400, nodes: { a: { tags: ["db"], limit: 20 }, b: { tags: ["db"], limit: 20 } } };

describe.runIf(wanted)("commands on two real nodes", () => {
  let world: PluginGateway;
  let hosts: NodeHost[];
  let packDir: string;

  beforeAll(async () => {
    packDir = await mkdtemp(join(tmpdir(), "cc-nodes-"));
    const packageFile = process.env["COMMAND_CRON_PACKAGE"] ?? (await packPlugin(packDir));
    process.env["COMMAND_CRON_PACKAGE"] = packageFile;
    world = await startPluginGateway({
      version: "2026.9.6",
      prepare: (gateway) =>
        gateway.writeConfig((config) => {
          const gatewayPart = config["gateway"] as Record<string, unknown>;
          gatewayPart["nodes"] = { commands: { allow: ["command-cron.runner"] } };
          const { entries } = config["plugins"] as { entries: Record<string, Record<string, unknown>> };
          entries["command-cron"] = { ...entries["command-cron"], config: SETTINGS };
        }),
    });
    hosts = await Promise.all(["a", "b"].map((name) => pairNodeHost(world.gateway, name, packageFile)));
  }, 900_000);
  afterAll(async () => {
    for (const host of hosts ?? []) {
      await host.kill();
      // Its runner lives on, as it should.
      killProcessesIn(host.stateDir);
    }
    await world?.close();
    await rm(packDir, { recursive: true, force: true });
  }, 120_000);

  const witnesses = async (host: NodeHost): Promise<string[]> =>
    (await readFile(join(host.homeDir, "witness"), "utf8").catch(() => "")).split("\n").filter((line) => line !== "");

  test("are listed, and one runs there with the node's home and none of the gateway's secrets", async () => {
    const { available, nodes } = await world.client().call<NodesResult>("cron.command.nodes");
    expect(available).toBe(true);
    expect(nodes.map(({ name, connected, serves, tags }) => [name, connected, serves, tags]).sort()).toEqual([
      ["a", true, true, ["db"]],
      ["b", true, true, ["db"]],
    ]);
    const { id } = await world.add(job("env", ["sh", "-c", "pwd; env"], { policy: { target: { node: "a" } } }));
    const run = await world.runToEnd(id);
    expect(run).toMatchObject({ status: "ok", node: { name: "a" } });
    expect(run.stdout.split("\n")[0]).toBe(hosts[0]?.homeDir);
    expect(run.stdout).not.toContain("TOKEN");
    const log = await world.client().call<{ chunks: { text?: string; data?: string }[] }>("cron.command.log", {
      runId: run.runId,
    });
    expect(log.chunks.length).toBeGreaterThan(0);
    const raw = world.client().call("node.invoke", {
      nodeId: run.node?.id,
      command: "command-cron.runner",
      params: { protocol: 1, owner: "00000000", messages: [], holdMs: 0 },
      idempotencyKey: "raw",
    });
    await expect(raw).rejects.toThrow("asked by the service of Command Cron only");
  });

  test("the log of a run there is read while it runs", async () => {
    const { id } = await world.add(
      job("slowly", ["sh", "-c", "for i in 1 2 3 4 5 6 7 8; do echo line $i; sleep 1; done"], {
        policy: { target: { node: "a" } },
      }),
    );
    const { runId } = await world.client().call<{ runId: string }>("cron.command.run", { id });
    type Log = { running: boolean; chunks: { dataBase64: string }[] };
    const log = () => world.client().call<Log>("cron.command.log", { runId });
    const seen = await waitFor(
      async () => {
        const page = await log();
        return page.chunks.length > 0 ? page : undefined;
      },
      { timeoutMs: 60_000, what: "its first line" },
    );
    expect(seen.running).toBe(true);
    expect(await world.finished(runId, 60_000)).toMatchObject({ status: "ok", stdoutBytes: 8 * "line 1\n".length });
    const all = (await log()).chunks.map(({ dataBase64 }) => Buffer.from(dataBase64, "base64").toString()).join("");
    expect(all.split("\n").filter((line) => line !== "")).toHaveLength(8);
  });

  test("tries, check, state, cancel and tree as here", async () => {
    const target = { node: "b" };
    const checked = await world.add(
      job("checked", ["sh", "-c", 'echo "{\\"seen\\":1}" > "$OPENCLAW_STATE"'], {
        policy: { target, state: true, verify: { argv: ["sh", "-c", "test -s $OPENCLAW_STATE"] } },
      }),
    );
    expect(await world.runToEnd(checked.id)).toMatchObject({ status: "ok", attempts: [{ verify: { passed: true } }] });
    const state = await world.client().call<{ content: string }>("cron.command.state.get", { id: checked.id });
    expect(JSON.parse(state.content)).toEqual({ seen: 1 });
    const tree = await world.add(job("tree", ["sh", "-c", "setsid sleep 600 & sleep 600"], { policy: { target } }));
    const { runId } = await world.client().call<{ runId: string }>("cron.command.run", { id: tree.id });
    await waitFor(async () => (await runOf(runId)).attempts[0]?.pid, { timeoutMs: 30_000, what: "its process" });
    await world.client().call("cron.command.cancel", { runId });
    expect(await world.finished(runId)).toMatchObject({ runStatus: "canceled", cleanup: { left: [] } });
  });

  const runOf = async (runId: string): Promise<RunEntry> => {
    const { entries } = await world.client().call<{ entries: RunEntry[] }>("cron.command.runs", { runId });
    if (entries[0] === undefined) throw new Error("no such run");
    return entries[0];
  };

  test("each second on each, a node killed and back, then the gateway: each instant once a node, none twice", async () => {
    const { id } = await world.add(
      job("tick", ["sh", "-c", WITNESS], {
        schedule: { kind: "every", everyMs: 1_000 },
        policy: { target: { tag: "db", mode: "all" }, overlap: "allow_all", misfire: { mode: "run_all", max: 1000 } },
        delivery: { mode: "webhook", to: world.receiver.url },
      }),
    );
    const steady = await world.add(
      job("steady", ["echo", "steady"], {
        schedule: { kind: "every", everyMs: 1_000 },
        policy: { target: { tag: "db", mode: "all" } },
        delivery: { mode: "webhook", to: world.receiver.url },
      }),
    );
    const untilMs = Date.now() + ACTIVE_MS;
    await delay(systemClock, ACTIVE_MS / 4);
    await hosts[1]?.kill();
    await delay(systemClock, 5_000);
    await hosts[1]?.start();
    if (process.env["COMMAND_CRON_NODES_KILL_GATEWAY"] === "1") {
      await world.gateway.kill();
      await world.gateway.start();
      await world.reconnect();
    }
    await delay(systemClock, Math.max(0, untilMs - Date.now()));
    for (const one of [steady.id, id])
      await world.client().call("cron.command.update", { id: one, patch: { enabled: false } });
    const runs = await waitFor(
      async () => {
        const all = [...(await world.runsOf(id)), ...(await world.runsOf(steady.id))];
        return all.every(({ action, deliveryStatus }) => action === "finished" && deliveryStatus !== "pending") && all;
      },
      { timeoutMs: 300_000, everyMs: 2_000, what: "all runs to end" },
    );
    const byNode = Map.groupBy(
      runs.filter(({ jobId }) => jobId === id),
      ({ node }) => node?.name ?? "none",
    );
    const counts = [...byNode].map(([name, its]) => [
      name,
      its.length,
      new Set(its.map(({ scheduledForMs }) => scheduledForMs)).size,
      its.filter(({ runStatus }) => runStatus === "lost").length,
    ]);
    console.log("node, runs, instants, lost:", JSON.stringify(counts));
    // What passed while there was no gateway is one row of its own.
    expect([...byNode.keys()].filter((name) => name !== "none").sort()).toEqual(["a", "b"]);
    expect((byNode.get("none") ?? []).filter(({ runStatus }) => runStatus !== "missed")).toEqual([]);
    const instants = (name: string) => (byNode.get(name) ?? []).map(({ scheduledForMs }) => scheduledForMs ?? 0).sort();
    expect(instants("a")).toEqual(instants("b"));
    // No instant is left out between the first and the last, and none is there twice.
    const all = instants("a");
    const missed = (byNode.get("none") ?? []).flatMap(({ scheduledForMs, coversCount = 1 }) =>
      Array.from({ length: coversCount }, (_, index) => (scheduledForMs ?? 0) + index * 1_000),
    );
    const decided = [...all, ...missed].sort();
    expect(decided.map((atMs) => (atMs - (decided[0] ?? 0)) / 1_000)).toEqual(decided.map((_, index) => index));
    for (const host of hosts) {
      const its = byNode.get(host.name) ?? [];
      const lines = await witnesses(host);
      expect(new Set(lines).size, "none ran twice").toBe(lines.length);
      // What waited when the job was switched off was canceled, unstarted.
      const others = its.filter(({ runStatus }) => !["succeeded", "lost"].includes(runStatus));
      expect(others.filter(({ runId, reason = "" }) => lines.includes(runId) || !reason.includes("disabled"))).toEqual(
        [],
      );
      for (const { runId, runStatus } of its) if (runStatus === "succeeded") expect(lines).toContain(runId);
    }
    // Each message has come once; where runs do not overlap, in the order of their instants, node by node.
    type Told = { action: string; runId: string };
    const told = world.receiver.requests
      .map(({ body }) => JSON.parse(String(body)) as Told)
      .flatMap(({ action, runId }) => runs.find((run) => action === "finished" && run.runId === runId) ?? []);
    expect(new Set(told).size, "no message came twice").toBe(told.length);
    const ended = runs.filter(({ runStatus }) => runStatus === "succeeded");
    expect(ended.filter((run) => !told.includes(run))).toEqual([]);
    for (const { name } of hosts) {
      const its = told.filter(
        (run) => run.jobId === steady.id && run.runStatus === "succeeded" && run.node?.name === name,
      );
      const instants = its.map(({ scheduledForMs }) => scheduledForMs ?? 0);
      console.log(`${name}: ${instants.length} messages of runs that do not overlap`);
      expect(instants, `messages of ${name} in order`).toEqual(instants.toSorted((one, other) => one - other));
    }
    const left = hosts
      .flatMap(({ homeDir }) => processesIn(homeDir))
      .filter(({ command }) => command.includes("witness"));
    expect(left).toEqual([]);
  }, 900_000);
});
