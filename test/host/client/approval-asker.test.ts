import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type ApprovalAsker, createApprovalAsker } from "../../../src/host/client/approval-asker.ts";
import { silentLogger } from "../../../src/kernel/logger.ts";
import { gated, pass, settle, standing, waiting } from "../../engine/approvals/gated.ts";
import { CALLER, startTestEngine, type TestEngine } from "../../helpers/engine.ts";

const never = { kind: "every", everyMs: 30 * 86_400_000 } as const;
type Decision = "allow-once" | "deny" | null;

let test: TestEngine;
let asker: ApprovalAsker;
/** What the gateway was asked, and how it answers the wait for each. */
let requests: Record<string, unknown>[];
let answers: ((decision: Decision) => void)[];
let broken: Error | undefined;
let route: string | undefined;
/** What the gateway was asked to settle itself, and whether it is about to stop. */
let settled: unknown[];
let stopping: boolean;
let unsettled: boolean;

async function request<T>(method: string, params: unknown): Promise<T> {
  if (broken !== undefined) throw broken;
  if (method === "plugin.approval.resolve" && unsettled) throw new Error("approval already resolved");
  if (method === "plugin.approval.resolve") {
    settled.push(params);
    const { id, decision } = params as { id: string; decision: Decision };
    answers[Number(id.split(":")[1]) - 1]?.(decision);
    return { ok: true } as T;
  }
  if (stopping) throw new Error(`${method} unavailable during gateway restart`);
  if (method === "plugin.approval.request") {
    requests.push(params as Record<string, unknown>);
    return {
      status: "accepted",
      id: `plugin:${requests.length}`,
      ...(route === undefined ? {} : { deliveryRoute: route }),
    } as T;
  }
  if (method === "approval.get") return { resolver: { kind: "channel", id: "telegram:default" } } as T;
  const answer = new Promise<{ decision: Decision }>((resolve) => answers.push((decision) => resolve({ decision })));
  return (await answer) as T;
}

function begin(enabled = true): void {
  asker = createApprovalAsker({
    engine: test.engine,
    events: test.engine.events,
    client: { request },
    clock: test.clock,
    logger: silentLogger,
    config: () => ({ commands: { ownerAllowFrom: ["anna", "telegram:777"] } }),
    enabled,
  });
  asker.look();
}

beforeEach(async () => {
  [requests, answers, broken, route, settled, stopping] = [[], [], undefined, undefined, [], false];
  unsettled = false;
  test = await startTestEngine();
  begin();
});
afterEach(async () => {
  await asker.stop();
  await test.stop();
});

async function hold(): Promise<string> {
  const policy = {
    risk: "write_local" as const,
    approval: { required: true as const, reason: "it restarts the shop" },
  };
  const id = await test.add(
    gated({ name: "Deploy", schedule: never, payload: { kind: "command", argv: ["deploy", "prod"] }, policy }),
  );
  const { runId = "" } = await test.engine.runJob(id, CALLER, {});
  await settle(10);
  return runId;
}

describe("the gateway's own approvals", () => {
  it("are asked in words that fit, towards its owner; allow once starts the run, and who and by which door is kept", async () => {
    const runId = await hold();
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({
      pluginId: "command-cron",
      title: "Run Deploy",
      allowedDecisions: ["allow-once", "deny"],
      timeoutMs: 600_000,
      twoPhase: true,
      turnSourceChannel: "telegram",
      turnSourceTo: "777",
    });
    expect(String(requests[0]?.["description"])).toMatch(
      /^deploy prod\nit restarts the shop\nRisk: write_local\nHash [0-9a-f]{12}, run /,
    );
    answers[0]?.("allow-once");
    await settle(10);
    expect(standing(test)).toEqual(["running"]);
    const [entry] = test.engine.approvals({ runId, limit: 1, offset: 0 }).approvals;
    expect(entry).toMatchObject({ state: "approved", decidedBy: "channel telegram:default", door: "gateway" });
    expect(asker.status()).toMatchObject({ asks: true });
  });

  it("deny ends the run", async () => {
    await hold();
    answers[0]?.("deny");
    await settle(10);
    expect(standing(test)).toEqual(["skipped: approval_rejected"]);
  });

  it("are asked again when the gateway has forgotten it, until our own request is over, and no longer", async () => {
    await hold();
    for (let round = 1; round < 6; round += 1) {
      await pass(test, 600_000);
      answers[round - 1]?.(null);
      await settle(10);
      expect(requests).toHaveLength(round + 1);
    }
    expect(requests.at(-1)?.["timeoutMs"]).toBe(600_000);
    await pass(test, 600_000);
    answers.at(-1)?.(null);
    await settle(10);
    expect(standing(test)).toEqual(["skipped: approval_expired"]);
    expect(requests).toHaveLength(6);
  });

  it("are asked again after a restart, and when their store was lost", async () => {
    await hold();
    await asker.stop();
    expect(settled).toEqual([{ id: "plugin:1", decision: "deny" }]);
    await test.restart();
    begin();
    await settle(10);
    expect(requests).toHaveLength(2);
    answers[1]?.("allow-once");
    await settle(10);
    expect(standing(test)).toEqual(["running"]);
  });

  it("are not heard when it was decided by another door meanwhile", async () => {
    const runId = await hold();
    await test.engine.reject(runId, { reason: "no" }, { label: "anna" });
    answers[0]?.("allow-once");
    await settle(10);
    expect(standing(test)).toEqual(["skipped: approval_rejected"]);
    expect(test.runner.started).toEqual([]);
  });

  it("stand open no longer when it was decided by another door: they end as that did", async () => {
    const runId = await hold();
    await test.engine.approve(runId, {}, { label: "anna" });
    await settle(10);
    expect(settled).toEqual([{ id: "plugin:1", decision: "allow-once" }]);
    expect(requests).toHaveLength(1);
    const [entry] = test.engine.approvals({ runId, limit: 1, offset: 0 }).approvals;
    expect(entry).toMatchObject({ state: "approved", decidedBy: "anna", door: "api" });
  });

  it("are taken back from a gateway that is about to stop, which would wait for them; that is no decision", async () => {
    const runId = await hold();
    await pass(test, 5_000);
    expect(settled).toEqual([]);
    stopping = true;
    await pass(test, 5_000);
    expect(settled).toEqual([{ id: "plugin:1", decision: "deny" }]);
    expect(waiting(test)).toMatchObject([{ runId, state: "waiting" }]);
    // It did not stop after all.
    stopping = false;
    await pass(test, 30_000);
    expect(requests).toHaveLength(2);
    answers[1]?.("allow-once");
    await settle(10);
    expect(standing(test)).toEqual(["running"]);
  });

  it("that cannot be taken back still count: somebody was faster", async () => {
    await hold();
    unsettled = true;
    stopping = true;
    await pass(test, 5_000);
    answers[0]?.("allow-once");
    await settle(10);
    expect(standing(test)).toEqual(["running"]);
  });

  it("hear every decision, also of one that has waited behind fifty others", async () => {
    const policy = { approval: { required: true as const }, overlap: "allow_all" as const };
    const first = await hold();
    for (let job = 0; job < 6; job += 1) {
      const id = await test.add(gated({ name: `many ${job}`, schedule: never, policy }));
      for (let n = 0; n < 10; n += 1) await test.engine.runJob(id, CALLER, {});
      await settle(10);
    }
    answers[0]?.("deny");
    await settle(10);
    expect(test.engine.getRun(first)).toMatchObject({ runStatus: "skipped", reason: "approval_rejected" });
  });

  it("that cannot be asked are tried again, and status says so; our own doors stay", async () => {
    broken = new Error("unknown method: plugin.approval.request");
    const runId = await hold();
    expect(asker.status()).toMatchObject({ asks: false, detail: expect.stringContaining("unknown method") });
    broken = undefined;
    await pass(test, 30_000);
    expect(requests).toHaveLength(1);
    await test.engine.approve(runId, {}, { label: "anna" });
    await settle(10);
    expect(standing(test)).toEqual(["running"]);
  });

  it("are asked as soon as what waits can be read again", async () => {
    const unreadable = vi.spyOn(test.engine, "approvals").mockImplementation(() => {
      throw new Error("disk I/O error");
    });
    await hold();
    expect(() => asker.look()).not.toThrow();
    unreadable.mockRestore();
    await pass(test, 30_000);
    expect(requests).toHaveLength(1);
  });

  it("that reach nobody say so", async () => {
    route = "none";
    await hold();
    expect(asker.status().detail).toContain("nobody to ask");
    expect(waiting(test)).toHaveLength(1);
  });
});

describe("where they are switched off", () => {
  it("nothing is asked", async () => {
    await asker.stop();
    begin(false);
    await hold();
    expect(requests).toEqual([]);
    expect(asker.status()).toMatchObject({ asks: false, detail: expect.stringContaining("gatewayApprovals") });
  });
});
