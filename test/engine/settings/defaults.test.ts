import { beforeEach, describe, expect, it } from "vitest";
import type { Config } from "../../../schema/wire/config.ts";
import type { JobInput } from "../../../schema/wire/job.ts";
import { settle } from "../../helpers/clock.ts";
import { CALLER, startTestEngine, type TestEngine } from "../../helpers/engine.ts";

const HOOK = "https://example.com/hook";
const DEFAULTS: Config["defaults"] = {
  timeoutSeconds: 30,
  delivery: { mode: "webhook", to: HOOK },
  policy: { retry: { maxAttempts: 2, delaySeconds: 5 }, stopGraceSeconds: 9, overlap: "allow_all" },
};

let test: TestEngine;
beforeEach(async () => {
  test = await startTestEngine({ config: { defaults: DEFAULTS } });
});

/** A job that says nothing on where its output goes. */
async function plain(job: Partial<JobInput> = {}): Promise<string> {
  const { delivery: _none, ...input }: JobInput = {
    name: "plain",
    schedule: { kind: "every", everyMs: 60_000 },
    payload: { kind: "command", argv: ["true"] },
    ...job,
  };
  return (await test.engine.addJob({ ...input, ...(job.delivery === undefined ? {} : job) }, CALLER)).job.id;
}
const started = async (id: string) => {
  await test.engine.runJob(id, CALLER, {});
  await settle();
  return test.runner.started.at(-1);
};

describe("what the config says for all jobs", () => {
  it("is in force where a job says nothing, in its command, its attempts and its message", async () => {
    const id = await plain();
    const spec = await started(id);
    expect(spec).toMatchObject({ timeoutMs: 30_000, stopGraceMs: 9_000 });
    test.runner.end(spec?.attemptKey ?? "", { exitCode: 1, out: "no" });
    await settle();
    expect(test.sent).toEqual([]);
    await test.clock.advance(5_000);
    test.runner.end(test.runner.started.at(-1)?.attemptKey ?? "", { out: "well" });
    await settle();
    expect(test.sent.map(({ to, body }) => [to, JSON.parse(body ?? "").summary])).toEqual([[HOOK, "well"]]);
  });

  it("is marked as such, and no part of what the job says: an edit and an export leave it out", async () => {
    const id = await plain({ policy: { stopGraceSeconds: 1 } });
    expect(test.engine.getJob(id)).toMatchObject({
      policy: { stopGraceSeconds: 1, retry: { maxAttempts: 2 } },
      fromDefaults: ["policy.retry", "policy.overlap", "payload.timeoutSeconds", "delivery"],
    });
    await test.engine.updateJob(id, { name: "other", policy: { leftovers: "report" } }, CALLER);
    const [entry] = test.engine.exportJobs().jobs as JobInput[];
    expect(entry).toMatchObject({ name: "other", policy: { stopGraceSeconds: 1, leftovers: "report" } });
    expect(entry?.policy).not.toHaveProperty("retry");
    expect(entry?.payload).not.toHaveProperty("timeoutSeconds");
    expect(entry).not.toHaveProperty("delivery");
  });

  it("gives way to what a job names, one policy at a time", async () => {
    const id = await plain({
      payload: { kind: "command", argv: ["true"], timeoutSeconds: 7 },
      delivery: { mode: "none" },
      policy: { retry: { maxAttempts: 1 } },
    });
    expect(await started(id)).toMatchObject({ timeoutMs: 7_000, stopGraceMs: 9_000 });
    test.runner.end(test.runner.started.at(-1)?.attemptKey ?? "", { exitCode: 1, out: "no" });
    await settle();
    expect(test.engine.runs({ jobId: id, limit: 5, offset: 0 }).entries).toMatchObject([{ runStatus: "failed" }]);
    expect(test.sent).toEqual([]);
  });

  it("reaches stored jobs when it changes, except where they named the value", async () => {
    const quiet = await plain();
    const own = await plain({ name: "own", policy: { stopGraceSeconds: 1 } });
    await test.restart({ config: { defaults: { timeoutSeconds: 40, policy: { stopGraceSeconds: 3 } } } });
    expect(await started(quiet)).toMatchObject({ timeoutMs: 40_000, stopGraceMs: 3_000 });
    expect(await started(own)).toMatchObject({ timeoutMs: 40_000, stopGraceMs: 1_000 });
    expect(test.engine.getJob(quiet)).not.toHaveProperty("policy.retry");
  });

  it("lets no two runs of a job that keeps a state go on at once", async () => {
    const id = await plain({ policy: { state: true } });
    expect(test.engine.getJob(id).policy).not.toHaveProperty("overlap");
  });

  it("counts in a rehearsal", async () => {
    const said = test.engine.rehearseJob({
      name: "try",
      schedule: { kind: "every", everyMs: 60_000 },
      payload: { kind: "command", argv: ["true"] },
    });
    await settle();
    const spec = test.runner.started.at(-1);
    expect(spec).toMatchObject({ timeoutMs: 30_000, stopGraceMs: 9_000 });
    test.runner.end(spec?.attemptKey ?? "", { out: "hello" });
    expect(await said).toMatchObject({ to: [{ mode: "webhook", to: HOOK }], text: "hello" });
  });

  it("costs itself alone where it cannot be used, and says so", async () => {
    const delivery = { mode: "webhook" as const, to: "no address" };
    await test.restart({
      config: { defaults: { timeoutSeconds: 3, delivery, policy: { pool: "gone", leftovers: "report" } } },
    });
    const { policy, payload } = test.engine.getJob(await plain());
    expect([policy, payload.timeoutSeconds]).toEqual([{ leftovers: "report" }, 3]);
    const told = test.engine.status().notices.filter(({ code }) => code === "CONFIG_INVALID");
    const text = told.map(({ message }) => message).join();
    expect(text).toContain("policy.pool: the named pool");
    expect(text).toContain("delivery.to: the webhook address");
  });

  it("names a destination that the settings do not have, at once and by name, and keeps what goes there", async () => {
    const delivery = { mode: "announce" as const, to: "@gone" };
    await test.restart({ config: { defaults: { delivery } } });
    const [notice] = test.engine.status().notices.filter(({ code }) => code === "CONFIG_INVALID");
    expect(notice?.message).toMatch(
      /^defaults: delivery\.to: no destination of this name is in the settings\. .*Got @gone/,
    );
    const id = await plain();
    const found = (await test.engine.doctor()).find(({ check }) => check === "destinations");
    expect(found).toMatchObject({ level: "error", detail: expect.stringContaining("plain (@gone)") });
    const spec = await started(id);
    test.runner.end(spec?.attemptKey ?? "", { out: "hello" });
    await settle();
    const [dead] = test.engine.listDeliveries({ limit: 1, offset: 0 }).deliveries;
    expect(dead).toMatchObject({ state: "dead", reason: "the settings name no destination @gone" });
    await test.restart({ config: { defaults: { delivery }, destinations: { gone: { channel: "irc", to: "#x" } } } });
    expect(test.engine.status().notices.filter(({ code }) => code === "CONFIG_INVALID")).toEqual([]);
  });
});
