import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { JobInput } from "../../schema/wire/job.ts";
import { restoreBackup } from "../../src/engine/port.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../src/kernel/durations.ts";
import { settle } from "../helpers/clock.ts";
import { CALLER, startTestEngine, type TestEngine } from "../helpers/engine.ts";

const FAR = Date.UTC(2099, 0, 1);

let test: TestEngine;
beforeEach(async () => {
  test = await startTestEngine();
  test.runner.auto = true;
});

const rowsOf = (jobId: string) => test.engine.runs({ jobId, limit: 200, offset: 0, sortDir: "asc" }).entries;
const ranOf = (jobId: string) => rowsOf(jobId).filter((row) => row.runAtMs !== undefined);
const iso = (ms: number) => new Date(ms).toISOString();
const notices = () => test.engine.status().notices.map(({ code, message }) => `${code} ${message}`);

/** The clock shows something wrong for half a minute, then what it should. */
async function wrongFor(shownMs: number): Promise<void> {
  const right = test.clock.nowMs();
  test.clock.setWall(shownMs);
  await test.clock.advance(31 * SECOND_MS);
  test.clock.setWall(right + 31 * SECOND_MS);
  await test.clock.advance(31 * SECOND_MS);
}

describe("after a wrong clock has been set right", () => {
  it.each([
    ["seventy years", FAR],
    ["two hours", Date.UTC(2027, 0, 4, 14)],
  ])("jobs go on as if it had not been: %s", async (_, shownMs) => {
    const jobId = await test.add();
    await test.clock.advance(2 * MINUTE_MS);
    await wrongFor(shownMs);
    expect(test.engine.getJob(jobId).state.nextRunAtMs).toBeLessThanOrEqual(test.clock.nowMs() + MINUTE_MS);
    const before = ranOf(jobId).length;
    await test.clock.advance(HOUR_MS);
    expect(ranOf(jobId).length).toBe(before + 60);
    const rows = rowsOf(jobId).map((row) => row.scheduledForMs);
    expect(new Set(rows).size).toBe(rows.length);
    // Of what the wrong clock had passed over nothing is left: those instants have not come.
    expect(rowsOf(jobId).filter((row) => row.runStatus === "missed")).toEqual([]);
  });

  it("a job that waits for years goes back to its own instant", async () => {
    const jobId = await test.add({ schedule: { kind: "cron", expr: "0 0 1 1 *", tz: "UTC" } });
    await wrongFor(FAR + HOUR_MS);
    expect(test.engine.getJob(jobId).state.nextRunAtMs).toBe(Date.UTC(2028, 0, 1));
  });

  it("it is the same when that happens while the gateway is away", async () => {
    const jobId = await test.add();
    const right = test.clock.nowMs();
    test.clock.setWall(FAR);
    await test.clock.advance(31 * SECOND_MS);
    await test.engine.stop();
    test.clock.setWall(right);
    test.runner.disconnect();
    await test.restart();
    await test.clock.advance(10 * MINUTE_MS);
    expect(ranOf(jobId).filter((row) => (row.scheduledForMs ?? 0) < FAR - DAY_MS).length).toBe(10);
  });

  it("a job that was made by it runs too", async () => {
    const right = test.clock.nowMs();
    test.clock.setWall(FAR);
    const jobId = await test.add();
    await test.clock.advance(31 * SECOND_MS);
    test.clock.setWall(right);
    await test.clock.advance(10 * MINUTE_MS + 31 * SECOND_MS);
    expect(ranOf(jobId).length).toBeGreaterThanOrEqual(10);
  });

  it("an edit makes the next instant real at once", async () => {
    const right = test.clock.nowMs();
    test.clock.setWall(right + 2 * HOUR_MS);
    const jobId = await test.add({ schedule: { kind: "at", at: iso(right + 5 * HOUR_MS) } });
    test.clock.setWall(right);
    const atMs = right + 30 * MINUTE_MS;
    const edited = await test.engine.updateJob(jobId, { schedule: { kind: "at", at: iso(atMs) } }, CALLER);
    expect(edited.state.nextRunAtMs).toBe(atMs);
    await test.clock.advance(31 * MINUTE_MS);
    expect(ranOf(jobId).map((row) => [row.scheduledForMs, row.status])).toEqual([[atMs, "ok"]]);
    expect(test.engine.getJob(jobId).enabled).toBe(false);
  });

  it("an instant that ran under it does not run again, and an `at` job says so", async () => {
    const at = iso(test.clock.nowMs() + HOUR_MS);
    const jobId = await test.add({ schedule: { kind: "at", at } });
    await wrongFor(test.clock.nowMs() + 2 * HOUR_MS);
    expect(ranOf(jobId).length).toBe(1);
    await expect(
      test.engine.updateJob(jobId, { schedule: { kind: "at", at }, enabled: true }, CALLER),
    ).rejects.toMatchObject({ code: "SCHEDULE_NEVER_FIRES", details: { field: "schedule.at", got: at } });
  });

  it("nor one whose record retention has removed", async () => {
    await test.stop();
    test = await startTestEngine({ config: { retention: { runsPerJob: 3 } } });
    test.runner.auto = true;
    const jobId = await test.add({ schedule: { kind: "every", everyMs: 10 * SECOND_MS } });
    const ran: string[] = [];
    test.engine.events.on("run-started", ({ runId }) => {
      const { scheduledForMs } = test.engine.getRun(runId);
      ran.push(iso(scheduledForMs ?? 0));
    });
    const right = test.clock.nowMs();
    test.clock.setWall(right + HOUR_MS);
    await test.clock.advance(2 * MINUTE_MS);
    // Upkeep may have been beside the last few.
    await test.clock.advance(10 * MINUTE_MS);
    expect(test.engine.runs({ jobId, limit: 1, offset: 0 }).total).toBeLessThan(50);
    test.clock.setWall(right + 12 * MINUTE_MS);
    await test.clock.advance(90 * MINUTE_MS);
    expect(new Set(ran).size).toBe(ran.length);
    expect(test.clock.nowMs() - (ranOf(jobId).at(-1)?.scheduledForMs ?? 0)).toBeLessThan(MINUTE_MS);
  });

  it("a retry waits no longer than its pause", async () => {
    test.runner.auto = false;
    const jobId = await test.add({ policy: { retry: { maxAttempts: 2, delaySeconds: 60 } } });
    const { runId } = await test.engine.runJob(jobId, CALLER, {});
    await settle();
    const right = test.clock.nowMs();
    test.clock.setWall(FAR);
    test.runner.end(`${runId}.1`, { exitCode: 1, startedAtMs: right, endedAtMs: FAR });
    await settle(10);
    test.clock.setWall(right);
    await test.clock.advance(2 * MINUTE_MS);
    expect(test.runner.running.has(`${runId}.2`)).toBe(true);
  });

  it.each<[string, NonNullable<JobInput["policy"]>]>([
    ["pauses for its failures pauses as long", { backoff: { seconds: [60] } }],
    ["was disabled for its failures waits for its trial as long", { autoDisable: { after: 1, trialSeconds: 60 } }],
  ])("a job that %s as it would have", async (_, policy) => {
    test.runner.auto = false;
    const jobId = await test.add({ schedule: { kind: "every", everyMs: 10 * SECOND_MS }, policy });
    const right = test.clock.nowMs();
    test.clock.setWall(FAR);
    await test.clock.advance(31 * SECOND_MS);
    for (const key of [...test.runner.running.keys()]) test.runner.end(key, { exitCode: 1 });
    await settle(10);
    test.clock.setWall(right);
    test.runner.auto = true;
    await test.clock.advance(5 * MINUTE_MS);
    expect(ranOf(jobId).length).toBeGreaterThan(10);
  });

  it("the notice of the jump closes with the day", async () => {
    await test.add();
    await wrongFor(FAR);
    expect(notices().some((text) => text.startsWith("CLOCK_JUMP"))).toBe(true);
    await test.clock.advance(25 * HOUR_MS);
    expect(notices().filter((text) => text.startsWith("CLOCK_JUMP"))).toEqual([]);
  });
});

describe("a one-shot", () => {
  const once = { kind: "at" as const, at: iso(Date.UTC(2027, 0, 4, 12, 1)) };

  it("whose instant comes while a manual run is active runs after it", async () => {
    test.runner.auto = false;
    const jobId = await test.add({ schedule: once });
    const { runId } = await test.engine.runJob(jobId, CALLER, {});
    await test.clock.advance(2 * MINUTE_MS);
    expect(rowsOf(jobId).map((row) => row.runStatus)).toEqual(["running", "queued"]);
    test.runner.end(`${runId}.1`);
    await settle(10);
    for (const key of [...test.runner.running.keys()]) test.runner.end(key);
    await settle(10);
    expect(rowsOf(jobId).map((row) => [row.trigger, row.runStatus])).toEqual([
      ["manual", "succeeded"],
      ["schedule", "succeeded"],
    ]);
    expect(test.engine.getJob(jobId).enabled).toBe(false);
  });

  it.each<[string, NonNullable<JobInput["policy"]>, boolean | undefined, number]>([
    ["pause it runs all the same", { backoff: { seconds: [3_600] } }, true, 0],
    ["disable it runs at its trial", { autoDisable: { after: 1, trialSeconds: 600 } }, undefined, 9],
  ])("whose instant comes while its failures %s", async (_, policy, enabled, waitedMinutes) => {
    test.runner.auto = false;
    const jobId = await test.add({ schedule: once, policy });
    await test.clock.advance(MINUTE_MS);
    for (const key of [...test.runner.running.keys()]) test.runner.end(key, { exitCode: 1 });
    await settle(10);
    const atMs = test.clock.nowMs() + MINUTE_MS;
    const schedule = { kind: "at" as const, at: iso(atMs) };
    await test.engine.updateJob(jobId, { schedule, ...(enabled === undefined ? {} : { enabled }) }, CALLER);
    await test.clock.advance(MINUTE_MS);
    expect(rowsOf(jobId).length).toBe(waitedMinutes === 0 ? 2 : 1);
    await test.clock.advance(waitedMinutes * MINUTE_MS);
    expect(rowsOf(jobId).at(-1)).toMatchObject({ runStatus: "running", scheduledForMs: atMs });
  });

  it("that a restore has passed over is disabled, and the notice names it", async () => {
    const jobId = await test.add({ name: "once", schedule: once });
    const file = join(test.stateDir, "copy.sqlite");
    await test.engine.backup(file);
    await test.clock.advance(2 * MINUTE_MS);
    await test.engine.stop();
    test.runner.disconnect();
    restoreBackup({ stateDir: test.stateDir, file, nowMs: test.clock.nowMs() });
    await test.restart();
    expect(test.engine.getJob(jobId)).toMatchObject({ enabled: false });
    expect(rowsOf(jobId).map((row) => [row.runStatus, row.reason])).toEqual([["missed", "restored"]]);
    expect(notices().find((text) => text.startsWith("RESTORED"))).toMatch(
      /^RESTORED 1 instant between .* was passed over; one-shot jobs .* disabled.*: once$/,
    );
  });
});
