import { beforeEach, describe, expect, it } from "vitest";
import { settle } from "../helpers/clock.ts";
import { CALLER, startTestEngine, type TestEngine } from "../helpers/engine.ts";

let test: TestEngine;
beforeEach(async () => {
  test = await startTestEngine();
});

/** A running run of a job, and another job that is called like the beginning of that run's id. */
async function lookalikes() {
  const other = await test.add({ name: "other" });
  const { runId = "" } = await test.engine.runJob(other, CALLER, {});
  const name = runId.slice(0, 4);
  const mine = await test.add({ name });
  const { runId: myRun = "" } = await test.engine.runJob(mine, CALLER, {});
  await settle();
  return { other, mine, name, runId, myRun };
}
const statusOf = (runId: string) => test.engine.getRun(runId).runStatus;

describe("a job called like the start of another job's run", () => {
  it.each(["jobId", "ref"] as const)("is what %s means", async (field) => {
    const { name, runId, myRun } = await lookalikes();
    expect((await test.engine.log({ [field]: name } as { ref: string }, {})).runId).toBe(myRun);
    await test.engine.cancel({ [field]: name } as { ref: string }, CALLER);
    await settle(10);
    expect([statusOf(myRun), statusOf(runId)]).toEqual(["canceled", "running"]);
  });

  it("is never what runId means", async () => {
    const { name, mine, runId } = await lookalikes();
    await test.engine.cancel({ runId: name }, CALLER);
    await settle(10);
    expect(statusOf(runId)).toBe("canceled");
    await expect(test.engine.cancel({ runId: mine }, CALLER)).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
  });

  it("does not hide the run: a bare word that is a whole run id means the run", async () => {
    const { runId, myRun } = await lookalikes();
    await test.add({ name: runId });
    await test.engine.cancel({ ref: runId }, CALLER);
    await settle(10);
    expect([statusOf(runId), statusOf(myRun)]).toEqual(["canceled", "running"]);
  });
});

describe("a bare word", () => {
  it("may be the start of a run id where no job fits", async () => {
    const id = await test.add();
    const { runId = "" } = await test.engine.runJob(id, CALLER, {});
    await settle();
    expect((await test.engine.log({ ref: runId.slice(0, 8) }, {})).runId).toBe(runId);
    await expect(test.engine.cancel({ ref: "zzzz" }, CALLER)).rejects.toMatchObject({ code: "JOB_NOT_FOUND" });
  });
});

describe("a name that two jobs have", () => {
  it("is refused with both, wherever it is used", async () => {
    const ids = [await test.add({ name: "disk" }), await test.add({ name: "disk" })].sort();
    const refusal = { code: "JOB_AMBIGUOUS", details: { matches: ids.map((id) => ({ id, name: "disk" })) } };
    for (const id of ids) expect(() => test.engine.getJob("disk")).toThrow(`${id} (disk)`);
    await expect(test.engine.runJob("disk", CALLER, {})).rejects.toMatchObject(refusal);
    await expect(test.engine.removeJob("disk", CALLER)).rejects.toMatchObject(refusal);
    await expect(test.engine.updateJob("disk", { enabled: false }, CALLER)).rejects.toMatchObject(refusal);
    await expect(test.engine.cancel({ ref: "disk" }, CALLER)).rejects.toMatchObject(refusal);
    await expect(test.engine.log({ jobId: "disk" }, {})).rejects.toMatchObject(refusal);
  });

  it("is found in other letters as long as one has it", async () => {
    const id = await test.add({ name: "Disk" });
    expect(test.engine.getJob("dISK").id).toBe(id);
    await test.add({ name: "DISK" });
    expect(() => test.engine.getJob("disk")).toThrow(/more than one command job/);
    expect(test.engine.getJob("Disk").id).toBe(id);
  });
});
