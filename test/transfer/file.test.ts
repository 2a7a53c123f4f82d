import { beforeEach, describe, expect, it } from "vitest";
import { validateJob } from "../../src/rpc/index.ts";
import type { TransferApi } from "../../src/transfer/api.ts";
import { CALLER, startTestEngine, type TestEngine } from "../helpers/engine.ts";

type Format = Parameters<TransferApi["importJobs"]>[1]["format"];

const job = (name: string, fields: Record<string, unknown> = {}) => ({
  name,
  declarationKey: `key-${name}`,
  schedule: { kind: "every", everyMs: 60_000 },
  payload: { kind: "command", argv: ["true"] },
  delivery: { mode: "none" },
  ...fields,
});

describe("jobs in a file", () => {
  let test: TestEngine;
  beforeEach(async () => {
    test = await startTestEngine();
  });

  const put = (file: unknown, apply = true, format: Format = "jobs") =>
    test.engine.importJobs(file, { format, apply, validate: validateJob }, CALLER);
  const actions = async (file: unknown, apply = true, format: Format = "jobs") =>
    (await put(file, apply, format)).plan.map(({ action }) => action);
  const jobs = () => test.engine.listJobs({ includeDisabled: true, limit: 200, offset: 0, sortBy: "name" }).jobs;

  it("come back unchanged from an export, however their fields are ordered", async () => {
    await test.add({ name: "one", policy: { overlap: "skip", retry: { maxAttempts: 2, delaySeconds: 5 } } });
    await test.add({ name: "two", enabled: false, declarationKey: "two" });
    const file = test.engine.exportJobs();
    expect(await actions(file)).toEqual(["unchanged", "unchanged"]);
    const turned = (value: unknown): unknown =>
      typeof value !== "object" || value === null || Array.isArray(value)
        ? value
        : Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([key, part]) => [key, turned(part)]),
          );
    expect(await actions({ version: 1, jobs: file.jobs.map(turned) })).toEqual(["unchanged", "unchanged"]);
    expect(jobs().map(({ configRevision }) => configRevision)).toEqual(["r1", "r1"]);
  });

  it("are all stored where the disk confirms none of them, and the answer says so at the end", async () => {
    let broken = false;
    const ledgerFaults = {
      at(point: string) {
        if (broken && point === "sync") throw Object.assign(new Error("EIO"), { code: "EIO" });
      },
    };
    test = await startTestEngine({ deps: { ledgerFaults } });
    const file = { version: 1, jobs: Array.from({ length: 60 }, (_, index) => job(`job ${index}`)) };
    broken = true;
    await expect(put(file)).rejects.toMatchObject({ code: "CHANGE_UNCONFIRMED" });
    broken = false;
    expect(jobs()).toHaveLength(60);
    await test.clock.advance(5_000);
    expect(await actions(file)).toEqual(file.jobs.map(() => "unchanged"));
  });

  it("go out in parts that together hold each job once, large ones in parts of their own; one part is no file", async () => {
    for (let index = 0; index < 45; index += 1) await test.add({ name: `small ${index}` });
    const input = "x".repeat(600_000);
    for (let index = 0; index < 3; index += 1) {
      await test.add({ name: `large ${index}`, payload: { kind: "command", argv: ["cat"], input } });
    }
    const parts: unknown[][] = [];
    for (let cursor: string | undefined; ; ) {
      const part = test.engine.exportJobs({ limit: 30, ...(cursor === undefined ? {} : { cursor }) });
      parts.push(part.jobs);
      cursor = part.nextCursor;
      if (cursor === undefined) break;
    }
    const names = (parts.flat() as { name: string }[]).map(({ name }) => name);
    expect(new Set(names).size).toBe(48);
    expect(names.length).toBe(48);
    for (const part of parts) expect(part.length).toBeLessThanOrEqual(30);
    const first = test.engine.exportJobs({ limit: 30 });
    await expect(put(first)).rejects.toMatchObject({ code: "FILE_INVALID", details: { field: "nextCursor" } });
  });

  it("are planned before anything is written", async () => {
    await put({ version: 1, jobs: [job("kept"), job("changed")] });
    const file = { version: 1, jobs: [job("kept"), job("changed", { enabled: false }), job("new")] };
    expect(await put(file, false)).toMatchObject({
      plan: [
        { action: "unchanged", name: "kept", detail: "" },
        {
          action: "update",
          name: "changed",
          detail: "",
          changes: [{ field: "enabled", from: "true", to: "false" }],
        },
        { action: "create", name: "new", detail: "" },
      ],
      applied: false,
    });
    expect(jobs().map(({ name, enabled }) => [name, enabled])).toEqual([
      ["changed", true],
      ["kept", true],
    ]);
    expect(await actions(file)).toEqual(["unchanged", "update", "create"]);
    expect(await actions(file)).toEqual(["unchanged", "unchanged", "unchanged"]);
    expect(jobs().map(({ name, enabled }) => [name, enabled])).toEqual([
      ["changed", false],
      ["kept", true],
      ["new", true],
    ]);
  });

  it("change a job that had no key of its own, by the key its export gave it", async () => {
    const id = await test.add({ name: "plain" });
    const [entry] = test.engine.exportJobs().jobs as Record<string, unknown>[];
    expect(entry?.["declarationKey"]).toBe(`job:${id}`);
    expect(await actions({ version: 1, jobs: [{ ...entry, name: "renamed" }] })).toEqual(["update"]);
    expect(jobs().map((stored) => [stored.id, stored.name])).toEqual([[id, "renamed"]]);
  });

  it("become new ones in another gateway, and the same ones the second time", async () => {
    const [entry] = [job("far", { declarationKey: "job:0123" })];
    expect(await actions({ version: 1, jobs: [entry] })).toEqual(["create"]);
    expect(await actions({ version: 1, jobs: [entry] })).toEqual(["unchanged"]);
  });

  it("of our own are applied as a whole or not at all", async () => {
    const file = { version: 1, jobs: [job("good"), job("bad", { payload: { kind: "command", argv: [] } }), "text"] };
    const { plan, applied } = await put(file);
    expect(applied).toBe(false);
    expect(plan.map(({ action, name }) => [action, name])).toEqual([
      ["create", "good"],
      ["refused", "bad"],
      ["refused", "jobs[2]"],
    ]);
    expect(plan[1]?.detail).toContain("payload.argv");
    expect(jobs()).toEqual([]);
  });

  it("of another system are applied as far as they can be carried", async () => {
    const crontab = "@reboot daemon\n@daily backup\n0 12 * * sat-mon never\n";
    const { plan, applied } = await put(crontab, true, "crontab");
    expect(applied).toBe(true);
    expect(plan.map(({ action }) => action)).toEqual(["refused", "create", "refused"]);
    expect(jobs().map(({ name }) => name)).toEqual(["backup"]);
    expect(await actions(crontab, true, "crontab")).toEqual(["refused", "unchanged", "refused"]);
  });

  it("are refused when two have the same key or a time that never comes", async () => {
    const past = job("past", { schedule: { kind: "at", at: "2001-01-01T00:00:00Z" } });
    const { plan } = await put({ version: 1, jobs: [job("a"), job("b", { declarationKey: "key-a" }), past] }, false);
    expect(plan.map(({ action }) => action)).toEqual(["create", "refused", "refused"]);
    expect(plan[2]?.detail).toContain("never fire");
  });

  it("stay unchanged after their one time has come", async () => {
    const soon = new Date(test.clock.nowMs() + 60_000).toISOString();
    const file = { version: 1, jobs: [job("once", { schedule: { kind: "at", at: soon }, deleteAfterRun: false })] };
    await put(file);
    await test.clock.advance(120_000);
    const again = test.engine.exportJobs();
    expect(await actions(again, false)).toEqual(["unchanged"]);
  });

  it("carry a one-shot that is over to another gateway, disabled; one that cannot be read they do not", async () => {
    const soon = new Date(test.clock.nowMs() + 60_000).toISOString();
    await put({ version: 1, jobs: [job("once", { schedule: { kind: "at", at: soon }, deleteAfterRun: false })] });
    test.runner.auto = true;
    await test.clock.advance(120_000);
    await test.add({ name: "steady" });
    const file = test.engine.exportJobs();
    await test.stop();

    test = await startTestEngine();
    await test.clock.advance(180_000);
    expect(await put(file)).toMatchObject({ applied: true });
    expect(jobs().map(({ name, enabled }) => [name, enabled])).toEqual([
      ["once", false],
      ["steady", true],
    ]);
    await expect(test.engine.updateJob("once", { enabled: true }, CALLER)).rejects.toMatchObject({
      code: "SCHEDULE_NEVER_FIRES",
    });
    const unreadable = job("odd", { enabled: false, schedule: { kind: "cron", expr: "0 25 * * *" } });
    expect(await actions({ version: 1, jobs: [unreadable] })).toEqual(["refused"]);
  });

  it.each([{}, { version: 2, jobs: [] }, { version: 1 }, "not json", null])(
    "of a wrong form are refused: %j",
    async (file) => {
      await expect(put(file)).rejects.toMatchObject({ code: "FILE_INVALID" });
    },
  );

  it("ten thousand come in with one call while the process stays awake", async () => {
    const file = { version: 1, jobs: Array.from({ length: 10_000 }, (_, index) => job(`bulk ${index}`)) };
    let beats = 0;
    const beat = setInterval(() => {
      beats += 1;
    }, 1);
    const { applied } = await put(file);
    clearInterval(beat);
    expect(applied).toBe(true);
    expect(test.engine.listJobs({ limit: 1, offset: 0 }).total).toBe(10_000);
    expect(beats).toBeGreaterThan(10);
  });
});
