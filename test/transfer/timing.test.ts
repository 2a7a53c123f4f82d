import { beforeEach, describe, expect, it } from "vitest";
import { HOUR_MS, MINUTE_MS } from "../../src/kernel/durations.ts";
import { validateJob } from "../../src/rpc/index.ts";
import { createMoves, type Moves } from "../../src/transfer/moves/index.ts";
import { settle } from "../helpers/clock.ts";
import { CALLER, startTestEngine, type TestEngine } from "../helpers/engine.ts";
import { createFakeNative } from "./fake-native.ts";

let test: TestEngine;
let native: ReturnType<typeof createFakeNative>;
let moves: Moves;
beforeEach(async () => {
  native = createFakeNative();
  test = await startTestEngine();
  moves = createMoves({ ...test.engine.inside, native: native.port, validate: validateJob });
});

const rows = (jobId: string) => test.engine.runs({ jobId, limit: 50, offset: 0, sortDir: "asc" }).entries;

describe("an instant that comes while a job moves", () => {
  it("was due in the gateway and had not begun: it is run here", async () => {
    const dueMs = test.clock.nowMs() - 200;
    native.add("late", {
      schedule: { kind: "every", everyMs: 24 * HOUR_MS, anchorMs: dueMs },
      state: { nextRunAtMs: dueMs, lastRunAtMs: dueMs - 24 * HOUR_MS },
    });
    await moves.adopt({ id: "late", apply: true }, CALLER);
    await settle(20);
    expect(test.runner.started.length).toBe(1);
    expect(rows("late").map((run) => run.scheduledForMs)).toEqual([dueMs]);
  });

  it("comes after the job was let go and before the gateway has it: it is on record as missed", async () => {
    const dueMs = test.clock.nowMs() + HOUR_MS;
    const jobId = await test.add({ schedule: { kind: "every", everyMs: 24 * HOUR_MS, anchorMs: dueMs } });
    native.fake.fault = (point) => {
      if (point === "before put") test.clock.setWall(dueMs + 50);
    };
    await moves.release({ id: jobId, apply: true }, CALLER);
    expect(native.jobs.get(jobId)?.enabled).toBe(true);
    expect(rows(jobId)).toMatchObject([{ runStatus: "missed", reason: "released", scheduledForMs: dueMs }]);
  });
});

it("a job that waits for its trial still does when the gateway refuses it", async () => {
  const jobId = await test.add({
    policy: { autoDisable: { after: 1, trialSeconds: 600 }, backoff: false },
    failureAlert: false,
  });
  await test.clock.advance(MINUTE_MS);
  test.runner.end([...test.runner.running.keys()][0] ?? "", { exitCode: 1 });
  await settle(20);
  native.fake.fault = (point) => {
    if (point === "before put") throw new Error("the declarationKey is taken");
  };
  await moves.release({ id: jobId, apply: true }, CALLER);
  test.runner.auto = true;
  await test.clock.advance(20 * MINUTE_MS);
  expect(test.engine.getJob(jobId).enabled).toBe(true);
});
