import { beforeEach, describe, expect, it } from "vitest";
import { HOUR_MS, SECOND_MS } from "../../src/kernel/durations.ts";
import { settle } from "../helpers/clock.ts";
import { CALLER, startTestEngine, type TestEngine } from "../helpers/engine.ts";

let test: TestEngine;
beforeEach(async () => {
  test = await startTestEngine();
});

const entries = (jobId: string) => test.engine.runs({ jobId, limit: 200, offset: 0, sortDir: "asc" }).entries;

describe("occurrences", () => {
  it("become one run each, on the anchor, however long a run takes", async () => {
    test.runner.auto = true;
    const jobId = await test.add({ schedule: { kind: "every", everyMs: SECOND_MS } });
    const anchorMs = test.clock.nowMs();
    for (let second = 0; second < 60; second += 1) await test.clock.advance(SECOND_MS);
    const rows = entries(jobId);
    expect(rows.map((row) => row.scheduledForMs)).toEqual(
      Array.from({ length: 60 }, (_, i) => anchorMs + (i + 1) * SECOND_MS),
    );
    expect(rows.every((row) => row.status === "ok")).toBe(true);
  });

  it("go on where they stopped after a restart, without a double", async () => {
    test.runner.auto = true;
    const jobId = await test.add({ schedule: { kind: "every", everyMs: SECOND_MS } });
    await test.clock.advance(3 * SECOND_MS);
    await test.restart();
    await test.clock.advance(3 * SECOND_MS);
    const instants = entries(jobId).map((row) => row.scheduledForMs);
    expect(new Set(instants).size).toBe(6);
    expect(instants.length).toBe(6);
  });

  it("are not fired twice when the clock is set back an hour, the others are, and the jump is said", async () => {
    test.runner.auto = true;
    const jobId = await test.add({ schedule: { kind: "every", everyMs: 10 * SECOND_MS } });
    await test.clock.advance(30 * SECOND_MS);
    test.clock.setWall(test.clock.nowMs() - 3_600_000);
    await test.clock.advance(20 * 60 * SECOND_MS);
    const instants = entries(jobId).map((row) => row.scheduledForMs);
    expect(new Set(instants).size).toBe(instants.length);
    // In that hour the job did not exist yet.
    expect(instants.length).toBeGreaterThanOrEqual(20 * 6);
    expect(new Set(test.runner.started.map((spec) => spec.env["OPENCLAW_SCHEDULED_FOR"])).size).toBe(
      test.runner.started.length,
    );
    expect(test.engine.status().notices.map((notice) => notice.code)).toContain("CLOCK_JUMP");
  });

  it("missed during a day of sleep: the latest runs, the others are one row that covers them", async () => {
    test.runner.auto = true;
    const jobId = await test.add({ schedule: { kind: "every", everyMs: 60 * SECOND_MS } });
    test.clock.setWall(test.clock.nowMs() + 3_600_000);
    await test.clock.advance(30 * SECOND_MS);
    const rows = entries(jobId);
    const covered = rows.reduce((sum, row) => sum + (row.coversCount ?? 1), 0);
    expect(covered).toBe(60);
    expect(rows.filter((row) => row.status === "ok").length).toBe(1);
    expect(rows.find((row) => row.runStatus === "missed")?.reason).toBe("misfire_policy");
  });

  it("of a job that is disabled do not run, and do again when it is enabled", async () => {
    test.runner.auto = true;
    const jobId = await test.add({ schedule: { kind: "every", everyMs: SECOND_MS } });
    await test.engine.updateJob(jobId, { enabled: false }, CALLER);
    await test.clock.advance(5 * SECOND_MS);
    expect(entries(jobId)).toEqual([]);
    await test.engine.updateJob(jobId, { enabled: true }, CALLER);
    await test.clock.advance(2 * SECOND_MS);
    expect(entries(jobId).length).toBe(2);
  });

  it("of a removed job end with it; its history stays", async () => {
    test.runner.auto = true;
    const jobId = await test.add({ schedule: { kind: "every", everyMs: SECOND_MS } });
    await test.clock.advance(2 * SECOND_MS);
    await test.engine.removeJob(jobId, CALLER);
    await test.clock.advance(3 * SECOND_MS);
    expect(entries(jobId).length).toBe(2);
  });

  it("of a removed job: what was found about it is closed with it", async () => {
    const failing = { schedule: { kind: "every" as const, everyMs: SECOND_MS }, policy: { backoff: false as const } };
    const jobId = await test.add({ ...failing, policy: { ...failing.policy, autoDisable: { after: 3 } } });
    await test.add({ ...failing, name: "other" });
    const flips: string[] = [];
    test.engine.events.on("alert-changed", ({ state }) => flips.push(state));
    for (let round = 0; round < 3; round += 1) {
      await test.clock.advance(SECOND_MS);
      for (const key of [...test.runner.running.keys()]) test.runner.end(key, { exitCode: 1 });
      await settle(10);
    }
    const open = () => test.engine.status().notices.map(({ code }) => code);
    expect(open().sort()).toEqual(["JOB_DISABLED", "JOB_FAILING", "JOB_FAILING"]);
    await test.engine.removeJob(jobId, CALLER);
    expect(open()).toEqual(["JOB_FAILING"]);
    expect(test.engine.alerts({ openOnly: true, jobId, limit: 9, offset: 0 }).total).toBe(0);
    expect(test.engine.status().alerts).toBe(1);
    expect(flips).toEqual(["open", "open", "closed"]);
  });

  it("one-shot: runs once, late if it must, and is gone after success when asked to", async () => {
    test.runner.auto = true;
    const at = new Date(test.clock.nowMs() + 5 * SECOND_MS).toISOString();
    const kept = await test.add({ name: "kept", schedule: { kind: "at", at } });
    const gone = await test.add({ name: "gone", schedule: { kind: "at", at }, deleteAfterRun: true });
    test.clock.setWall(test.clock.nowMs() + 48 * 3_600_000);
    await test.clock.advance(31 * SECOND_MS);
    expect(entries(kept).map((row) => row.status)).toEqual(["ok"]);
    expect(entries(gone).map((row) => row.status)).toEqual(["ok"]);
    expect(test.engine.getJob(kept).enabled).toBe(false);
    expect(() => test.engine.getJob(gone)).toThrow(/no command job/);
  });
});

describe("overlap", () => {
  it("skip: an occurrence that comes due while the job runs is recorded as skipped", async () => {
    const jobId = await test.add({ schedule: { kind: "every", everyMs: SECOND_MS } });
    await test.clock.advance(3 * SECOND_MS);
    expect(entries(jobId).map((row) => row.runStatus)).toEqual(["running", "skipped", "skipped"]);
    expect(entries(jobId)[1]?.reason).toBe("overlap");
  });

  it("buffer_one: one waits and starts when the first ends, the rest are skipped", async () => {
    const jobId = await test.add({
      schedule: { kind: "every", everyMs: SECOND_MS },
      policy: { overlap: "buffer_one" },
    });
    await test.clock.advance(3 * SECOND_MS);
    expect(entries(jobId).map((row) => row.runStatus)).toEqual(["running", "queued", "skipped"]);
    test.runner.end([...test.runner.running.keys()][0] ?? "");
    await settle();
    expect(entries(jobId).map((row) => row.runStatus)).toEqual(["succeeded", "running", "skipped"]);
  });

  it("cancel_other: the running one is canceled and the new one starts after it", async () => {
    const jobId = await test.add({
      schedule: { kind: "every", everyMs: SECOND_MS },
      policy: { overlap: "cancel_other" },
    });
    await test.clock.advance(2 * SECOND_MS);
    await settle(20);
    expect(entries(jobId).map((row) => row.runStatus)).toEqual(["canceled", "running"]);
  });

  it("allow_all: runs side by side", async () => {
    await test.add({ schedule: { kind: "every", everyMs: SECOND_MS }, policy: { overlap: "allow_all" } });
    await test.clock.advance(3 * SECOND_MS);
    expect(test.runner.running.size).toBe(3);
  });

  it("binds manual starts too", async () => {
    const jobId = await test.add();
    const first = await test.engine.runJob(jobId, CALLER, {});
    await settle();
    const second = await test.engine.runJob(jobId, CALLER, {});
    expect(first.enqueued).toBe(true);
    expect(second).toEqual({ ok: true, enqueued: false, reason: "already-running" });
  });
});

describe("concurrency", () => {
  it("never exceeds the limit, and a slow job never delays another one's start", async () => {
    await test.stop();
    test = await startTestEngine({ config: { concurrency: 3, pools: { slow: 1 } } });
    for (let i = 0; i < 4; i += 1) {
      await test.add({ name: `slow ${i}`, schedule: { kind: "every", everyMs: SECOND_MS }, policy: { pool: "slow" } });
    }
    const quick = await test.add({ name: "quick", schedule: { kind: "every", everyMs: SECOND_MS } });
    await test.clock.advance(SECOND_MS);
    expect(test.runner.running.size).toBe(2);
    expect(entries(quick)[0]?.runStatus).toBe("running");
  });

  it("under cancel_other the ones caught up together wait for one another, and an older run is ended for them", async () => {
    const id = await test.add({
      schedule: { kind: "every", everyMs: HOUR_MS },
      policy: { overlap: "cancel_other", misfire: { mode: "run_all", max: 5 } },
    });
    await test.clock.advance(HOUR_MS);
    expect(test.runner.running.size).toBe(1);
    await test.engine.stop();
    test.clock.setWall(test.clock.nowMs() + 2.5 * HOUR_MS);
    test.runner.auto = true;
    await test.restart();
    await test.clock.advance(5 * SECOND_MS);
    const rows = test.engine.runs({ jobId: id, limit: 9, offset: 0, sortDir: "asc" }).entries;
    expect(rows.map((row) => row.runStatus)).toEqual(["canceled", "succeeded", "succeeded"]);
  });

  it("10,000 jobs due in one second: all recorded, started in order, eight at a time", async () => {
    test.runner.auto = false;
    const at = new Date(test.clock.nowMs() + 60 * SECOND_MS).toISOString();
    for (let i = 0; i < 10_000; i += 1) await test.add({ name: `job ${i}`, schedule: { kind: "at", at } });
    await test.clock.advance(60 * SECOND_MS);
    for (let turn = 0; turn < 300 && test.engine.status().runs.queued < 10_000 - 8; turn += 1)
      await test.clock.advance(1);
    expect(test.engine.status().runs).toEqual({ queued: 9_992, awaiting: 0, running: 8 });
    expect(test.runner.running.size).toBe(8);
    test.runner.auto = true;
    for (const key of [...test.runner.running.keys()]) test.runner.end(key);
    while (test.engine.status().runs.queued + test.engine.status().runs.running > 0) await settle(50);
    expect(test.runner.started.length).toBe(10_000);
    expect(new Set(test.runner.started.map((spec) => spec.env["OPENCLAW_JOB_ID"])).size).toBe(10_000);
  }, 600_000);
});

it("an expression that ends in a year is refused here, and kept where the gateway has taken it", async () => {
  const schedule = { kind: "cron", expr: "0 10 * * ? *", tz: "UTC" } as const;
  await expect(test.add({ schedule })).rejects.toMatchObject({ code: "SCHEDULE_INVALID" });
  expect(() => test.engine.next({ schedule }, 1)).toThrow(/AWS/);
  const input = { name: "old", schedule, payload: { kind: "command" as const, argv: ["true"] } };
  const { job } = await test.engine.addJob(input, CALLER, { origin: "cron" });
  expect((await test.engine.updateJob(job.id, { name: "older" }, CALLER)).name).toBe("older");
  await test.restart();
  expect(test.engine.getJob(job.id)).toMatchObject({ schedule, enabled: true });
  const finding = async () => (await test.engine.doctor()).find(({ check }) => check === "schedules");
  expect(await finding()).toMatchObject({ level: "warn", detail: expect.stringContaining("older") });
  await test.engine.updateJob(job.id, { enabled: false }, CALLER);
  expect(await finding()).toMatchObject({ level: "ok" });
});
