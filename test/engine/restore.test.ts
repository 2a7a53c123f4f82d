import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeEach, expect, it } from "vitest";
import { restoreBackup } from "../../src/engine/port.ts";
import { SECOND_MS } from "../../src/kernel/durations.ts";
import { settle } from "../helpers/clock.ts";
import { startTestEngine, type TestEngine } from "../helpers/engine.ts";

let test: TestEngine;
beforeEach(async () => {
  test = await startTestEngine();
});

it("after a restore nothing that may have run runs again; each instant has its record", async () => {
  test.runner.auto = true;
  const jobId = await test.add({ schedule: { kind: "every", everyMs: 10 * SECOND_MS } });
  await test.clock.advance(30 * SECOND_MS);
  const file = join(test.stateDir, "copy.sqlite");
  await test.engine.backup(file);
  await test.clock.advance(50 * SECOND_MS);
  const ran = test.runner.started.length;
  await test.engine.stop();
  test.runner.disconnect();
  restoreBackup({ stateDir: test.stateDir, file, nowMs: test.clock.nowMs() });
  await test.restart();
  await test.clock.advance(SECOND_MS);
  expect(ran).toBe(8);
  expect(test.runner.started.length).toBe(ran);
  const rows = test.engine.runs({ jobId, limit: 50, offset: 0, sortDir: "asc" }).entries;
  expect(rows.at(-1)).toMatchObject({ runStatus: "missed", reason: "restored", coversCount: 5 });
  await test.clock.advance(10 * SECOND_MS);
  expect(test.runner.started.length).toBe(ran + 1);
});

it("what waits in the backup is not started a second time, nor what it shows as about to start", async () => {
  await test.stop();
  test = await startTestEngine({ config: { concurrency: 1 } });
  const first = await test.add({ name: "first", schedule: { kind: "every", everyMs: 3_600 * SECOND_MS } });
  const second = await test.add({ name: "second", schedule: { kind: "every", everyMs: 3_600 * SECOND_MS } });
  await test.clock.advance(3_601 * SECOND_MS);
  const file = join(test.stateDir, "copy.sqlite");
  await test.engine.backup(file);
  for (let run = 0; run < 2; run += 1) {
    for (const key of [...test.runner.running.keys()]) test.runner.end(key);
    await settle(20);
  }
  expect(test.runner.started.length).toBe(2);
  await test.engine.stop();
  test.runner.disconnect();
  restoreBackup({ stateDir: test.stateDir, file, nowMs: test.clock.nowMs() });
  await test.restart();
  await test.clock.advance(60 * SECOND_MS);
  expect(test.runner.started.length).toBe(2);
  const states = [first, second].map((jobId) => test.engine.runs({ jobId, limit: 1, offset: 0 }).entries[0]);
  expect(states.map((run) => [run?.runStatus, run?.reason]).sort()).toEqual([
    ["canceled", "restored"],
    ["lost", "the runner was gone when the gateway came back"],
  ]);
  expect(test.engine.status().runs).toEqual({ queued: 0, awaiting: 0, running: 0 });
});

it("a job whose schedule this host cannot compute does not keep the service from starting", async () => {
  await test.add({ schedule: { kind: "cron", expr: "* * * * *", tz: "Europe/Berlin" } });
  const file = join(test.stateDir, "copy.sqlite");
  await test.engine.backup(file);
  await test.clock.advance(300 * SECOND_MS);
  await test.engine.stop();
  test.runner.disconnect();
  const copy = new DatabaseSync(file);
  copy.exec("UPDATE jobs SET definition = replace(definition, 'Europe/Berlin', 'Mars/Base')");
  copy.close();
  restoreBackup({ stateDir: test.stateDir, file, nowMs: test.clock.nowMs() });
  await test.restart();
  await test.clock.advance(3_600 * SECOND_MS);
  expect(test.engine.status().notices.map((notice) => notice.code)).toContain("JOB_UNSCHEDULABLE");
  expect(test.engine.status().audit).toMatchObject({ jobs: 0, gaps: 0 });
});
