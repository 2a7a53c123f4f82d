import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SummaryEntry } from "../../schema/wire/calls/jobs.ts";
import { type Model, startModel } from "../helpers/model.ts";
import { E2E_GATEWAYS, job, type PluginGateway, startPluginGateway } from "../helpers/plugin-gateway.ts";
import { addProbe } from "../helpers/probe.ts";
import { routed } from "../helpers/routing.ts";
import { waitFor } from "../helpers/wait-for.ts";

/** Minutes long: run them with COMMAND_CRON_DOWN=1. */
const versions = process.env["COMMAND_CRON_DOWN"] === "1" ? E2E_GATEWAYS : [];

describe.each(versions)("OpenClaw %s, killed", (version) => {
  let world: PluginGateway;
  let model: Model;

  beforeAll(async () => {
    model = await startModel();
    world = await startPluginGateway({
      version,
      prepare: (gateway) =>
        gateway.writeConfig((config) => {
          Object.assign(config, model.config);
          const { entries } = config["plugins"] as { entries: Record<string, { config?: object }> };
          const known = entries["command-cron"]?.config;
          entries["command-cron"] = { ...entries["command-cron"], config: { ...known, gatewayClient: "write" } };
        }),
    });
    if (version !== "2026.6.1") await routed(world.client);
  });
  afterAll(async () => {
    await world?.close();
    await model?.close();
  });

  test("while an agent is asked does not ask it again, and says that nobody knows", async () => {
    const { prints, question } = await addProbe(world, "killed", { timeoutSeconds: 200 });
    await prints("80");
    const before = model.requests.length;
    model.always({ hang: true });
    await prints("22\n80");
    await waitFor(() => model.requests.length > before, { timeoutMs: 60_000, what: "the question" });
    await world.gateway.kill();
    model.always("Close it.");
    await world.gateway.start();
    await world.reconnect();
    if (version !== "2026.6.1") await routed(world.client);
    const settled = async () => (await question())?.state !== "sending";
    await waitFor(settled, { timeoutMs: 60_000, what: "the question's end" });
    expect(await question()).toMatchObject({ state: "unknown", attempts: 1 });
    await sleep(20_000);
    expect(model.requests).toHaveLength(before + 1);
  }, 300_000);

  test("over an instant of an agent job, a main-session job and a command job tells of them in one message", async () => {
    const client = world.client();
    const dueMs = Date.now() + 45_000;
    const schedule = { kind: "every", everyMs: 3_600_000, anchorMs: dueMs };
    const theirs = { schedule, wakeMode: "now", enabled: true };
    const agent = { sessionTarget: "isolated", payload: { kind: "agentTurn", message: "hello" } };
    const main = { sessionTarget: "main", payload: { kind: "systemEvent", text: "hello" } };
    const names = ["hourly agent", "hourly main", "hourly command"] as const;
    await client.call("cron.add", {
      ...theirs,
      ...agent,
      name: names[0],
      agentId: "prober",
      delivery: { mode: "none" },
    });
    await client.call("cron.add", { ...theirs, ...main, name: names[1] });
    const expected = { missed: true, startWithinSeconds: 5 };
    await world.add(job(names[2], ["true"], { schedule, policy: { expect: expected, misfire: { mode: "skip" } } }));
    const due = async () => {
      const { jobs } = await client.call<{ jobs: SummaryEntry[] }>("cron.command.summary", { limit: 200 });
      return jobs.filter(({ name, nextRunAtMs }) => names.some((one) => one === name) && nextRunAtMs === dueMs);
    };
    await waitFor(async () => (await due()).length === names.length, { timeoutMs: 40_000, what: "all of them due" });
    await world.gateway.kill();
    const path = `/down/${dueMs}`;
    await world.gateway.writeConfig((config) => {
      const { entries } = config["plugins"] as { entries: Record<string, { config?: object }> };
      const gatewayJobs = { expect: { [names[0]]: expected, [names[1]]: expected } };
      const alerts = { destination: { mode: "webhook", to: `${world.receiver.url}${path}` } };
      const known = entries["command-cron"]?.config;
      entries["command-cron"] = { ...entries["command-cron"], config: { ...known, gatewayJobs, alerts } };
    });
    await sleep(Math.max(0, dueMs + 15_000 - Date.now()));
    await world.gateway.start();
    await world.reconnect();
    if (version !== "2026.6.1") await routed(world.client);
    const told = () =>
      world.receiver.requests
        .filter((request) => request.path.endsWith(path))
        .map(({ body }) => (JSON.parse(body) as { text: string }).text)
        // What the gateway makes up for ends its incident, each with a message of its own.
        .filter((text) => names.some((name) => text.includes(name)) && !text.startsWith("✓"));
    await waitFor(() => told().length > 0, { timeoutMs: 200_000, everyMs: 1_000, what: "the digest" });
    await sleep(70_000);
    console.log(told().join("\n---\n"));
    expect(told()).toHaveLength(1);
    expect(told()[0]).toMatch(/^⚠ 3 incidents/);
    expect(told()[0]).toMatch(/\ndown \d\d:\d\d-\d\d:\d\d: 3 instants passed/);
    for (const name of names) expect(told()[0]).toContain(name);
  }, 600_000);

  test("an agent that says a megabyte, fails, wants tools or never answers, is one question each", async () => {
    const { prints, question, told } = await addProbe(world, "bad", { timeoutSeconds: 10 });
    await prints("0");
    const replies = ["x".repeat(1_000_000), { status: 500 }, { tool: "exec" }, { hang: true }] as const;
    const ends: string[] = [];
    for (const [nth, reply] of replies.entries()) {
      model.always(reply);
      await prints(`${nth + 1}`);
      const isOver = async () => !["pending", "sending"].includes((await question())?.state ?? "pending");
      await waitFor(isOver, { timeoutMs: 150_000, everyMs: 500, what: "the question's end" });
      const { state, attempts, reason = "" } = (await question()) ?? {};
      ends.push(`${state} ${attempts} ${reason.slice(0, 30)}`.trim());
    }
    console.log(ends);
    expect(ends[0]).toBe("sent 1");
    expect(ends.slice(1).every((end) => /^(dead|unknown) 1 /.test(end))).toBe(true);
    // The gateway's own agent job, of the test before, asks the same model with its tools.
    const ours = model.requests.filter(({ text }) => text.includes("What is it?"));
    expect(ours.length).toBeGreaterThanOrEqual(replies.length);
    expect(ours.flatMap(({ tools }) => tools)).toEqual([]);
    const answers = told().filter(({ action }) => action === "answer");
    expect(answers).toHaveLength(1);
    expect(answers[0]?.text?.length).toBeLessThan(9_000);
  }, 600_000);
});
