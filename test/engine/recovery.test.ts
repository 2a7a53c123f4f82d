import { beforeEach, describe, expect, it } from "vitest";
import { MINUTE_MS, SECOND_MS } from "../../src/kernel/durations.ts";
import { settle } from "../helpers/clock.ts";
import { startTestEngine, type TestEngine } from "../helpers/engine.ts";
import { oneRun, webhook } from "./one-run.ts";

let test: TestEngine;
beforeEach(async () => {
  test = await startTestEngine();
});
const { key, only, runOnce } = oneRun(() => test);

describe("recovery", () => {
  it("reattaches: the same run goes on and ends after the restart", async () => {
    const jobId = await test.add({ delivery: webhook });
    await runOnce(jobId);
    const runId = only().runId;
    await test.restart();
    expect(only()).toMatchObject({ runId, runStatus: "running" });
    test.runner.end(key(), { out: "still here" });
    await settle(20);
    await test.clock.advance(1);
    expect(only()).toMatchObject({ runId, status: "ok", deliveryStatus: "delivered" });
    expect(test.runner.started.length).toBe(1);
  });

  it("takes a result that came while nobody listened", async () => {
    const jobId = await test.add();
    await runOnce(jobId);
    const running = key();
    test.runner.disconnect();
    test.runner.end(running, { out: "alone" });
    await test.restart();
    await settle(20);
    expect(only()).toMatchObject({ status: "ok", summary: "alone" });
  });

  it("records lost, never ok, when the runner died, and the next occurrence runs", async () => {
    const jobId = await test.add({ schedule: { kind: "every", everyMs: MINUTE_MS }, policy: { backoff: false } });
    await test.clock.advance(MINUTE_MS);
    test.runner.lose("killed");
    await settle(10);
    expect(only()).toMatchObject({ status: "error", runStatus: "lost", outcome: "lost" });
    await test.clock.advance(MINUTE_MS);
    expect(test.engine.runs({ jobId, limit: 9, offset: 0 }).entries[0]?.runStatus).toBe("running");
  });

  it("starts a run again that the living runner has never heard of, and only then", async () => {
    const { start } = test.runner.port;
    test.runner.port.start = () => {};
    const jobId = await test.add();
    await runOnce(jobId);
    test.runner.port.start = start;
    await test.restart();
    await settle(20);
    expect(test.runner.started.length).toBe(1);
    expect(only()).toMatchObject({ runStatus: "running" });

    test.runner.end(key());
    test.runner.port.start = () => {};
    await settle(10);
    await runOnce(jobId);
    test.runner.port.start = start;
    test.runner.instance = "another runner";
    await test.restart();
    await settle(20);
    expect(only()).toMatchObject({ runStatus: "lost" });
  });
});

describe("a clean stop", () => {
  it("leaves running commands to the runner, and ends those that must not outlive the gateway", async () => {
    const goesOn = await test.add({ name: "goes on" });
    const stops = await test.add({ name: "stops", policy: { onGatewayExit: "stop" } });
    await runOnce(goesOn);
    await runOnce(stops);
    const stopping = test.engine.stop();
    await test.clock.advance(6 * SECOND_MS);
    await stopping;
    expect(test.runner.running.size).toBe(1);
    await test.restart();
    const status = (jobId: string) => test.engine.runs({ jobId, limit: 1, offset: 0 }).entries[0]?.runStatus;
    expect([status(goesOn), status(stops)]).toEqual(["running", "canceled"]);
  });
});
