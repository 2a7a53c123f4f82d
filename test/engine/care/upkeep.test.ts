import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Config } from "../../../schema/wire/config.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src/kernel/durations.ts";
import { startTestEngine, type TestEngine } from "../../helpers/engine.ts";
import { newRun } from "../../helpers/ledger.ts";

let test: TestEngine;

const start = async (retention: Config["retention"]) => {
  test = await startTestEngine({ config: { retention: retention ?? {} } });
};
const total = () => test.engine.runs({ limit: 1, offset: 0 }).total;

/** Runs that are over, one a second up to now. */
function fill(count: number): void {
  const { ledger } = test.engine.inside;
  const nowMs = test.clock.nowMs();
  ledger.transaction(() => {
    for (let index = 0; index < count; index += 1) {
      const at = nowMs - (count - index) * SECOND_MS;
      ledger.runs.insert(
        newRun(`run-${index}`, "job", { status: "skipped", queuedAtMs: at, readyAtMs: at, endedAtMs: at }),
      );
    }
  });
}

it("goes on without a stop while there is work: no backlog of rows stays", async () => {
  await start({ runsPerJob: 100 });
  fill(20_000);
  await test.clock.advance(25 * SECOND_MS);
  expect(total()).toBe(100);
});

it("removes logs with their runs, side by side", async () => {
  await start({ runsPerJob: 5 });
  test.runner.auto = true;
  const jobId = await test.add({ schedule: { kind: "every", everyMs: SECOND_MS } });
  await test.clock.advance(15 * SECOND_MS);
  const logs = join(test.stateDir, "logs");
  for (const { runId } of test.engine.runs({ jobId, limit: 200, offset: 0 }).entries) {
    mkdirSync(join(logs, runId.slice(0, 2), `${runId}.1`), { recursive: true });
    writeFileSync(join(logs, runId.slice(0, 2), `${runId}.1`, "0"), "x");
  }
  await test.clock.advance(10 * SECOND_MS);
  const left = readdirSync(logs).flatMap((part) => readdirSync(join(logs, part)));
  expect(left.length).toBeLessThan(15);
});

it("is not carried away by a wrong clock: what is a month old by it alone stays", async () => {
  await start({ days: 30 });
  fill(500);
  const right = test.clock.nowMs();
  test.clock.setWall(Date.UTC(2099, 0, 1));
  await test.clock.advance(HOUR_MS);
  test.clock.setWall(right + HOUR_MS);
  await test.clock.advance(MINUTE_MS);
  expect(total()).toBe(500);
});

it("removes by age all the same, also after a long time away", async () => {
  await start({ days: 1 });
  fill(500);
  test.clock.setWall(test.clock.nowMs() + 10 * DAY_MS);
  await test.clock.advance(2 * HOUR_MS);
  expect(total()).toBe(0);
});
