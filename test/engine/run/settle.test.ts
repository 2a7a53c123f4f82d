import { beforeEach, describe, expect, it } from "vitest";
import { MINUTE_MS, SECOND_MS } from "../../../src/kernel/durations.ts";
import { settle } from "../../helpers/clock.ts";
import { CALLER, startTestEngine, type TestEngine } from "../../helpers/engine.ts";
import { oneRun, webhook } from "../one-run.ts";

let test: TestEngine;
beforeEach(async () => {
  test = await startTestEngine();
});
const { key, only, runOnce, ends } = oneRun(() => test);

describe("a finished run", () => {
  it("keeps exit, output and the zero-survivor statement, and delivers its output once", async () => {
    const jobId = await test.add({ delivery: webhook });
    await ends(jobId, { out: "depth 3\n" });
    await test.clock.advance(1);
    expect(only()).toMatchObject({
      status: "ok",
      outcome: "exited",
      exitCode: 0,
      signal: null,
      stdout: "depth 3\n",
      summary: "depth 3",
      deliveryStatus: "delivered",
      cleanup: { left: [] },
    });
    expect(test.sent.map((message) => JSON.parse(message.body ?? "{}").summary)).toEqual(["depth 3"]);
  });

  it("says nothing when it has nothing to say, and records why", async () => {
    const jobId = await test.add({ delivery: webhook });
    await ends(jobId, { out: "NO_REPLY\n" });
    expect(test.sent).toEqual([]);
    expect(only()).toMatchObject({
      status: "ok",
      deliveryStatus: "not-requested",
      deliverySuppressionReason: "no_reply",
    });
  });

  it("delivers a failure with its output and its error", async () => {
    const jobId = await test.add({ delivery: webhook });
    await ends(jobId, { exitCode: 3, err: "disk is full\n" });
    await test.clock.advance(1);
    expect(only()).toMatchObject({ status: "error", error: "command exited with code 3", stderr: "disk is full\n" });
    expect(JSON.parse(test.sent[0]?.body ?? "{}")).toMatchObject({
      status: "error",
      exitCode: 3,
      stderr: "disk is full",
    });
  });

  it("shows its failed delivery beside its success, never instead of it", async () => {
    await test.stop();
    test = await startTestEngine({ answer: () => ({ kind: "failed", permanent: true, error: "no such place" }) });
    const jobId = await test.add({ delivery: webhook });
    await ends(jobId, { out: "x" });
    await test.clock.advance(1);
    expect(only()).toMatchObject({ status: "ok", completionStatus: "failed", deliveryStatus: "not-delivered" });
  });
});

describe("retries", () => {
  it("are attempts of one run, each visible; only the last one is delivered", async () => {
    const jobId = await test.add({
      delivery: webhook,
      policy: { retry: { maxAttempts: 3, delaySeconds: 10, factor: 2 } },
    });
    await ends(jobId, { exitCode: 1, out: "first" });
    expect(only().runStatus).toBe("queued");
    await test.clock.advance(9 * SECOND_MS);
    expect(test.runner.started.length).toBe(1);
    await test.clock.advance(2 * SECOND_MS);
    test.runner.end(key(), { exitCode: 1, out: "second" });
    await settle(20);
    await test.clock.advance(21 * SECOND_MS);
    test.runner.end(key(), { out: "third" });
    await settle(20);
    await test.clock.advance(1);
    expect(only().attempts.map((attempt) => attempt.exitCode)).toEqual([1, 1, 0]);
    expect(only().status).toBe("ok");
    expect(test.sent.length).toBe(1);
  });

  it("do not start beside a tree that is still alive", async () => {
    const jobId = await test.add({ policy: { retry: { maxAttempts: 3 } } });
    await runOnce(jobId);
    test.runner.end(key(), {
      exitCode: 1,
      cleanup: { method: ["group"], found: 1, ended: 0, left: [{ pid: 4, command: "stuck" }] },
    });
    await settle(20);
    expect(only().runStatus).toBe("failed");
  });
});

describe("consecutive failures", () => {
  it("pause the schedule, each occurrence recorded as skipped for backoff", async () => {
    const jobId = await test.add({ schedule: { kind: "every", everyMs: 10 * SECOND_MS } });
    await test.clock.advance(10 * SECOND_MS);
    test.runner.end(key(), { exitCode: 1 });
    await test.clock.advance(25 * SECOND_MS);
    const rows = test.engine.runs({ jobId, limit: 9, offset: 0, sortDir: "asc" }).entries;
    expect(rows.map((row) => [row.runStatus, row.reason])).toEqual([
      ["failed", undefined],
      ["skipped", "backoff"],
      ["skipped", "backoff"],
    ]);
  });

  it("disable the job, and one good trial enables it again", async () => {
    const jobId = await test.add({
      schedule: { kind: "every", everyMs: MINUTE_MS },
      policy: { backoff: false, autoDisable: { after: 2, trialSeconds: 600 } },
    });
    for (let i = 0; i < 2; i += 1) {
      await test.clock.advance(MINUTE_MS);
      test.runner.end(key(), { exitCode: 1 });
      await settle(10);
    }
    expect(test.engine.getJob(jobId)).toMatchObject({
      enabled: false,
      state: { autoDisabled: { consecutiveErrors: 2 } },
    });
    await test.clock.advance(5 * MINUTE_MS);
    expect(test.runner.running.size).toBe(0);
    await test.clock.advance(6 * MINUTE_MS);
    test.runner.end(key());
    await settle(10);
    expect(test.engine.getJob(jobId).enabled).toBe(true);
  });

  it("raise one alert and, when it is over, one recovery note", async () => {
    const jobId = await test.add({
      schedule: { kind: "every", everyMs: MINUTE_MS },
      failureAlert: { mode: "webhook", to: "http://127.0.0.1:59/alerts" },
      policy: { backoff: false, autoDisable: false },
    });
    for (let i = 0; i < 10; i += 1) {
      await test.clock.advance(MINUTE_MS);
      test.runner.end(key(), { exitCode: 1 });
      await settle(10);
    }
    await test.clock.advance(MINUTE_MS);
    test.runner.end(key());
    await settle(10);
    await test.clock.advance(SECOND_MS);
    expect(
      test.engine.listDeliveries({ jobId, limit: 50, offset: 0, sortDir: "asc" }).deliveries.map((one) => one.kind),
    ).toEqual(["alert", "recovery"]);
    expect(test.sent.length).toBe(2);
  });
});

describe("a result that comes twice", () => {
  it("does not free the slot of the next attempt", async () => {
    await test.stop();
    test = await startTestEngine({ config: { concurrency: 1 } });
    const jobId = await test.add({ policy: { retry: { maxAttempts: 3, delaySeconds: 0 } } });
    await runOnce(jobId);
    const first = key();
    test.runner.end(first, { exitCode: 1 });
    await settle(20);
    await test.clock.advance(1);
    expect(key()).toBe(first.replace(/1$/, "2"));
    test.runner.end(first, { exitCode: 1 });
    await settle(20);
    await runOnce(await test.add({ name: "other" }));
    expect(test.engine.status().runs).toEqual({ queued: 1, awaiting: 0, running: 1 });
    expect(test.runner.running.size).toBe(1);
  });
});

describe("cancel", () => {
  it("ends a running run and records who asked; a queued one never starts", async () => {
    const jobId = await test.add({ policy: { overlap: "buffer_one" } });
    await runOnce(jobId);
    const queued = await test.engine.runJob(jobId, CALLER, {});
    await test.engine.cancel({ runId: queued.runId ?? "" }, CALLER);
    await test.engine.cancel({ jobId }, { label: "night operator" });
    await settle(10);
    const rows = test.engine.runs({ jobId, limit: 9, offset: 0, sortDir: "asc" }).entries;
    expect(rows.map((row) => row.runStatus)).toEqual(["canceled", "canceled"]);
    expect(rows[0]?.reason).toContain("night operator");
    expect(test.runner.started.length).toBe(1);
  });
});

describe("runs that wait for one another", () => {
  it("keep their order when one of them is canceled", async () => {
    const jobId = await test.add({ policy: { overlap: "buffer_all" } });
    const runIds: string[] = [];
    for (let run = 0; run < 4; run += 1) runIds.push((await test.engine.runJob(jobId, CALLER, {})).runId ?? "");
    await test.engine.cancel({ runId: runIds[1] ?? "" }, CALLER);
    await test.clock.advance(15 * SECOND_MS);
    while (test.runner.running.size > 0) {
      test.runner.end(key());
      await settle(20);
    }
    expect(test.runner.started.map((spec) => spec.env["OPENCLAW_RUN_ID"])).toEqual([runIds[0], runIds[2], runIds[3]]);
  });
});

describe("the child's environment", () => {
  it("holds our variables and the job's, never the gateway's token", async () => {
    const jobId = await test.add({
      payload: { kind: "command", argv: ["true"], env: { A: "1" } },
      policy: { env: { inherit: "gateway", secrets: { KEY: { source: "env", provider: "default", id: "X" } } } },
    });
    await runOnce(jobId);
    const spec = test.runner.started[0];
    expect(spec?.env).toMatchObject({ A: "1", KEY: "secret-of-X", OPENCLAW_JOB_ID: jobId, OPENCLAW_ATTEMPT: "1" });
    expect(spec?.env["OPENCLAW_GATEWAY_TOKEN"]).toBeUndefined();
    expect(spec?.masks).toEqual(["secret-of-X"]);
  });
});
