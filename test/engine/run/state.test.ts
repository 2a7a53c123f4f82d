import { beforeEach, describe, expect, it } from "vitest";
import type { JobPolicy } from "../../../schema/wire/policy.ts";
import { settle } from "../../helpers/clock.ts";
import { CALLER, startTestEngine, type TestEngine } from "../../helpers/engine.ts";
import { oneRun } from "../one-run.ts";

let test: TestEngine;
beforeEach(async () => {
  test = await startTestEngine();
});
const { only, key, runOnce, ends } = oneRun(() => test);

const add = (policy: JobPolicy = {}) => test.add({ policy: { state: true, ...policy } });
const found = (): string | undefined => test.runner.started.at(-1)?.state;

describe("a state", () => {
  it("begins as {}, moves with each run that succeeds, and goes through a restart", async () => {
    const id = await add();
    await ends(id, { state: { content: '{"n":1}' } });
    expect(test.runner.started[0]?.state).toBe("{}");
    expect(only().attempts[0]?.state).toEqual({ version: 1 });
    await test.restart();
    await ends(id, { state: { content: '{"n":2}' } });
    expect(found()).toBe('{"n":1}');
    await ends(id, {});
    expect(only().attempts[0]?.state).toBeUndefined();
    expect(test.engine.getState(id)).toMatchObject({ jobId: id, version: 2, content: '{"n":2}', bytes: 7 });
  });

  it("does not move with a run that fails, has nothing to do, is canceled or lost", async () => {
    const id = await add({ exitCodes: { "9": "skip" } });
    const state = { content: "[1]" };
    for (const exitCode of [1, 9]) await ends(id, { exitCode, state });
    await ends(id, { outcome: "verify_failed", state });
    await ends(id, { outcome: "canceled", exitCode: 0, state });
    await runOnce(id);
    test.runner.lose("gone");
    await settle(10);
    expect(test.engine.stateHistory(id).versions).toEqual([]);
    expect(only().attempts[0]?.state).toBeUndefined();
  });

  it("is for a second attempt what it was before the first", async () => {
    const id = await add({ retry: { maxAttempts: 2, delaySeconds: 1 } });
    await ends(id, { state: { content: "1" } });
    await ends(id, { exitCode: 1, state: { content: "2" } });
    await test.clock.advance(1_000);
    await settle(10);
    expect(found()).toBe("1");
    test.runner.end(key(), { state: { content: "3" } });
    await settle(10);
    expect(test.engine.getState(id).content).toBe("3");
  });

  it("that cannot be kept leaves the old one; the record and status say why, until one can", async () => {
    const id = await add();
    await ends(id, { state: { content: "1" } });
    await ends(id, { state: { problem: "the state file is gone" } });
    expect(only()).toMatchObject({ runStatus: "succeeded" });
    expect(only().attempts[0]?.state).toEqual({ problem: "the state file is gone" });
    expect(test.engine.getState(id).content).toBe("1");
    const told = () => test.engine.status().notices.filter(({ code }) => code === "STATE_REFUSED");
    expect(told()[0]?.message).toContain("the state file is gone; the old state stays");
    const finding = (await test.engine.doctor()).find(({ check }) => check === "STATE_REFUSED");
    expect(finding).toMatchObject({ level: "warn", action: expect.stringContaining("OPENCLAW_STATE") });
    await ends(id, { state: { content: "2" } });
    expect(told()).toEqual([]);
  });

  it("has ten versions, which tell who wrote them", async () => {
    const id = await add();
    for (let n = 1; n <= 12; n += 1) await test.engine.setState(id, String(n), CALLER);
    const { versions } = test.engine.stateHistory(id);
    expect(versions.map(({ version }) => version)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3]);
    expect(versions[0]).toMatchObject({ bytes: 2, setBy: CALLER.label });
    expect(test.engine.getState(id, 3).content).toBe("3");
    expect(() => test.engine.getState(id, 2)).toThrow("Expected one of 12, 11");
  });

  it("can be set and forgotten while the job does not run", async () => {
    const id = await add();
    expect(await test.engine.setState(id, '{"seen": 5}', CALLER)).toEqual({ jobId: id, version: 1 });
    await runOnce(id);
    expect(found()).toBe('{"seen": 5}');
    await expect(test.engine.setState(id, "1", CALLER)).rejects.toMatchObject({ code: "STATE_BUSY" });
    test.runner.end(key());
    await settle(10);
    await test.engine.setState(id, null, CALLER);
    expect(test.engine.getState(id)).toEqual({ jobId: id, content: "{}", bytes: 2 });
  });

  it.each(["{", "\u0000", `"${"x".repeat(262_144)}"`])("is refused when it is no state (%#)", async (content) => {
    const id = await add();
    await expect(test.engine.setState(id, content, CALLER)).rejects.toMatchObject({ code: "INVALID_PARAMS" });
    expect(test.engine.stateHistory(id).versions).toEqual([]);
  });

  it("needs runs one at a time, and a job that keeps one", async () => {
    await expect(add({ overlap: "allow_all" })).rejects.toMatchObject({ code: "INVALID_PARAMS" });
    const id = await add();
    await expect(test.engine.updateJob(id, { policy: { overlap: "allow_all" } }, CALLER)).rejects.toThrow(
      "policy.overlap",
    );
    const other = await test.add({});
    await expect(test.engine.setState(other, "1", CALLER)).rejects.toMatchObject({ code: "INVALID_PARAMS" });
    await runOnce(other);
    expect(found()).toBeUndefined();
  });

  it("is of its day where the job says so, in the zone of the schedule", async () => {
    const schedule = { kind: "cron" as const, expr: "0 0 1 1 *", tz: "Asia/Tokyo" };
    const id = await test.add({ schedule, policy: { state: { resetDaily: true } } });
    const midnight = Date.UTC(2027, 5, 1, 15);
    test.clock.setWall(midnight - 60_000);
    await ends(id, { state: { content: "1" } });
    await runOnce(id);
    expect(found()).toBe("1");
    test.clock.setWall(midnight + 60_000);
    // Written today, by an attempt of yesterday.
    test.runner.end(key(), { state: { content: "2" }, startedAtMs: midnight - 30_000 });
    await settle(10);
    expect(test.engine.getState(id).content).toBe("2");
    await runOnce(id);
    expect(found()).toBe("{}");
  });

  it("is no part of an export, which carries the policy", async () => {
    const id = await add({ exitCodes: { "2": "skip" }, until: { match: "x" }, verify: { argv: ["true"] } });
    await test.engine.setState(id, '"kept"', CALLER);
    const { jobs } = await test.engine.exportJobs({});
    expect(jobs).toMatchObject([
      { policy: { state: true, exitCodes: { "2": "skip" }, until: { match: "x" }, verify: { argv: ["true"] } } },
    ]);
    expect(JSON.stringify(jobs)).not.toContain("kept");
  });

  it("goes with its job", async () => {
    const id = await test.add({ declarationKey: "feed", policy: { state: true } });
    await test.engine.setState(id, "1", CALLER);
    await test.engine.removeJob(id, CALLER);
    const again = await test.add({ declarationKey: "feed", policy: { state: true } });
    expect(test.engine.stateHistory(again).versions).toEqual([]);
  });
});
