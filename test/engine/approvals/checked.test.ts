import { beforeEach, describe, expect, it } from "vitest";
import { validateJob } from "../../../src/rpc/index.ts";
import { CALLER } from "../../helpers/engine.ts";
import { startTestEngine, type TestEngine } from "./gated.ts";

const never = { kind: "every", everyMs: 30 * 86_400_000 } as const;

let test: TestEngine;
beforeEach(async () => {
  test = await startTestEngine();
});

describe("a job that writes elsewhere", () => {
  it("is refused while it is on and nobody looks afterwards whether it is any good", async () => {
    const write = { name: "write", schedule: never, policy: { risk: "write_external" as const } };
    await expect(test.add(write)).rejects.toMatchObject({
      code: "RISK_UNCHECKED",
      message: expect.stringContaining("verify"),
    });
    await test.add({ ...write, name: "checked", policy: { ...write.policy, verify: { argv: ["true"] } } });
    const id = await test.add({ ...write, enabled: false });
    await expect(test.engine.updateJob(id, { enabled: true }, CALLER)).rejects.toMatchObject({
      code: "RISK_UNCHECKED",
    });
    const after = { kind: "after" as const, job: id };
    await test.add({ name: "on failure", schedule: { ...after, on: "failure" }, policy: { risk: "read_only" } });
    await test.add({ name: "writes too", schedule: after, policy: { risk: "write_local" } });
    await expect(test.engine.updateJob(id, { enabled: true }, CALLER)).rejects.toMatchObject({
      code: "RISK_UNCHECKED",
    });
    const check = await test.add({ name: "check", schedule: after, policy: { risk: "read_only" }, enabled: false });
    await expect(test.engine.updateJob(id, { enabled: true }, CALLER)).rejects.toMatchObject({
      code: "RISK_UNCHECKED",
    });
    await test.engine.updateJob(check, { enabled: true }, CALLER);
    expect((await test.engine.updateJob(id, { enabled: true }, CALLER)).enabled).toBe(true);
    const risk = async () => (await test.engine.doctor()).find((finding) => finding.check === "risk");
    expect(await risk()).toMatchObject({ level: "ok" });
    // Its failures, and nobody's word, switch it off.
    test.engine.inside.ledger.jobs.patchState(check, { enabled: false });
    expect(await risk()).toMatchObject({ level: "warn", detail: expect.stringMatching(/: write$/) });
  });

  /** Each edit that would leave the write without its check. */
  const LOSSES: Record<string, (ids: { write: string; check: string }) => Promise<unknown>> = {
    removed: ({ check }) => test.engine.removeJob(check, CALLER, {}),
    "removed with what follows it": ({ check }) => test.engine.removeJob(check, CALLER, { cascade: true }),
    "switched off": ({ check }) => test.engine.updateJob(check, { enabled: false }, CALLER),
    "given a time": ({ check }) => test.engine.updateJob(check, { schedule: never }, CALLER),
    "turned to failures": ({ check, write }) =>
      test.engine.updateJob(check, { schedule: { kind: "after", job: write, on: "failure" } }, CALLER),
    "no longer read-only": ({ check }) => test.engine.updateJob(check, { policy: { risk: "write_local" } }, CALLER),
    "removed by its first good run": ({ check }) => test.engine.updateJob(check, { deleteAfterRun: true }, CALLER),
    "ended by itself": ({ check }) => test.engine.updateJob(check, { policy: { until: { exitCode: 0 } } }, CALLER),
    "run for some outputs only": ({ check, write }) =>
      test.engine.updateJob(check, { schedule: { kind: "after", job: write, match: "never" } }, CALLER),
    "stored anew, switched off": ({ check, write }) =>
      test.engine.addJob(
        {
          name: "look",
          schedule: { kind: "after", job: write },
          payload: { kind: "command", argv: ["true"] },
          policy: { risk: "read_only" },
          enabled: false,
        },
        CALLER,
        { id: check },
      ),
  };

  it.each(Object.entries(LOSSES))("keeps its last check: that is not %s while it is on", async (_how, lose) => {
    const write = await test.add({
      name: "push",
      schedule: never,
      policy: { risk: "write_external" },
      enabled: false,
    });
    const check = await test.add({
      name: "look",
      schedule: { kind: "after", job: write },
      policy: { risk: "read_only" },
    });
    await test.engine.updateJob(write, { enabled: true }, CALLER);
    const before = test.engine.getJob(check);
    await expect(lose({ write, check })).rejects.toMatchObject({
      code: "RISK_UNCHECKED",
      message: expect.stringMatching(/look goes on checking push; disable push first, or give it another check/),
    });
    expect(test.engine.getJob(check)).toEqual(before);
    // With a check of its own, or another one that follows it, or off, it does without.
    const other = await test.add({
      name: "look too",
      schedule: { kind: "after", job: write },
      policy: { risk: "read_only" },
    });
    await lose({ write, check });
    await test.engine.updateJob(write, { policy: { verify: { argv: ["true"] } } }, CALLER);
    await test.engine.removeJob(other, CALLER, {});
    await expect(test.engine.updateJob(write, { policy: { verify: null } }, CALLER)).rejects.toMatchObject({
      code: "RISK_UNCHECKED",
    });
  });

  it("is removed together with its check where both leave a file", async () => {
    const entry = (name: string, rest: object) => ({
      name,
      declarationKey: name,
      payload: { kind: "command", argv: ["true"] },
      delivery: { mode: "none" },
      ...rest,
    });
    const policy = { risk: "write_external" };
    const write = entry("push", { schedule: never, policy });
    const check = entry("look", { schedule: { kind: "after", job: "push" }, policy: { risk: "read_only" } });
    const put = (...jobs: object[]) =>
      test.engine.importJobs(
        { version: 1, jobs },
        { format: "jobs", apply: true, prune: true, managedBy: "ops", validate: validateJob },
        CALLER,
      );
    expect(await put(write, check)).toMatchObject({ applied: true });
    for (const jobs of [[write], [write, { ...check, enabled: false }], [write, { ...check, policy: {} }]]) {
      const report = await put(...jobs);
      expect(report).toMatchObject({ applied: false, problem: expect.stringContaining("look goes on checking push") });
    }
    expect(await put({ ...write, policy: { ...policy, verify: { argv: ["true"] } } })).toMatchObject({
      applied: true,
    });
    expect(await put(write, check)).toMatchObject({ applied: true });
    expect(await put({ ...write, enabled: false }, { ...check, enabled: false })).toMatchObject({ applied: true });
    expect(await put(write, check)).toMatchObject({ applied: true });
    expect(await put(entry("other", { schedule: never }))).toMatchObject({ applied: true });
    expect(test.engine.listJobs({ limit: 5, offset: 0, includeDisabled: true }).total).toBe(1);
  });
});
