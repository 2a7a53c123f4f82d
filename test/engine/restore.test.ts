import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { restoreBackup } from "../../src/engine/port.ts";
import { SECOND_MS } from "../../src/kernel/durations.ts";
import { startTestEngine, type TestEngine } from "../helpers/engine.ts";

let test: TestEngine;
beforeEach(async () => {
  test = await startTestEngine();
});
afterEach(async () => {
  await test.stop();
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
