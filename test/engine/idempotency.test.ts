import { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, expect, it } from "vitest";
import { settle } from "../helpers/clock.ts";
import { CALLER, startTestEngine, type TestEngine } from "../helpers/engine.ts";

let test: TestEngine;
beforeEach(async () => {
  test = await startTestEngine();
});

describe("idempotency", () => {
  it("answers a repeated manual start with the first result", async () => {
    const jobId = await test.add();
    const first = await test.engine.runJob(jobId, CALLER, { idempotencyKey: "k1" });
    const again = await test.engine.runJob(jobId, CALLER, { idempotencyKey: "k1" });
    const [{ runId } = {}] = test.engine.runs({ jobId, limit: 9, offset: 0 }).entries;
    expect([first, again]).toEqual(Array(2).fill({ ok: true, enqueued: true, runId }));
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

  it("of a change whose sync failed says that it is made, and makes it once", async () => {
    let broken = false;
    const ledgerFaults = {
      at(point: string) {
        if (broken && point === "sync") throw Object.assign(new Error("EIO"), { code: "EIO" });
      },
    };
    test = await startTestEngine({ deps: { ledgerFaults } });
    test.runner.auto = true;
    const jobId = await test.add({ schedule: { kind: "every", everyMs: 86_400_000 } });
    const entries = () => test.engine.runs({ jobId, limit: 9, offset: 0 }).entries;
    const heard: string[] = [];
    test.engine.events.on("job-changed", ({ jobId: id, change }) => heard.push(`${id} ${change}`));
    broken = true;
    const unconfirmed = { code: "CHANGE_UNCONFIRMED", message: expect.stringContaining("EIO") };
    const run = () => test.engine.runJob(jobId, CALLER, { idempotencyKey: "k" });
    await expect(run()).rejects.toMatchObject(unconfirmed);
    await expect(run()).rejects.toMatchObject(unconfirmed);
    await expect(test.engine.updateJob(jobId, { description: "new" }, CALLER)).rejects.toMatchObject(unconfirmed);
    expect(heard).toEqual([`${jobId} updated`]);
    // A refusal changes nothing that could be confirmed.
    const refused = { ok: true, enqueued: false, reason: "not-due" };
    expect(await test.engine.runJob(jobId, CALLER, { mode: "due" })).toEqual(refused);
    broken = false;
    await test.clock.advance(5_000);
    expect(test.engine.getJob(jobId).description).toBe("new");
    expect(entries().map((one) => one.runStatus)).toEqual(["succeeded"]);
    expect((await run()).runId).toBe(entries()[0]?.runId);
    expect(test.runner.started.length).toBe(1);
  });

  it("answers a repeated start with its refusal, also when it would be granted now", async () => {
    const jobId = await test.add();
    await test.engine.runJob(jobId, CALLER, {});
    await settle();
    const refused = await test.engine.runJob(jobId, CALLER, { idempotencyKey: "k" });
    expect(refused).toEqual({ ok: true, enqueued: false, reason: "already-running" });
    for (const key of [...test.runner.running.keys()]) test.runner.end(key);
    await settle(10);
    expect(await test.engine.runJob(jobId, CALLER, { idempotencyKey: "k" })).toEqual(refused);
    expect(test.engine.runs({ jobId, limit: 9, offset: 0 }).total).toBe(1);
    const off = await test.add({ enabled: false });
    const disabled = await test.engine.runJob(off, CALLER, { mode: "if-enabled", idempotencyKey: "off" });
    await test.engine.updateJob(off, { enabled: true }, CALLER);
    expect(await test.engine.runJob(off, CALLER, { mode: "if-enabled", idempotencyKey: "off" })).toEqual(disabled);
  });

  it("takes the whole request for the request, and answers after the job is gone", async () => {
    const jobId = await test.add();
    const other = await test.add({ name: "other" });
    const first = await test.engine.runJob(jobId, CALLER, { idempotencyKey: "k" });
    for (const [id, mode] of [
      [jobId, "due"],
      [jobId, "if-enabled"],
      [other, "force"],
    ] as const) {
      await expect(test.engine.runJob(id, CALLER, { mode, idempotencyKey: "k" })).rejects.toMatchObject({
        code: "IDEMPOTENCY_CONFLICT",
      });
    }
    await test.engine.removeJob(jobId, CALLER);
    expect(await test.engine.runJob(jobId, CALLER, { mode: "force", idempotencyKey: "k" })).toEqual(first);
  });

  it("knows a repeated add by what it says, in whatever order, and never makes a removed job again", async () => {
    const payload = { kind: "command" as const, argv: ["true"], env: { B: "2", A: "1" } };
    const schedule = { kind: "every" as const, everyMs: 60_000 };
    const first = await test.engine.addJob({ name: "probe", schedule, payload }, CALLER, { idempotencyKey: "a" });
    const turned = {
      payload: { env: { A: "1", B: "2" }, argv: ["true"], kind: "command" as const },
      schedule,
      name: "probe",
    };
    const again = await test.engine.addJob(turned, CALLER, { idempotencyKey: "a" });
    expect(again).toMatchObject({ created: true, job: { id: first.job.id } });
    await test.engine.removeJob(first.job.id, CALLER);
    await expect(test.engine.addJob(turned, CALLER, { idempotencyKey: "a" })).rejects.toMatchObject({
      code: "JOB_NOT_FOUND",
      details: { jobId: first.job.id },
    });
  });

  it("keeps no environment beside the job", async () => {
    const payload = { kind: "command" as const, argv: ["true"], env: { TOKEN: "hunter2-in-clear" } };
    const schedule = { kind: "every" as const, everyMs: 60_000 };
    await test.engine.addJob({ name: "probe", schedule, payload }, CALLER, { idempotencyKey: "a" });
    const db = new DatabaseSync(test.engine.status().storePath, { readOnly: true });
    expect(JSON.stringify(db.prepare("SELECT * FROM idempotency").all())).not.toContain("hunter2");
    db.close();
  });

  it("stores one job for two adds at once, and job and key together or not at all", async () => {
    await test.stop();
    const gates: (() => void)[] = [];
    let full = false;
    test = await startTestEngine({
      deps: {
        resolveTarget: (destination) => new Promise((resolve) => gates.push(() => resolve(destination))),
        ledgerFaults: {
          at(point) {
            if (full && point === "commit") throw Object.assign(new Error("disk is full"), { errcode: 13 });
          },
        },
      },
    });
    const job = {
      name: "probe",
      schedule: { kind: "every" as const, everyMs: 1000 },
      payload: { kind: "command" as const, argv: ["true"] },
      delivery: { mode: "announce" as const, channel: "irc", to: "#ops" },
    };
    const add = () => test.engine.addJob(job, CALLER, { idempotencyKey: "a" });
    const open = async () => {
      await settle();
      for (const gate of gates.splice(0)) gate();
    };
    const total = () => test.engine.listJobs({ limit: 9, offset: 0 }).total;

    const failed = add();
    full = true;
    await open();
    await expect(failed).rejects.toMatchObject({ code: "LEDGER_UNAVAILABLE" });
    full = false;
    expect(total()).toBe(0);

    const both = [add(), add()];
    await open();
    const [first, second] = await Promise.all(both);
    expect(second).toEqual(first);
    expect(total()).toBe(1);
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
