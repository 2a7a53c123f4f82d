import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Job } from "../../schema/wire/job.ts";
import type { RunEntry } from "../../schema/wire/run.ts";
import type { MoveReport, StatusReport } from "../../src/engine/api.ts";
import { type Gateway, startGateway } from "../helpers/gateway.ts";
import { GatewayCallError, type GatewayClient } from "../helpers/gateway-client.ts";
import { E2E_GATEWAYS, type PluginGateway, startPluginGateway } from "../helpers/plugin-gateway.ts";
import { waitFor } from "../helpers/wait-for.ts";

const ROUTING_VERSION = "2026.9.6";
const OLD_VERSION = "2026.6.1";

type Fields = Record<string, unknown>;
interface CronJob extends Fields {
  id: string;
  name: string;
  enabled: boolean;
  configRevision: string;
  payload: { kind: string };
  state: Fields;
}

const spec = (name: string, fields: Fields = {}): Fields => ({
  name,
  schedule: { kind: "cron", expr: "0 3 1 1 *", tz: "UTC", staggerMs: 0 },
  sessionTarget: "isolated",
  wakeMode: "now",
  payload: { kind: "command", argv: ["sh", "-lc", "echo depth 7"] },
  delivery: { mode: "none" },
  ...fields,
});

const NOTE = /(?:^|\n)Runs: openclaw command-cron runs \S+$/;
const IDS = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** What differs from one gateway to the next, and the one thing that is meant to differ, made equal. */
function alike(value: unknown, rootDir: string, key = ""): unknown {
  if (Array.isArray(value)) return value.map((part) => alike(part, rootDir, key));
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value)
      .map(([name, part]): [string, unknown] => {
        const text = name === "description" && typeof part === "string" ? part.replace(NOTE, "") : part;
        return [name.replace(IDS, "<id>"), alike(text, rootDir, name)];
      })
      .filter(([name, part]) => !(name === "description" && part === ""));
    return Object.fromEntries(entries);
  }
  if (typeof value === "number" && /(Ms|^ts)$/.test(key)) return `<${key}>`;
  if (typeof value !== "string") return value;
  if (/^(configRevision|snapshotRevision|runId|processInstanceId|storePath|sqlitePath)$/.test(key)) return `<${key}>`;
  return value
    .replaceAll(rootDir, "<root>")
    .replace(IDS, "<id>")
    .replace(/\bin (<)?\d+\w+/g, "in <time>");
}

const routing = async (client: GatewayClient) => (await client.call<StatusReport>("cron.command.status")).routing;
const routed = (client: () => GatewayClient) =>
  waitFor(async () => (await routing(client())).active, { timeoutMs: 30_000, what: "openclaw cron to be routed" });

describe.runIf(E2E_GATEWAYS.includes(ROUTING_VERSION))(
  `openclaw cron on ${ROUTING_VERSION}, with the plugin and without`,
  () => {
    let world: PluginGateway;
    let bare: Gateway;
    let clients: { plugin: GatewayClient; bare: GatewayClient };

    beforeAll(async () => {
      world = await startPluginGateway({ version: ROUTING_VERSION });
      bare = await startGateway({ version: ROUTING_VERSION });
      clients = { plugin: world.client(), bare: await bare.connect() };
      await routed(world.client);
    });
    afterAll(async () => {
      await world?.close();
      await bare?.close();
    });

    const both = async <T>(work: (client: GatewayClient, side: "plugin" | "bare") => Promise<T>) => ({
      plugin: await work(clients.plugin, "plugin"),
      bare: await work(clients.bare, "bare"),
    });
    const same = ({ plugin, bare: other }: { plugin: unknown; bare: unknown }) =>
      expect(alike(plugin, world.gateway.rootDir)).toEqual(alike(other, bare.rootDir));
    const ours = async () =>
      (await world.client().call<{ jobs: Job[] }>("cron.command.list", { includeDisabled: true })).jobs;
    const refusal = async (client: GatewayClient, method: string, params: unknown) => {
      const error = await client.call(method, params).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(GatewayCallError);
      const { code, message, details } = error as GatewayCallError;
      return { code, message, details };
    };

    test("creating, reading, listing, editing, running and removing answer alike", async () => {
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
        [
          "cron.update",
          (job) => ({ id: job, patch: { schedule: { kind: "every", everyMs: 7_200_000, anchorMs: 5 } } }),
        ],
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
        // After an edit the gateway also shows two marks of its own scheduler.
        const { plugin, bare: other } = answers;
        for (const job of jobsIn(other))
          for (const mark of ["scheduleActivatedAtMs", "scheduleErrorCount"]) delete job.state[mark];
        for (const job of jobsIn(other))
          if (job.state["consecutiveErrors"] === 0 && !job.state["lastRunAtMs"]) delete job.state["consecutiveErrors"];
        same({ plugin, bare: other });
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
      expect(await refusal(clients.plugin, "cron.add", nul)).toMatchObject({
        code: "INVALID_REQUEST",
        message: expect.stringContaining("invalid cron.add params: payload.argv[0]: a NUL byte"),
      });
      const right = { id: plugin.id, patch: { name: "z" }, expectedConfigRevision: plugin.configRevision };
      expect(await clients.plugin.call("cron.update", right)).toMatchObject({ name: "z" });
      await both((client, side) => client.call("cron.remove", { id: ids[side] }));
    });

    test("the line of the gateway's own documentation, and every verb after it, from the command line", async () => {
      const create = (gateway: Gateway) => [
        ...["cron", "create", "*/15 * * * *", "--name", "Queue depth probe", "--command", "echo depth 7"],
        ...["--command-cwd", gateway.rootDir, "--announce", "--channel", "telegram", "--to", "-1001234567890"],
      ];
      const run = async (args: (gateway: Gateway) => string[]) => {
        const [plugin, other] = await Promise.all([world.gateway, bare].map((gateway) => gateway.cli(args(gateway))));
        if (plugin === undefined || other === undefined) throw new Error("no answer");
        expect([plugin.code, plugin.stderr]).toEqual([other.code, other.stderr]);
        return { plugin: plugin.stdout, bare: other.stdout };
      };
      const text = (stdout: string, gateway: Gateway): unknown => {
        try {
          return alike(JSON.parse(stdout), gateway.rootDir);
        } catch {
          return alike(stdout.replace(/ +/g, " ").replace(/(anchor|next|last): .*/g, "$1"), gateway.rootDir);
        }
      };
      const sameText = (answers: { plugin: string; bare: string }) =>
        expect(text(answers.plugin, world.gateway)).toEqual(text(answers.bare, bare));

      const created = await run(create);
      sameText(created);
      const id = { plugin: JSON.parse(created.plugin).id as string, bare: JSON.parse(created.bare).id as string };
      const idOf = (gateway: Gateway) => (gateway === bare ? id.bare : id.plugin);
      sameText(await run((gateway) => ["cron", "show", idOf(gateway)]));
      sameText(await run((gateway) => ["cron", "edit", idOf(gateway), "--timeout-seconds", "42"]));
      const started = await run((gateway) => ["cron", "run", idOf(gateway)]);
      sameText(started);
      const runId = JSON.parse(started.plugin).runId as string;
      const entry = await waitFor(async () => {
        const { entries } = await world.client().call<{ entries: RunEntry[] }>("cron.command.runs", { runId });
        return entries.find(({ action }) => action === "finished");
      });
      expect(entry).toMatchObject({ runStatus: "succeeded", stdout: "depth 7\n", exitCode: 0 });
      expect(entry.cleanup).toMatchObject({ left: [] });
      const runs = await run((gateway) => ["cron", "runs", idOf(gateway)]);
      expect(JSON.parse(runs.plugin)).toMatchObject({ entries: [], total: 0 });
      const row = (stdout: string) => stdout.split("\n").find((line) => line.includes("Queue depth probe")) ?? "";
      const lists = await run(() => ["cron", "list"]);
      expect(row(lists.plugin)).toContain(id.plugin);
      expect(row(lists.plugin).replace(/\s+/g, " ")).toMatch(
        /Queue depth probe cron \*\/15 \* \* \* \* \(exact\) in \S+ \S+ ago ok\b/,
      );
      expect(JSON.parse((await run((gateway) => ["cron", "disable", idOf(gateway)])).plugin)).toMatchObject({
        enabled: false,
      });
      expect(JSON.parse((await run((gateway) => ["cron", "enable", idOf(gateway)])).plugin)).toMatchObject({
        enabled: true,
      });
      sameText(await run((gateway) => ["cron", "rm", idOf(gateway)]));
    });

    test("an agent's job is the same, whether the plugin is there or not", async () => {
      const input = spec("Briefing", { payload: { kind: "agentTurn", message: "hello" } });
      const created = await both((client) => client.call<CronJob>("cron.add", input));
      same(created);
      const { id } = created.plugin;
      const before = await clients.plugin.call<CronJob>("cron.get", { id });
      await setEnabled(world.gateway, "disable");
      expect(await clients.plugin.call("cron.get", { id })).toEqual(before);
      await setEnabled(world.gateway, "enable");
      await routed(world.client);
      expect(await clients.plugin.call("cron.get", { id })).toEqual(before);
    });

    test("a job moves over when it becomes a command, and back when it is none any more", async () => {
      const job = await clients.plugin.call<CronJob>(
        "cron.add",
        spec("Turns", { payload: { kind: "agentTurn", message: "x" } }),
      );
      const command = { kind: "command", argv: ["true"] };
      const patched = await clients.plugin.call<CronJob>("cron.update", { id: job.id, patch: { payload: command } });
      expect(patched).toMatchObject({ id: job.id, enabled: true, payload: command });
      expect((await ours()).find(({ id }) => id === job.id)).toMatchObject({ enabled: true });
      expect(nativeJobs(world.gateway).get(job.id)).toMatchObject({ enabled: false });
      const back = await clients.plugin.call<CronJob>("cron.update", {
        id: job.id,
        patch: { payload: { kind: "agentTurn", message: "y" } },
      });
      expect(back).toMatchObject({ id: job.id, enabled: true, payload: { kind: "agentTurn", message: "y" } });
      expect((await ours()).map(({ id }) => id)).not.toContain(job.id);
      expect(nativeJobs(world.gateway).get(job.id)).toMatchObject({ enabled: true });
      await clients.plugin.call("cron.remove", { id: job.id });
    });

    test("when the gateway replaces its scheduler, the new one is routed and the jobs are still there", async () => {
      const { id } = await clients.plugin.call<CronJob>("cron.add", spec("Before"));
      await world.gateway.writeConfig((config) => {
        (config["cron"] as Fields)["webhookToken"] = "another-token";
      });
      await waitFor(async () => (await world.gateway.log()).includes("hot reload applied (cron.webhookToken)"));
      await waitFor(async () => {
        const job = await clients.plugin.call<CronJob>("cron.add", spec("After", { declarationKey: "after" }));
        const added = (job as unknown as { job: CronJob }).job;
        if ((await ours()).some((one) => one.id === added.id)) return true;
        await clients.plugin.call("cron.remove", { id: added.id });
        return false;
      });
      const { jobs } = await clients.plugin.call<{ jobs: CronJob[] }>("cron.list", { includeDisabled: true });
      expect(jobs.map(({ name }) => name)).toEqual(expect.arrayContaining(["Before", "After"]));
      expect(await clients.plugin.call("cron.get", { id })).toMatchObject({ name: "Before" });
    });

    test("switched off, the gateway's methods behave as if the plugin had never been there", async () => {
      const kept = (await ours()).map(({ name }) => name);
      expect(kept.length).toBeGreaterThan(0);
      await setEnabled(world.gateway, "disable");
      const listed = await clients.plugin.call<{ jobs: CronJob[] }>("cron.list", { includeDisabled: true });
      expect(listed.jobs.filter(({ name }) => kept.includes(name))).toEqual([]);
      const native = await both((client) => client.call<CronJob>("cron.add", spec("Native")));
      expect(native.plugin).not.toHaveProperty("description");
      same(native);
      expect(nativeJobs(world.gateway).get(native.plugin.id)).toMatchObject({ enabled: true });
      const said = (await world.gateway.log()).split("\n").filter((line) => line.includes("release --all"));
      expect(said.length).toBeGreaterThan(0);
      await setEnabled(world.gateway, "enable");
      await routed(world.client);
      const again = await clients.plugin.call<{ jobs: CronJob[] }>("cron.list", { includeDisabled: true });
      expect(again.jobs.map(({ name }) => name)).toEqual(expect.arrayContaining([...kept, "Native"]));
      // It stays with the gateway until it is adopted.
      expect((await ours()).map(({ id }) => id)).not.toContain(native.plugin.id);
      await clients.plugin.call("cron.remove", { id: native.plugin.id });
    });

    test("adopt and release, killed in the middle, leave every job active exactly once", async () => {
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
      for (const [method, delayMs] of [
        ["release", 25],
        ["adopt", 15],
        ["release", 60],
        ["adopt", 45],
      ] as const) {
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
  },
);

describe.runIf(E2E_GATEWAYS.includes(OLD_VERSION))(`openclaw cron on ${OLD_VERSION}`, () => {
  let world: PluginGateway;
  beforeAll(async () => {
    world = await startPluginGateway({ version: OLD_VERSION });
  });
  afterAll(() => world?.close());

  test("is left alone, because it has no command jobs", async () => {
    const { active, detail } = await waitFor(async () => {
      const now = await routing(world.client());
      return now.detail.includes("left alone") ? now : undefined;
    });
    expect(active).toBe(false);
    expect(detail).toContain("left alone");
    await expect(world.client().call("cron.add", spec("x"))).rejects.toThrow(/invalid cron\.add params/);
    const agent = spec("Briefing", {
      payload: { kind: "agentTurn", message: "hello" },
      schedule: { kind: "every", everyMs: 3_600_000 },
    });
    const job = await world.client().call<CronJob>("cron.add", agent);
    expect(job).toMatchObject({ name: "Briefing", payload: { kind: "agentTurn" } });
    await expect(world.client().call("cron.command.adopt", { all: true })).rejects.toMatchObject({
      details: { code: "CRON_UNREACHABLE" },
    });
  });
});

function jobsIn(answer: Fields): CronJob[] {
  if (Array.isArray(answer["jobs"])) return (answer["jobs"] as CronJob[]).filter(({ state }) => state !== undefined);
  return answer["state"] === undefined ? [] : [answer as unknown as CronJob];
}

/** What the gateway's own store holds, whoever stands in front of it. */
function nativeJobs(gateway: Gateway): Map<string, { enabled: boolean }> {
  const db = new DatabaseSync(join(gateway.stateDir, "state", "openclaw.sqlite"), { readOnly: true });
  try {
    const rows = db.prepare("SELECT job_id AS id, enabled FROM cron_jobs").all();
    return new Map(rows.map((row) => [String(row["id"]), { enabled: row["enabled"] === 1 }]));
  } finally {
    db.close();
  }
}

async function setEnabled(gateway: Gateway, verb: "enable" | "disable"): Promise<void> {
  const result = await gateway.cli(["plugins", verb, "command-cron"]);
  if (result.code !== 0) throw new Error(`plugins ${verb} failed: ${result.stdout}${result.stderr}`);
}
