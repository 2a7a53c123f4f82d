import { beforeEach, describe, expect, it } from "vitest";
import { MAX_LEVELS } from "../../../schema/limits.ts";
import { MAX_FOLLOWERS } from "../../../schema/wire/schedule.ts";
import { CALLER, startTestEngine, type TestEngine } from "../../helpers/engine.ts";
import { BY_HAND, links } from "./links.ts";

let test: TestEngine;
beforeEach(async () => {
  test = await startTestEngine();
});
const { first, follow, running } = links(() => test);
const following = (job: string) => ({ schedule: { kind: "after" as const, job } });
const update = (id: string, patch: object) => test.engine.updateJob(id, patch, CALLER);

describe("a job that follows another", () => {
  it("keeps its parent by id, whatever it was called by, and so through a new name", async () => {
    const parent = await first("Backup", { declarationKey: "backup" });
    for (const [name, ref] of [
      ["by id", parent],
      ["by key", "backup"],
      ["by name", "Backup"],
    ] as const) {
      const job = test.engine.getJob(await follow(name, ref));
      expect(job).toMatchObject({ schedule: { kind: "after", job: parent }, parentName: "Backup" });
      expect(job.state.nextRunAtMs).toBeUndefined();
    }
    await update(parent, { name: "Copy" });
    expect(test.engine.next({ id: "by id" }, 3)).toMatchObject({
      instants: [],
      after: { jobId: parent, jobName: "Copy", on: "success" },
    });
    expect(
      test.engine.listJobs({ limit: 10, offset: 0, scheduleKind: "after" }).jobs.map((job) => job.parentName),
    ).toEqual(["Copy", "Copy", "Copy"]);
  });

  it("declared again by the same key is unchanged", async () => {
    await first("Backup", { declarationKey: "backup" });
    const input = {
      name: "Upload",
      declarationKey: "upload",
      ...following("backup"),
      payload: { kind: "command", argv: ["true"] },
    };
    const added = await test.engine.addJob(input as never, CALLER);
    const again = await test.engine.addJob(input as never, CALLER);
    expect([added.created, again.created, again.updated]).toEqual([true, false, false]);
  });

  it("needs a parent that is there", async () => {
    await expect(follow("B", "nowhere")).rejects.toMatchObject({
      code: "JOB_NOT_FOUND",
      details: { field: "schedule.job", got: "nowhere" },
    });
    const lone = await first();
    await expect(update(lone, following("nowhere"))).rejects.toMatchObject({ code: "JOB_NOT_FOUND" });
    expect(test.engine.getJob(lone).schedule.kind).toBe("every");
  });

  it("can be edited while its parent is gone, but not switched on", async () => {
    const parent = await first();
    const child = await follow("B", parent, {}, { enabled: false });
    await test.engine.removeJob(parent, CALLER);
    expect(await update(child, { name: "C" })).toMatchObject({ name: "C" });
    expect(test.engine.getJob(child).parentName).toBeUndefined();
    await expect(update(child, { enabled: true })).rejects.toMatchObject({ code: "JOB_NOT_FOUND" });
    expect(await update(child, { enabled: true, schedule: BY_HAND })).toMatchObject({ enabled: true });
  });

  it("cannot come after itself, through however many jobs, and the refusal names them", async () => {
    const a = await first("A");
    const b = await follow("B", a);
    const c = await follow("C", b);
    await expect(update(a, following(c))).rejects.toMatchObject({
      code: "CHAIN_REFUSED",
      details: { got: "A after C after B after A" },
    });
    await expect(update(a, following(a))).rejects.toMatchObject({
      code: "CHAIN_REFUSED",
      details: { got: "A after A" },
    });
    await expect(test.engine.previewJob({ id: a, patch: following(c) })).rejects.toMatchObject({
      code: "CHAIN_REFUSED",
    });
  });

  it("two callers at once close no loop", async () => {
    const [a, b, c] = [await first("A"), await first("B"), await first("C")];
    await update(b, following(a));
    const answers = await Promise.allSettled([update(c, following(b)), update(a, following(c))]);
    expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect(test.engine.tree().jobs.map(({ name, level }) => [name, level])).toEqual([
      ["A", 0],
      ["B", 1],
      ["C", 2],
    ]);
  });

  it("is one of so many levels, counted up and down", async () => {
    const ids = [await first("1")];
    for (let level = 2; level <= MAX_LEVELS; level += 1) ids.push(await follow(String(level), ids.at(-1) ?? ""));
    await expect(follow("11", ids.at(-1) ?? "")).rejects.toMatchObject({
      code: "CHAIN_REFUSED",
      details: { expected: "at most 10 jobs one after another", got: "11, from 1 on" },
    });
    const top = await first("0");
    await expect(update(ids[0] ?? "", following(top))).rejects.toMatchObject({ code: "CHAIN_REFUSED" });
    await update(ids[1] ?? "", following(top));
  });

  it("is one of so many followers", async () => {
    const parent = await first();
    for (let n = 1; n <= MAX_FOLLOWERS; n += 1) await follow(`F${n}`, parent);
    await expect(follow("one more", parent)).rejects.toMatchObject({
      code: "CHAIN_REFUSED",
      details: { got: "26 after A" },
    });
    await update("F1", { schedule: { kind: "after", job: parent, on: "failure" } });
  });

  it("has one source of input, and its parent only where it has one", async () => {
    const parent = await first();
    const payload = { kind: "command" as const, argv: ["cat"], inputFrom: "parent" as const };
    await expect(first("B", { payload })).rejects.toMatchObject({ code: "INVALID_PARAMS" });
    await expect(follow("B", parent, {}, { payload: { ...payload, input: "x" } })).rejects.toMatchObject({
      details: { field: "payload.inputFrom" },
    });
    const child = await follow("B", parent, {}, { payload });
    await expect(update(child, { schedule: BY_HAND })).rejects.toMatchObject({ code: "INVALID_PARAMS" });
    await update(child, { schedule: BY_HAND, payload: { inputFrom: null } });
  });
});

describe("the removal of a job that others follow", () => {
  it("is refused while one of them is on, by name; with cascade they are off", async () => {
    const parent = await first();
    const child = await follow("B", parent);
    await follow("C", parent, {}, { enabled: false });
    await expect(test.engine.removeJob(parent, CALLER)).rejects.toMatchObject({
      code: "JOB_FOLLOWED",
      details: { got: "B" },
    });
    expect(await test.engine.removeJob(parent, CALLER, { cascade: true })).toEqual({
      removed: true,
      disabled: [child],
    });
    expect(test.engine.getJob(child)).toMatchObject({ enabled: false });
    expect(test.engine.next({ id: child }, 1).after).toEqual({ jobId: parent, on: "success" });
    expect(test.engine.tree().jobs.map(({ name, level }) => [name, level])).toEqual([
      [undefined, 0],
      ["B", 1],
      ["C", 1],
    ]);
  });

  it("does not happen by itself: a one-shot that others follow stays, disabled", async () => {
    const at = new Date(test.clock.nowMs() + 1_000).toISOString();
    const parent = await first("A", { schedule: { kind: "at", at }, deleteAfterRun: true });
    await follow("B", parent);
    test.runner.auto = true;
    await test.clock.advance(5_000);
    expect(running()).toEqual([]);
    expect(test.engine.getJob(parent)).toMatchObject({ enabled: false });
    expect(test.engine.runs({ limit: 5, offset: 0 }).entries.map(({ jobName }) => jobName)).toEqual(["B", "A"]);
  });
});
