import { beforeEach, describe, expect, it } from "vitest";
import { validateJob } from "../../src/rpc/index.ts";
import { CALLER, startTestEngine, type TestEngine } from "../helpers/engine.ts";

const job = (name: string, fields: Record<string, unknown> = {}) => ({
  name,
  schedule: { kind: "every", everyMs: 60_000 },
  payload: { kind: "command", argv: ["true"] },
  delivery: { mode: "none" },
  ...fields,
});

describe("jobs that files manage", () => {
  let test: TestEngine;
  beforeEach(async () => {
    test = await startTestEngine();
  });

  const put = (jobs: unknown[], { managedBy = "ops", prune = false, apply = true } = {}) =>
    test.engine.importJobs(
      { version: 1, jobs },
      { format: "jobs", apply, managedBy, prune, validate: validateJob },
      CALLER,
    );
  const actions = async (...args: Parameters<typeof put>) =>
    (await put(...args)).plan.map(({ action, name }) => `${action} ${name}`);
  const names = () =>
    test.engine.listJobs({ includeDisabled: true, limit: 200, offset: 0, sortBy: "name" }).jobs.map(({ name }) => name);

  it("are known by name, change field by field, and stay as they are the second time", async () => {
    expect(await actions([job("a"), job("b")])).toEqual(["create a", "create b"]);
    expect(await actions([job("a"), job("b")])).toEqual(["unchanged a", "unchanged b"]);
    expect(await actions([job("a", { tags: ["x", "y"] })])).toEqual(["update a"]);
    expect(await actions([job("a", { tags: ["Y", "x"] })]), "the order of tags").toEqual(["unchanged a"]);
    expect(test.engine.exportJobs().jobs).toContainEqual(expect.objectContaining({ name: "a", tags: ["x", "y"] }));
    expect(await actions([job("a")])).toEqual(["update a"]);
    const next = job("a", {
      schedule: { kind: "cron", expr: "0 3 * * *" },
      payload: { kind: "command", argv: ["true", "x"], env: { PGHOST: "db" }, input: "hello" },
    });
    const { plan, applied } = await put([next, job("b")], { apply: false });
    expect(applied).toBe(false);
    expect(plan[0]).toMatchObject({
      action: "update",
      changes: [
        { field: "payload.argv", from: '["true"]', to: '["true","x"]' },
        { field: "payload.env.PGHOST" },
        { field: "payload.input" },
        { field: "schedule.everyMs", from: "60000" },
        { field: "schedule.expr", to: '"0 3 * * *"' },
        { field: "schedule.kind", from: '"every"', to: '"cron"' },
      ],
    });
    expect(JSON.stringify(plan)).not.toContain("hello");
    await put([next, job("b")]);
    expect(await actions([next, job("b")])).toEqual(["unchanged a", "unchanged b"]);
  });

  it("prune removes what came from the same files and nothing else", async () => {
    await test.add({ name: "by hand" });
    await put([job("other")], { managedBy: "web" });
    await put([job("a"), job("b")]);
    expect(await actions([job("a")], { prune: true, apply: false })).toEqual(["unchanged a", "remove b"]);
    expect(names()).toEqual(["a", "b", "by hand", "other"]);
    await put([job("a")], { prune: true });
    expect(names()).toEqual(["a", "by hand", "other"]);
    expect(await actions([], { prune: true })).toEqual(["remove a"]);
  });

  it("belong to one label", async () => {
    await put([job("a")], { managedBy: "web" });
    const { plan, applied } = await put([job("a"), job("b")]);
    expect(applied).toBe(false);
    expect(plan[0]).toMatchObject({ action: "refused", detail: expect.stringContaining("managed by web") });
    expect(names()).toEqual(["a"]);
  });

  it("a job made by hand under the same key is taken in", async () => {
    await test.add({ name: "a", declarationKey: "a" });
    const { plan } = await put([job("a")]);
    expect(plan[0]).toMatchObject({ action: "update", changes: [{ field: "managedBy", to: '"ops"' }] });
  });

  it("hold no secret in clear", async () => {
    const { plan, applied } = await put([
      job("a"),
      job("b", { payload: { kind: "command", argv: ["x"], env: { API_TOKEN: "t0p" } } }),
    ]);
    expect(applied).toBe(false);
    expect(plan[1]?.detail).toContain("policy.secrets");
    expect(JSON.stringify(plan)).not.toContain("t0p");
    expect(names()).toEqual([]);
  });
});
