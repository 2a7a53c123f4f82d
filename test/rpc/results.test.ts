import { Ajv } from "ajv";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDispatcher, METHODS } from "../../src/rpc/index.ts";
import { settle } from "../helpers/clock.ts";
import { startTestEngine, type TestEngine } from "../helpers/engine.ts";

const CALLER = { label: "test" };
const ajv = new Ajv({ allErrors: true, strict: false });

let test: TestEngine;
let ask: (name: string, params?: unknown) => Promise<Record<string, unknown>>;
const answered = new Set<string>();

beforeAll(async () => {
  test = await startTestEngine({
    config: { alerts: { destination: { mode: "announce", channel: "irc", to: "#ops" } } },
    answer: (message) =>
      message.text.includes("maybe")
        ? { kind: "unknown", error: "the gateway ended" }
        : { kind: "failed", permanent: false, error: "connection refused" },
  });
  const moves = { adopt: async () => MOVED, release: async () => MOVED };
  const { dispatch } = createDispatcher(
    () => test.engine,
    () => moves,
  );
  ask = async (name, params = {}) => {
    const answer = await dispatch(`cron.command.${name}`, params, CALLER);
    const method = METHODS.find((row) => row.name === `cron.command.${name}`);
    const check = ajv.compile(method?.result ?? {});
    // What a client sees is JSON.
    check(JSON.parse(JSON.stringify(answer)));
    expect(check.errors, name).toBeNull();
    answered.add(name);
    return answer as Record<string, unknown>;
  };
});
afterAll(() => test.stop());

const MOVED = { plan: [{ action: "move" as const, id: "x", name: "Disk", detail: "" }], applied: true };
const JOB = {
  name: "Disk",
  schedule: { kind: "every", everyMs: 60_000 },
  payload: { kind: "command", argv: ["df"] },
  delivery: { mode: "announce", channel: "irc", to: "#ops" },
};

async function finish(runId: unknown, change: { out?: string; exitCode?: number } = {}): Promise<void> {
  await settle();
  const key = [...test.runner.running.keys()].find((found) => found.startsWith(String(runId)));
  test.runner.end(key ?? "no such attempt", change);
  await settle();
}

describe("the answer of every method has the shape it promises", () => {
  it("for jobs", async () => {
    const added = await ask("add", JOB);
    expect(added).toMatchObject({ name: "Disk", sessionTarget: "isolated" });
    expect(added["next"]).toHaveLength(3);
    expect(await ask("add", { ...JOB, name: "Declared", declarationKey: "k" })).toMatchObject({ created: true });
    expect(await ask("add", { ...JOB, name: "Declared", declarationKey: "k" })).toMatchObject({
      created: false,
      updated: false,
    });
    await ask("update", { id: "Disk", patch: { payload: { timeoutSeconds: 5 } } });
    expect(await ask("add", { ...JOB, name: "Other", dryRun: true })).toMatchObject({ dryRun: true, changes: [] });
    const wanted = { payload: { timeoutSeconds: 7 } };
    expect(await ask("update", { id: "Disk", patch: wanted, dryRun: true })).toMatchObject({
      dryRun: true,
      changes: [{ field: "payload.timeoutSeconds", from: "5", to: "7" }],
    });
    test.runner.auto = true;
    expect(await ask("test", { ...JOB, payload: { kind: "command", argv: ["no-such-program"] } })).toMatchObject({
      status: "ok",
      silent: "empty",
      warnings: [{ code: "PROGRAM_NOT_FOUND" }, { code: "NAME_SHARED" }],
    });
    expect(await ask("test", { ...JOB, policy: { exitCodes: { 0: "skip" } } })).toMatchObject({ status: "skipped" });
    test.runner.auto = false;
    await ask("get", { id: "Disk" });
    expect(await ask("list", { limit: 1 })).toMatchObject({ total: 2, hasMore: true, nextOffset: 1 });
    await ask("next", { id: "Disk", count: 3 });
    await ask("add", { ...JOB, name: "Then", schedule: { kind: "after", job: "Disk", on: "failure" }, enabled: false });
    expect(await ask("next", { id: "Then" })).toMatchObject({
      instants: [],
      after: { jobName: "Disk", on: "failure" },
    });
    expect(await ask("tree")).toMatchObject({ jobs: [{ name: "Disk" }, { name: "Then", level: 1 }], more: false });
    await ask("remove", { id: "Then" });
    await ask("next", { schedule: { kind: "cron", expr: "30 2 * * *", tz: "Europe/Berlin" }, count: 400 });
    await ask("status");
    await ask("doctor");
    expect(await ask("config")).toMatchObject({ config: {} });
  });

  it("for runs, whatever became of them", async () => {
    for (const change of [
      { out: "fine\n" },
      { out: "bad\n", exitCode: 3 },
      { out: "worse\n", exitCode: 3 },
      { out: "maybe\n" },
    ]) {
      const { runId } = await ask("run", { id: "Disk" });
      await ask("runs", { runId });
      await finish(runId, change);
    }
    const { runId } = await ask("run", { id: "Disk" });
    await settle();
    expect(await ask("run", { id: "Disk" })).toMatchObject({ ok: true, enqueued: false });
    expect(await ask("cancel", { runId })).toMatchObject({ canceled: [{ runId, left: 0 }] });
    expect(await ask("runs", { id: "Disk" })).toMatchObject({ total: 5 });
    expect(await ask("runs", { id: "Disk", allCron: true })).toMatchObject({ total: 5 });
    expect(await ask("summary")).toMatchObject({ jobs: [{ name: "Declared" }, { name: "Disk" }] });
    await ask("log", { runId });
    expect(await ask("nodes")).toEqual({ available: false, nodes: [] });
    expect(await ask("stats")).toMatchObject({ all: { runs: 5, ok: 2, error: 2, canceled: 1 }, total: 2 });
    expect(await ask("stats", { id: "Disk", sinceMs: 0 })).toMatchObject({
      jobs: [{ name: "Disk", runs: 5, okRate: 0.5 }],
    });
    await ask("list", { tags: ["none"], failing: true });
    const nowMs = test.clock.nowMs();
    const { jobs } = await ask("list");
    const ids = (jobs as { id: string }[]).map(({ id }) => id);
    const span = { sinceMs: nowMs - 3_600_000, untilMs: nowMs + 3_600_000 };
    expect(await ask("timeline", { ids, ...span })).toMatchObject({ jobs: [{ enabled: true }, { enabled: true }] });
    await ask("alerts", { openOnly: false });
    const ref = "alert-1";
    test.engine.inside.ledger.alerts.open({ id: ref, jobId: ids[0] ?? "", cause: "exit:1", atMs: nowMs });
    expect(await ask("alerts.ack", { ref })).toMatchObject({ alerts: [{ id: ref, ackedBy: "test" }] });
    expect(await ask("alerts.snooze", { ref, forSeconds: 60 })).toMatchObject({ alerts: [{ id: ref }] });
  });

  it("for what jobs keep", async () => {
    await ask("update", { id: "Disk", patch: { policy: { state: true } } });
    expect(await ask("state.get", { id: "Disk" })).toMatchObject({ content: "{}" });
    expect(await ask("state.set", { id: "Disk", content: "[1]" })).toMatchObject({ version: 1 });
    expect(await ask("state.get", { id: "Disk", version: 1 })).toMatchObject({ content: "[1]", setBy: "test" });
    expect(await ask("state.history", { id: "Disk" })).toMatchObject({ versions: [{ version: 1, bytes: 3 }] });
    expect(await ask("state.set", { id: "Disk", content: null })).not.toHaveProperty("version");
  });

  it("for approvals", async () => {
    const gated = {
      ...JOB,
      name: "Gated",
      policy: { approval: { required: true }, risk: "write_local", overlap: "allow_all" },
    };
    await ask("add", gated);
    const runs = [await ask("run", { id: "Gated" }), await ask("run", { id: "Gated" })];
    await settle(10);
    expect(await ask("approvals")).toMatchObject({ total: 2, approvals: [{ state: "waiting" }, {}] });
    expect(await ask("approve", { runId: runs[0]?.["runId"] })).toMatchObject({ state: "approved", decidedBy: "test" });
    expect(await ask("reject", { runId: runs[1]?.["runId"], reason: "no" })).toMatchObject({ state: "rejected" });
    await finish(runs[0]?.["runId"]);
    await ask("remove", { id: "Gated" });
  });

  it("for deliveries", async () => {
    const { deliveries } = await ask("deliveries", { state: "open" });
    const [first] = deliveries as { deliveryId: string; lane: string }[];
    expect(first).toBeDefined();
    await ask("deliveries", { deliveryId: first?.deliveryId });
    await ask("lanes");
    expect(await ask("lanes.pause", { destination: first?.lane })).not.toHaveProperty("unknown");
    expect(await ask("lanes.pause", { destination: "announce/irc/#typo" })).toMatchObject({ unknown: true });
    // Known from now on: it is paused.
    expect(await ask("lanes.resume", { destination: "announce/irc/#typo" })).not.toHaveProperty("unknown");
    await ask("lanes.resume", { destination: first?.lane });
    await ask("deliveries.retry", { all: true });
    await settle();
    await ask("deliveries.drop", { deliveryId: first?.deliveryId });
    const report = {
      team: "t",
      worker: "w",
      taskId: "1",
      progress: "",
      done: "maybe",
      next: "",
      status: "normal",
      source: "s",
    };
    await ask("report", { ...report, dryRun: true });
    await ask("report", { ...report, to: { mode: "announce", channel: "irc", to: "#maybe" } });
    await settle();
    const unknown = (await ask("deliveries", { state: "unknown" }))["deliveries"] as { deliveryId: string }[];
    await ask("deliveries.settle", { deliveryId: unknown[0]?.deliveryId, as: "sent" });
  });

  it("for the ledger as a whole", async () => {
    const exported = await ask("export");
    expect(await ask("import", { file: exported })).toMatchObject({ applied: false });
    await ask("import", { file: { version: 1, jobs: [{ name: "broken" }] }, apply: true });
    await ask("backup");
    await ask("check");
    await ask("adopt", { all: true });
    await ask("release", { all: true });
    await ask("remove", { id: "Disk" });
  });

  it("and no method was left out", () => {
    expect(METHODS.map(({ name }) => name.replace("cron.command.", "")).filter((name) => !answered.has(name))).toEqual(
      [],
    );
  });
});
