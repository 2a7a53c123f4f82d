import { describe, expect, test } from "vitest";
import type { RunEntry } from "../../schema/wire/run.ts";
import type { MoveReport } from "../../src/transfer/api.ts";
import { E2E_GATEWAYS } from "../helpers/plugin-gateway.ts";
import {
  alike,
  type CronJob,
  type Fields,
  nativeJobs,
  routed,
  setEnabled,
  spec,
  withoutSchedulerMarks,
} from "../helpers/routing.ts";
import { waitFor } from "../helpers/wait-for.ts";
import { refusal, usePair } from "./gateway-pair.ts";

const VERSION = "2026.9.6";

describe.runIf(E2E_GATEWAYS.includes(VERSION))(`openclaw cron on ${VERSION}, with the plugin and without`, () => {
  const pair = usePair(VERSION);
  const { ask, both, cli, ours, same, sameText } = pair;

  test("creating, reading, listing, editing, running and removing answer alike", async () => {
    const { bare, world } = pair;
    const input = spec("Queue depth probe", {
      description: "how deep",
      delivery: { mode: "announce", channel: "telegram", to: "-1001234567890" },
      failureAlert: { after: 3, cooldownMs: 60_000 },
    });
    const created = await both((client) => client.call<CronJob>("cron.add", input));
    same(created);
    expect(JSON.stringify(alike(created.plugin, world.gateway.rootDir))).toBe(
      JSON.stringify(alike(created.bare, bare.rootDir)),
    );
    expect((await ours()).map(({ id }) => id)).toContain(created.plugin.id);

    const id = { plugin: created.plugin.id, bare: created.bare.id };
    const calls: [string, (id: string) => Fields][] = [
      ["cron.get", (job) => ({ id: job })],
      ["cron.list", (job) => ({ query: job, includeDisabled: true })],
      ["cron.list", (job) => ({ query: job, compact: true })],
      ["cron.list", (job) => ({ query: job, includeDeliveryPreviews: false, limit: 1, offset: 5 })],
      ["cron.list", () => ({ query: "QUEUE DEPTH", scheduleKind: "cron", lastRunStatus: "unknown", sortBy: "name" })],
      ["cron.update", (job) => ({ id: job, patch: { payload: { kind: "command", timeoutSeconds: 42 } } })],
      ["cron.update", (job) => ({ id: job, patch: { description: "deeper", delivery: { mode: "none" } } })],
      ["cron.update", (job) => ({ id: job, patch: { schedule: { kind: "every", everyMs: 7_200_000, anchorMs: 5 } } })],
      ["cron.update", (job) => ({ id: job, patch: { failureAlert: false } })],
      ["cron.update", (job) => ({ id: job, patch: { enabled: false } })],
      ["cron.list", (job) => ({ query: job, enabled: "disabled" })],
      ["cron.update", (job) => ({ id: job, patch: { enabled: true } })],
      ["cron.run", (job) => ({ id: job, mode: "due" })],
      ["cron.run", (job) => ({ id: job })],
      ["cron.scratch.get", (job) => ({ id: job })],
    ];
    for (const [method, params] of calls) {
      const answers = await both((client, side) => client.call<Fields>(method, params(id[side])));
      same({ ...answers, bare: withoutSchedulerMarks(answers.bare) });
    }

    const finished = await both((client, side) =>
      waitFor(async () => {
        const job = await client.call<CronJob>("cron.get", { id: id[side] });
        return job.state["lastRunStatus"] === undefined || job.state["runningAtMs"] !== undefined ? undefined : job;
      }),
    );
    expect(finished.plugin.state).toMatchObject({
      lastRunStatus: "ok",
      lastStatus: "ok",
      lastDurationMs: expect.any(Number),
      lastDiagnosticSummary: "depth 7",
      lastDeliveryStatus: "not-requested",
      consecutiveErrors: 0,
    });
    const missing = Object.keys(finished.bare.state).filter((field) => !(field in finished.plugin.state));
    expect(missing.sort()).toEqual(
      ["lastFailureNotificationDeliveryStatus", "scheduleActivatedAtMs", "scheduleErrorCount"].filter((field) =>
        missing.includes(field),
      ),
    );
    expect(alike(finished.plugin.state["lastDiagnostics"], "")).toEqual(
      alike(finished.bare.state["lastDiagnostics"], ""),
    );

    same(await both((client, side) => client.call("cron.remove", { id: id[side] })));
    same(await both((client, side) => refusal(client, "cron.remove", { id: id[side] })));
    same(await both((client, side) => refusal(client, "cron.get", { id: id[side] })));
  });

  test("a declared job is created once and then made to match", async () => {
    const declared = spec("Declared", { declarationKey: "e2e-declared" });
    same(await both((client) => client.call("cron.add", declared)));
    same(await both((client) => client.call("cron.add", declared)));
    const changed = {
      ...declared,
      name: "Other",
      payload: { kind: "command", argv: ["true"] },
      displayName: "Shown",
    };
    const answer = await both((client) => client.call<{ job: CronJob }>("cron.add", changed));
    same(answer);
    expect(answer.plugin.job).toMatchObject({ name: "Declared", displayName: "Shown", payload: { argv: ["true"] } });
    await both((client, side) => client.call("cron.remove", { id: answer[side].job.id }));
  });

  test("refusals are the gateway's, and ours where we know better", async () => {
    const { plugin, bare: other } = await both((client) => client.call<CronJob>("cron.add", spec("Refusals")));
    const ids = { plugin: plugin.id, bare: other.id };
    const wrong: [string, (id: string) => Fields][] = [
      ["cron.add", () => spec("x", { payload: { kind: "command", argv: [] } })],
      ["cron.update", (id) => ({ id, patch: { name: "y" }, expectedConfigRevision: "sha256:other" })],
      ["cron.update", () => ({ id: "nobody", patch: { name: "y" } })],
      ["cron.run", () => ({ id: "nobody" })],
      ["cron.runs", () => ({ id: "nobody" })],
    ];
    for (const [method, params] of wrong) {
      const refusals = await both((client, side) => refusal(client, method, params(ids[side])));
      if (JSON.stringify(refusals).includes("sha256:other")) {
        expect(refusals.plugin).toMatchObject({ code: refusals.bare.code, message: refusals.bare.message });
      } else expect(refusals.plugin).toEqual(refusals.bare);
    }
    // The gateway itself drops an empty argv before it changes anything.
    const emptied = { payload: { kind: "command", argv: [] } };
    const kept = await both((client, side) => client.call<CronJob>("cron.update", { id: ids[side], patch: emptied }));
    same(kept);
    expect(kept.plugin.payload).toMatchObject({ argv: ["sh", "-lc", "echo depth 7"] });
    const minute = spec("x", { schedule: { kind: "cron", expr: "61 * * * *" } });
    for (const { code, message } of Object.values(await both((client) => refusal(client, "cron.add", minute)))) {
      expect({ code, message }).toEqual({
        code: "INVALID_REQUEST",
        message: expect.stringMatching(/^invalid cron\.add params: .*Invalid value for minute: 61/),
      });
    }
    const nul = spec("x", { payload: { kind: "command", argv: ["a\0b"] } });
    expect(await refusal(pair.world.client(), "cron.add", nul)).toMatchObject({
      code: "INVALID_REQUEST",
      message: expect.stringContaining("invalid cron.add params: payload.argv[0]: a NUL byte"),
    });
    const right = { id: plugin.id, patch: { name: "z" }, expectedConfigRevision: plugin.configRevision };
    expect(await ask("cron.update", right)).toMatchObject({ name: "z" });
    await both((client, side) => client.call("cron.remove", { id: ids[side] }));
  });

  test("the line of the gateway's own documentation, and every verb after it, from the command line", async () => {
    const created = await cli((_side, gateway) => [
      ...["cron", "create", "*/15 * * * *", "--name", "Queue depth probe", "--command", "echo depth 7"],
      ...["--command-cwd", gateway.rootDir, "--announce", "--channel", "telegram", "--to", "-1001234567890"],
    ]);
    sameText(created);
    const id = { plugin: JSON.parse(created.plugin).id as string, bare: JSON.parse(created.bare).id as string };
    sameText(await cli((side) => ["cron", "show", id[side]]));
    sameText(await cli((side) => ["cron", "edit", id[side], "--timeout-seconds", "42"]));
    const started = await cli((side) => ["cron", "run", id[side]]);
    sameText(started);
    const runId = JSON.parse(started.plugin).runId as string;
    const entry = await waitFor(async () => {
      const { entries } = await pair.world.client().call<{ entries: RunEntry[] }>("cron.command.runs", { runId });
      return entries.find(({ action }) => action === "finished");
    });
    expect(entry).toMatchObject({ runStatus: "succeeded", stdout: "depth 7\n", exitCode: 0 });
    expect(entry.cleanup).toMatchObject({ left: [] });
    const runs = await cli((side) => ["cron", "runs", id[side]]);
    expect(JSON.parse(runs.plugin)).toMatchObject({ entries: [], total: 0 });
    const row = (stdout: string) => stdout.split("\n").find((line) => line.includes("Queue depth probe")) ?? "";
    const lists = await cli(() => ["cron", "list"]);
    expect(row(lists.plugin)).toContain(id.plugin);
    expect(row(lists.plugin).replace(/\s+/g, " ")).toMatch(
      /Queue depth probe cron \*\/15 \* \* \* \* \(exact\) in \S+ \S+ ago ok\b/,
    );
    expect(JSON.parse((await cli((side) => ["cron", "disable", id[side]])).plugin)).toMatchObject({
      enabled: false,
    });
    expect(JSON.parse((await cli((side) => ["cron", "enable", id[side]])).plugin)).toMatchObject({
      enabled: true,
    });
    sameText(await cli((side) => ["cron", "rm", id[side]]));
  });

  test("an agent's job is the same, whether the plugin is there or not", async () => {
    const { world } = pair;
    const input = spec("Briefing", { payload: { kind: "agentTurn", message: "hello" } });
    const created = await both((client) => client.call<CronJob>("cron.add", input));
    same(created);
    const { id } = created.plugin;
    const before = await ask<CronJob>("cron.get", { id });
    await setEnabled(world.gateway, "disable");
    expect(await ask("cron.get", { id })).toEqual(before);
    await setEnabled(world.gateway, "enable");
    await routed(world.client);
    expect(await ask("cron.get", { id })).toEqual(before);
  });

  test("a job moves over when it becomes a command, and back when it is none any more", async () => {
    const { world } = pair;
    const job = await ask<CronJob>("cron.add", spec("Turns", { payload: { kind: "agentTurn", message: "x" } }));
    const command = { kind: "command", argv: ["true"] };
    const patched = await ask<CronJob>("cron.update", { id: job.id, patch: { payload: command } });
    expect(patched).toMatchObject({ id: job.id, enabled: true, payload: command });
    expect((await ours()).find(({ id }) => id === job.id)).toMatchObject({ enabled: true });
    expect(nativeJobs(world.gateway).get(job.id)).toMatchObject({ enabled: false });
    const back = await ask<CronJob>("cron.update", {
      id: job.id,
      patch: { payload: { kind: "agentTurn", message: "y" } },
    });
    expect(back).toMatchObject({ id: job.id, enabled: true, payload: { kind: "agentTurn", message: "y" } });
    expect((await ours()).map(({ id }) => id)).not.toContain(job.id);
    expect(nativeJobs(world.gateway).get(job.id)).toMatchObject({ enabled: true });
    await ask("cron.remove", { id: job.id });
  });

  test("when the gateway replaces its scheduler, the new one is routed and the jobs are still there", async () => {
    const { world } = pair;
    const { id } = await ask<CronJob>("cron.add", spec("Before"));
    await world.gateway.writeConfig((config) => {
      (config["cron"] as Fields)["webhookToken"] = "another-token";
    });
    await waitFor(async () => (await world.gateway.log()).includes("hot reload applied (cron.webhookToken)"));
    await waitFor(async () => {
      const job = await ask<CronJob>("cron.add", spec("After", { declarationKey: "after" }));
      const added = (job as unknown as { job: CronJob }).job;
      if ((await ours()).some((one) => one.id === added.id)) return true;
      await ask("cron.remove", { id: added.id });
      return false;
    });
    const { jobs } = await ask<{ jobs: CronJob[] }>("cron.list", { includeDisabled: true });
    expect(jobs.map(({ name }) => name)).toEqual(expect.arrayContaining(["Before", "After"]));
    expect(await ask("cron.get", { id })).toMatchObject({ name: "Before" });
  });

  test("switched off, the gateway's methods behave as if the plugin had never been there", async () => {
    const { world } = pair;
    const kept = (await ours()).map(({ name }) => name);
    expect(kept.length).toBeGreaterThan(0);
    await setEnabled(world.gateway, "disable");
    const listed = await ask<{ jobs: CronJob[] }>("cron.list", { includeDisabled: true });
    // One that came over from the gateway's cron, as in the moment of a start, stands there switched off.
    expect(listed.jobs.filter(({ name, enabled }) => enabled && kept.includes(name))).toEqual([]);
    const native = await both((client) => client.call<CronJob>("cron.add", spec("Native")));
    expect(native.plugin).not.toHaveProperty("description");
    same(native);
    expect(nativeJobs(world.gateway).get(native.plugin.id)).toMatchObject({ enabled: true });
    const said = (await world.gateway.log()).split("\n").filter((line) => line.includes("release --all"));
    expect(said.length).toBeGreaterThan(0);
    await setEnabled(world.gateway, "enable");
    await routed(world.client);
    const again = await ask<{ jobs: CronJob[] }>("cron.list", { includeDisabled: true });
    expect(again.jobs.map(({ name }) => name)).toEqual(expect.arrayContaining([...kept, "Native"]));
    // It stays with the gateway until it is adopted.
    expect((await ours()).map(({ id }) => id)).not.toContain(native.plugin.id);
    await ask("cron.remove", { id: native.plugin.id });
  });

  test("adopt and release, killed in the middle, leave every job active exactly once", async () => {
    const { world } = pair;
    for (let index = 0; index < 12; index += 1) {
      if (index % 10 === 0) await world.reconnect();
      await world.client().call("cron.add", spec(`Moving ${index}`, { enabled: index !== 3 }));
    }
    const ids = (await ours()).map(({ id }) => id);
    const off = new Set((await ours()).filter(({ enabled }) => !enabled).map(({ id }) => id));
    const active = async () => {
      const native = nativeJobs(world.gateway);
      const own = new Map((await ours()).map((job) => [job.id, job.enabled]));
      return ids.map((id) => Number(native.get(id)?.enabled ?? false) + Number(own.get(id) ?? false));
    };
    const expected = ids.map((id) => (off.has(id) ? 0 : 1));
    const move = (method: "adopt" | "release", apply: boolean) =>
      world.client().call<MoveReport>(`cron.command.${method}`, { all: true, apply });

    expect((await move("release", false)).plan.map(({ action }) => action)).toEqual(ids.map(() => "move"));
    const kills = [
      ["release", 25],
      ["adopt", 15],
      ["release", 60],
      ["adopt", 45],
    ] as const;
    for (const [method, delayMs] of kills.slice(0, Number(process.env["COMMAND_CRON_MOVES"] ?? 2))) {
      void move(method, true).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      await world.gateway.kill();
      await world.gateway.start();
      await world.reconnect();
      await routed(world.client);
      expect(await active()).toEqual(expected);
      await move(method, true);
      expect(await active()).toEqual(expected);
    }
    await move("release", true);
    expect(await ours()).toEqual([]);
    expect(await active()).toEqual(expected);
    const { jobs } = await world.client().call<{ jobs: CronJob[] }>("cron.list", { includeDisabled: true });
    expect(jobs.filter(({ id }) => ids.includes(id)).map(({ description }) => description)).toEqual(
      ids.map(() => undefined),
    );
  });
});
