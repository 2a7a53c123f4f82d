import { beforeEach, expect, it } from "vitest";
import { validateJob } from "../../src/rpc/index.ts";
import { CALLER, startTestEngine, type TestEngine } from "../helpers/engine.ts";

let test: TestEngine;
beforeEach(async () => {
  test = await startTestEngine();
});

const entry = (name: string, parent?: string, fields: Record<string, unknown> = {}) => ({
  name,
  declarationKey: `key-${name}`,
  schedule: parent === undefined ? { kind: "every", everyMs: 60_000 } : { kind: "after", job: parent },
  payload: { kind: "command", argv: ["true"] },
  delivery: { mode: "none" },
  ...fields,
});
const put = (jobs: unknown[], options: { apply?: boolean; managedBy?: string; prune?: boolean } = {}) =>
  test.engine.importJobs(
    { version: 1, jobs },
    { format: "jobs", apply: true, validate: validateJob, ...options },
    CALLER,
  );
const rows = (report: Awaited<ReturnType<typeof put>>) => report.plan.map(({ name, action }) => [name, action]);
const tree = () => test.engine.tree().jobs.map(({ name, level }) => [name, level]);

it("a chain comes in whatever order its jobs stand in, and comes back unchanged", async () => {
  const report = await put([entry("C", "key-B"), entry("B", "A"), entry("A")]);
  expect(report).toMatchObject({ applied: true });
  expect(tree()).toEqual([
    ["A", 0],
    ["B", 1],
    ["C", 2],
  ]);
  const file = test.engine.exportJobs();
  expect(file.jobs).toContainEqual(expect.objectContaining({ name: "C", schedule: { kind: "after", job: "key-B" } }));
  expect(rows(await put(file.jobs)).map(([, action]) => action)).toEqual(["unchanged", "unchanged", "unchanged"]);
});

it("jobs without a key are found again by the key that their export gives them, here and on another host", async () => {
  const a = await test.add({ name: "A" });
  await test.add({ name: "B", schedule: { kind: "after", job: a } });
  const { jobs } = test.engine.exportJobs();
  expect(jobs).toContainEqual(expect.objectContaining({ schedule: { kind: "after", job: `job:${a}` } }));
  expect(rows(await put(jobs)).map(([, action]) => action)).toEqual(["unchanged", "unchanged"]);
  await test.stop();
  test = await startTestEngine();
  await put(jobs);
  expect(tree()).toEqual([
    ["A", 0],
    ["B", 1],
  ]);
});

it("a loop, a parent that is nowhere, or a chain that is too long: nothing of the file is applied", async () => {
  const loop = await put([entry("A", "C"), entry("B", "A"), entry("C", "B"), entry("D")]);
  expect(loop).toMatchObject({ applied: false });
  expect(rows(loop)).toEqual([
    ["A", "refused"],
    ["B", "refused"],
    ["C", "refused"],
    ["D", "create"],
  ]);
  expect(loop.problem).toContain("A after C after B after A");
  expect((await put([entry("A", "nowhere")])).problem).toContain("nowhere");
  const long = Array.from({ length: 11 }, (_, at) => entry(String(at), at === 0 ? undefined : String(at - 1)));
  expect((await put(long)).problem).toContain("at most 10 jobs one after another");
  expect(test.engine.listJobs({ limit: 5, offset: 0, includeDisabled: true }).total).toBe(0);
});

it("a file may turn a chain round", async () => {
  await put([entry("A"), entry("B", "A")]);
  const plan = await put([entry("A", "B"), entry("B")], { apply: false });
  expect(rows(plan)).toEqual([
    ["A", "update"],
    ["B", "update"],
  ]);
  expect(plan.plan[0]?.changes?.map(({ field }) => field)).toContain("schedule.job");
  expect(await put([entry("A", "B"), entry("B")])).toMatchObject({ applied: true });
  expect(tree()).toEqual([
    ["B", 0],
    ["A", 1],
  ]);
});

it("what is pruned goes from its end, and not from under a job that stays", async () => {
  const managedBy = "ops";
  await put([entry("A"), entry("B", "A"), entry("C", "B")], { managedBy });
  const other = await test.add({ name: "other", schedule: { kind: "after", job: "B" } });
  const refused = await put([entry("A")], { managedBy, prune: true });
  expect(refused).toMatchObject({ applied: false });
  expect(refused.problem).toContain("jobs that stay follow it: other");
  await test.engine.removeJob(other, CALLER);
  expect(await put([entry("A")], { managedBy, prune: true })).toMatchObject({ applied: true });
  expect(test.engine.listJobs({ limit: 5, offset: 0 }).jobs.map(({ name }) => name)).toEqual(["A"]);
});

it("a write elsewhere comes with the job that checks it, on; one that nothing checks is refused before anything is stored", async () => {
  const write = entry("Write", undefined, { policy: { risk: "write_external" } });
  const check = entry("Check", "Write", { policy: { risk: "read_only" } });
  expect(
    rows(
      await put([
        write,
        entry("On failure", "Write", {
          schedule: { kind: "after", job: "Write", on: "failure" },
          policy: { risk: "read_only" },
        }),
      ]),
    )[0],
  ).toEqual(["Write", "refused"]);
  const report = await put([check, write]);
  expect(report).toMatchObject({ applied: true });
  expect(rows(report)).toEqual([
    ["Check", "create"],
    ["Write", "create"],
  ]);
  expect(test.engine.getJob("Write")).toMatchObject({ enabled: true });
  expect(rows(await put([check, write])).map(([, action]) => action)).toEqual(["unchanged", "unchanged"]);
});
