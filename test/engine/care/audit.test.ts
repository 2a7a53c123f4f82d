import { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, expect, it } from "vitest";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src/kernel/durations.ts";
import { startTestEngine, type TestEngine } from "../../helpers/engine.ts";

let test: TestEngine;
beforeEach(async () => {
  test = await startTestEngine();
  test.runner.auto = true;
});

const codes = () => test.engine.status().notices.map((notice) => notice.code);

/** Changes the ledger behind everybody's back, as a fault would. */
async function tamper(sql: string): Promise<void> {
  const path = test.engine.status().storePath;
  await test.engine.stop();
  test.runner.disconnect();
  const db = new DatabaseSync(path);
  db.exec(sql);
  db.close();
  await test.restart();
}

describe("the audit", () => {
  it("finds nothing where every instant has its record, through sleep, restarts and skips", async () => {
    await test.add({ name: "a", schedule: { kind: "every", everyMs: 10 * SECOND_MS } });
    await test.add({ name: "b", schedule: { kind: "cron", expr: "*/2 * * * *", tz: "Europe/Berlin" } });
    await test.clock.advance(5 * MINUTE_MS);
    test.clock.setWall(test.clock.nowMs() + 3 * HOUR_MS);
    await test.clock.advance(30 * MINUTE_MS);
    await test.restart();
    await test.clock.advance(30 * MINUTE_MS);
    expect(test.engine.status().audit).toMatchObject({ jobs: 2, gaps: 0 });
    expect(codes()).not.toContain("OCCURRENCE_GAP");
  });

  it("says that an instant has no record", async () => {
    await test.add({ schedule: { kind: "every", everyMs: 10 * SECOND_MS } });
    await test.clock.advance(5 * MINUTE_MS);
    await tamper("DELETE FROM runs WHERE seq = 7");
    await test.clock.advance(MINUTE_MS);
    expect(codes()).toContain("OCCURRENCE_GAP");
    expect(test.engine.status()).toMatchObject({ state: "degraded", audit: { gaps: 1 } });
  });

  it.each([
    ["is not due any more", "NULL"],
    ["is due only in years", String(Date.UTC(2099, 0, 1))],
  ])("says that a job %s though its schedule goes on, and makes it due", async (_, due) => {
    const id = await test.add();
    await test.clock.advance(2 * MINUTE_MS);
    await tamper(`UPDATE jobs SET next_due_ms = ${due}`);
    await test.clock.advance(15 * MINUTE_MS);
    expect(codes()).toContain("OCCURRENCE_GAP");
    await test.clock.advance(2 * MINUTE_MS);
    const { entries } = test.engine.runs({ jobId: id, limit: 100, offset: 0 });
    expect(entries.reduce((sum, run) => sum + (run.coversCount ?? 1), 0)).toBe(19);
  });

  it("finds nothing about a one-shot that has run", async () => {
    const at = new Date(test.clock.nowMs() + MINUTE_MS).toISOString();
    await test.add({ schedule: { kind: "at", at } });
    await test.clock.advance(30 * MINUTE_MS);
    expect(codes()).not.toContain("OCCURRENCE_GAP");
  });

  it("takes rows that retention removed for what they were", async () => {
    await test.stop();
    test = await startTestEngine({ config: { retention: { runsPerJob: 50 } } });
    test.runner.auto = true;
    await test.add({ schedule: { kind: "every", everyMs: SECOND_MS } });
    await test.clock.advance(25 * MINUTE_MS);
    await test.restart();
    await test.clock.advance(MINUTE_MS);
    expect(test.engine.runs({ limit: 1, offset: 0 }).total).toBeLessThan(200);
    expect(test.engine.status().audit).toMatchObject({ jobs: 1, gaps: 0 });
    expect(codes()).not.toContain("OCCURRENCE_GAP");
  });
});
