import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CALLER, startTestEngine, type TestEngine } from "../helpers/engine.ts";

let test: TestEngine;
beforeEach(async () => {
  test = await startTestEngine();
});
afterEach(async () => {
  await test.stop();
});

describe("idempotency", () => {
  it("answers a repeated manual start with the first result", async () => {
    const jobId = await test.add();
    const first = await test.engine.runJob(jobId, CALLER, { idempotencyKey: "k1" });
    const again = await test.engine.runJob(jobId, CALLER, { idempotencyKey: "k1" });
    expect(again).toEqual(first);
    expect(test.engine.runs({ jobId, limit: 9, offset: 0 }).total).toBe(1);
  });

  it("answers a repeated add with the first job, and refuses the key for another", async () => {
    const job = {
      name: "probe",
      schedule: { kind: "every" as const, everyMs: 1000 },
      payload: { kind: "command" as const, argv: ["true"] },
      delivery: { mode: "none" as const },
    };
    const first = await test.engine.addJob(job, CALLER, { idempotencyKey: "a" });
    expect((await test.engine.addJob(job, CALLER, { idempotencyKey: "a" })).job.id).toBe(first.job.id);
    await expect(test.engine.addJob({ ...job, name: "other" }, CALLER, { idempotencyKey: "a" })).rejects.toMatchObject({
      code: "IDEMPOTENCY_CONFLICT",
    });
  });

  it("treats a declaration key as an upsert", async () => {
    const job = {
      name: "probe",
      declarationKey: "ops/probe",
      schedule: { kind: "every" as const, everyMs: 1000 },
      payload: { kind: "command" as const, argv: ["true"] },
      delivery: { mode: "none" as const },
    };
    const first = await test.engine.addJob(job, CALLER);
    const same = await test.engine.addJob(job, CALLER);
    const changed = await test.engine.addJob({ ...job, name: "probe 2" }, CALLER);
    expect([first.created, same.created, same.updated, changed.updated]).toEqual([true, false, false, true]);
    expect(changed.job.id).toBe(first.job.id);
  });
});
