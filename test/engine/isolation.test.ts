import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import type { Config } from "../../schema/wire/config.ts";
import { MINUTE_MS, SECOND_MS } from "../../src/kernel/durations.ts";
import { settle } from "../helpers/clock.ts";
import { CALLER, startTestEngine, type TestEngine } from "../helpers/engine.ts";

let test: TestEngine;

const OPS: Config = { alerts: { destination: { mode: "webhook", to: "http://127.0.0.1:59/ops" } } };
const entries = (jobId: string) => test.engine.runs({ jobId, limit: 200, offset: 0, sortDir: "asc" }).entries;
const ok = (jobId: string) => entries(jobId).filter((run) => run.status === "ok").length;
const codes = () => test.engine.status().notices.map(({ code }) => code);

/** Reaches into the file as damage, another release or a restore would; constraints do not hold it back. */
function poison(sql: string): void {
  const db = new DatabaseSync(test.engine.status().storePath);
  db.exec("PRAGMA ignore_check_constraints = ON");
  db.exec(sql);
  db.close();
}

/** Writes that concern one job or run are refused, as by a damaged page. */
const refuse = (what: string, when: string): void =>
  poison(`CREATE TRIGGER refused BEFORE ${what} WHEN ${when} BEGIN SELECT RAISE(ABORT, 'poisoned'); END`);

async function endAll(change: Parameters<TestEngine["runner"]["end"]>[1] = {}, only = () => true): Promise<void> {
  for (const key of test.runner.running.keys()) if (only()) test.runner.end(key, change);
  await settle(10);
}

/** Ends the newest run in some way of its own. */
async function endNewest(change: object): Promise<void> {
  test.runner.end(test.runner.started.at(-1)?.attemptKey ?? "", change);
  await settle(10);
}

/** Minutes in which every command ends well. */
async function minutes(count: number): Promise<void> {
  for (let minute = 0; minute < count; minute += 1) {
    await test.clock.advance(MINUTE_MS);
    await endAll();
  }
}

const runOnce = async (jobId: string): Promise<string> => {
  const answer = (await test.engine.runJob(jobId, CALLER, {})) as { runId: string };
  await settle(10);
  return answer.runId;
};

describe("a job's row that cannot be read", () => {
  it.each([
    ["a number too large for JavaScript", "backoff_until_ms = 10000000000000000"],
    ["an instant beyond all dates", "next_due_ms = 8700000000000000"],
    ["a number below zero", "cursor_ms = -5"],
  ])("%s: is set aside with a notice, and every other job runs on time", async (_, damage) => {
    test = await startTestEngine({ config: OPS });
    const good = await test.add({ name: "innocent" });
    const bad = await test.add({ name: "bad" });
    await minutes(1);
    poison(`UPDATE jobs SET ${damage} WHERE id = '${bad}'`);
    test.engine.listJobs({ limit: 9, offset: 0 });
    await minutes(10);
    expect(ok(good)).toBe(11);
    const { state, setAside, notices } = test.engine.status();
    expect([state, setAside.map(({ id }) => id)]).toEqual(["degraded", [bad]]);
    expect(notices).toMatchObject([{ code: "JOB_UNSCHEDULABLE" }]);
    const aside = { code: "JOB_SET_ASIDE", message: expect.stringContaining(`Got bad (${bad}): `) };
    for (const ref of [bad, "bad", "BAD", bad.slice(0, 8)])
      expect(() => test.engine.getJob(ref)).toThrow(expect.objectContaining(aside));
    await expect(test.engine.updateJob("bad", { enabled: false }, CALLER)).rejects.toMatchObject(aside);
    await expect(test.engine.runJob("bad", CALLER, {})).rejects.toMatchObject(aside);
    expect(notices[0]?.message).toContain(`bad (${bad}) is set aside`);
    expect(notices[0]?.message).toContain("remove it, or add it again");
    expect(test.sent.filter(({ text }) => text.includes("set aside")).length).toBe(1);
    expect((await test.engine.checkLedger()).problems).toEqual([
      "CHECK constraint failed in jobs",
      expect.stringMatching(/^job .* is set aside: \w+ holds -?\d+$/),
    ]);
    await test.engine.backup(join(test.stateDir, "copy.sqlite"));
    await test.restart();
    await minutes(3);
    expect(ok(good)).toBeGreaterThanOrEqual(14);
  });

  it("can be removed, or gives way to the job that is added again, and its notice closes", async () => {
    test = await startTestEngine();
    const gone = await test.add({ name: "gone" });
    await test.add({ name: "back", declarationKey: "back" });
    poison("UPDATE jobs SET definition = '{half'");
    test.engine.listJobs({ limit: 9, offset: 0 });
    expect(codes()).toEqual(["JOB_UNSCHEDULABLE", "JOB_UNSCHEDULABLE"]);
    expect(await test.engine.removeJob(gone, CALLER)).toEqual({ removed: true });
    const again = await test.add({ name: "back", declarationKey: "back" });
    expect(test.engine.status()).toMatchObject({ state: "running", setAside: [], notices: [] });
    await test.clock.advance(MINUTE_MS);
    expect(entries(again).length).toBe(1);
  });
});

describe("a run that cannot be decided", () => {
  it("leaves its job out until it is changed; the others are decided, once each", async () => {
    test = await startTestEngine();
    const good = await test.add({ name: "innocent" });
    const bad = await test.add({ name: "bad" });
    refuse("INSERT ON runs", `NEW.job_id = '${bad}'`);
    await minutes(5);
    expect(entries(good).map((run) => run.status)).toEqual(["ok", "ok", "ok", "ok", "ok"]);
    expect(entries(bad)).toEqual([]);
    expect(test.engine.status().notices).toMatchObject([{ code: "JOB_UNSCHEDULABLE", message: /bad .*poisoned/ }]);
  });

  it("costs no more than the alert about it when that cannot be made", async () => {
    test = await startTestEngine({ config: OPS });
    const bad = await test.add({
      name: "bad",
      schedule: { kind: "cron", expr: "* * * * *", tz: "UTC" },
      failureAlert: { after: 1, includeSkipped: true },
    });
    await minutes(1);
    refuse("INSERT ON alerts", `NEW.job_id = '${bad}'`);
    await test.clock.advance(3 * MINUTE_MS);
    expect(entries(bad).map((run) => run.runStatus)).toEqual(["succeeded", "running", "skipped", "skipped"]);
    expect(test.engine.getJob(bad).state.consecutiveSkipped).toBe(2);
    expect(codes()).toEqual(["RUN_SET_ASIDE"]);
  });
});

describe("a run that cannot be claimed", () => {
  it("is ended with a notice that names it, and every other run starts", async () => {
    test = await startTestEngine({ config: { ...OPS, concurrency: 1 } });
    const first = await test.add({ name: "first" });
    const bad = await test.add({ name: "bad", schedule: { kind: "every", everyMs: 60 * MINUTE_MS } });
    const good = await test.add({ name: "innocent" });
    await runOnce(first);
    const runId = await runOnce(bad);
    poison(
      `INSERT INTO attempts (run_id, attempt, job_id, owner, started_at_ms) VALUES ('${runId}', 1, '${bad}', 'x', 1)`,
    );
    for (let step = 0; step < 20; step += 1) {
      await endAll();
      await test.clock.advance(30 * SECOND_MS);
    }
    expect(ok(good)).toBeGreaterThanOrEqual(9);
    expect(test.engine.getRun(runId)).toMatchObject({ runStatus: "failed", error: expect.stringContaining("claimed") });
    expect(test.engine.status().notices[0]?.message).toContain(`bad, run ${runId}: it could not be claimed`);
    expect(codes()).toEqual(["RUN_SET_ASIDE"]);
    expect((await test.engine.checkLedger()).problems).toEqual([]);
  });

  it("nor ended stays as it is, and every other run starts", async () => {
    test = await startTestEngine({ config: { concurrency: 2 } });
    const bad = await test.add({ name: "bad", schedule: { kind: "every", everyMs: 60 * MINUTE_MS } });
    const good = await test.add({ name: "innocent" });
    refuse("UPDATE ON runs", `NEW.job_id = '${bad}'`);
    const runId = await runOnce(bad);
    await minutes(5);
    expect(ok(good)).toBe(5);
    expect(test.engine.getRun(runId).runStatus).toBe("queued");
    expect(test.engine.status().notices).toMatchObject([
      { code: "RUN_SET_ASIDE", message: /its row stays as it is/, times: 1 },
    ]);
  });
});

describe("a result", () => {
  it("whose alert and message cannot be made is settled without them, with a notice, and all others are settled", async () => {
    test = await startTestEngine({ config: OPS });
    const bad = await test.add({ name: "bad", schedule: { kind: "cron", expr: "0 3 * * *", tz: "Europe/Berlin" } });
    const good = await test.add({ name: "innocent" });
    // As after a restore on a host with less zone data, and by a release that knew another kind of pattern.
    poison(`UPDATE jobs SET definition = json_set(replace(definition, 'Europe/Berlin', 'Europe/Atlantis'),
      '$.policy', json('{"deliver":{"match":"("}}'), '$.delivery', json('{"mode":"webhook","to":"http://127.0.0.1:59/"}'))
      WHERE id = '${bad}'`);
    for (let nth = 0; nth < 2; nth += 1) {
      await runOnce(bad);
      await endNewest({ exitCode: 1, out: "x" });
    }
    await minutes(12);
    expect(ok(good)).toBe(12);
    expect(entries(bad).map((run) => [run.runStatus, run.deliveryStatus])).toEqual([
      ["failed", "not-delivered"],
      ["failed", "not-delivered"],
    ]);
    expect(test.engine.getJob(bad).state).toMatchObject({ consecutiveErrors: 2, lastRunStatus: "error" });
    expect(codes()).toEqual(["RUN_SET_ASIDE"]);
    expect(test.engine.status().runs).toEqual({ queued: 0, awaiting: 0, running: 0 });
  });

  it.each([
    ["has another shape, as an older runner's", { cleanup: undefined }],
    ["has no streams", { stdout: undefined, stderr: undefined }],
  ])("that %s ends its run as lost, and is not sent again", async (_, shape) => {
    test = await startTestEngine();
    const bad = await test.add({ name: "bad" });
    const good = await test.add({ name: "innocent" });
    await runOnce(bad);
    const { attemptKey = "" } = test.runner.started.at(-1) ?? {};
    await runOnce(good);
    test.runner.end(attemptKey, shape as object);
    await endAll();
    await test.clock.advance(5 * SECOND_MS);
    expect(entries(bad)[0]).toMatchObject({
      runStatus: "lost",
      error: expect.stringContaining("could not be recorded"),
    });
    expect(entries(good)[0]).toMatchObject({ runStatus: "succeeded" });
    expect(codes()).toEqual(["RUN_SET_ASIDE"]);
    await test.restart();
    await minutes(1);
    expect(entries(bad).map((run) => run.runStatus)).toEqual(["lost", "succeeded"]);
  });

  it("that cannot be written at all costs its own run only, and is taken again after a restart", async () => {
    test = await startTestEngine({ config: { concurrency: 1 } });
    const bad = await test.add({ name: "bad", schedule: { kind: "every", everyMs: 60 * MINUTE_MS } });
    const good = await test.add({ name: "innocent" });
    await runOnce(bad);
    refuse("UPDATE ON runs", `NEW.job_id = '${bad}'`);
    await endAll({ out: "kept" });
    await minutes(5);
    expect(ok(good)).toBe(5);
    expect(entries(bad)[0]?.runStatus).toBe("running");
    poison("DROP TRIGGER refused");
    await test.restart();
    expect(entries(bad)[0]).toMatchObject({ runStatus: "succeeded", summary: "kept" });
  });
});

describe("a start", () => {
  it("takes a run that cannot be recovered apart from the others", async () => {
    test = await startTestEngine();
    const bad = await test.add({ name: "bad", schedule: { kind: "every", everyMs: 60 * MINUTE_MS } });
    const good = await test.add({ name: "innocent", schedule: { kind: "every", everyMs: 60 * MINUTE_MS } });
    await runOnce(bad);
    await runOnce(good);
    refuse("UPDATE ON jobs", `NEW.id = '${bad}'`);
    test.runner.disconnect();
    test.runner.lose("unseen");
    await test.restart();
    expect([entries(good)[0]?.runStatus, entries(bad)[0]?.runStatus]).toEqual(["lost", "lost"]);
    expect(codes()).toContain("RUN_SET_ASIDE");
    expect(test.engine.getJob(good).state.lastRunStatus).toBe("error");
  });
});

describe("a stop", () => {
  it("lets go of everything, whatever fails on the way", async () => {
    test = await startTestEngine();
    const close = test.runner.port.close;
    test.runner.port.close = async () => {
      throw new Error("no runner to close");
    };
    await test.engine.stop();
    test.runner.port.close = close;
    await test.restart();
    expect(test.engine.status().jobs).toBe(0);
  });
});
