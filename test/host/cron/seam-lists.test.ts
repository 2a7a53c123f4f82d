import { expect, it, vi } from "vitest";
import type { CronJob, Fields } from "../../../src/host/cron/service.ts";
import { CALLER } from "../../helpers/engine.ts";
import { createFakeCron } from "../../helpers/fake-cron.ts";
import { agent, command, describeCommandJobs } from "./seam-bench.ts";

const isOurCommand = (job: CronJob): boolean => job.payload.kind === "command";

describeCommandJobs((bench) => {
  const { added, attach, ours } = bench;

  it("are shown with the gateway's own as one list, in one order, page by page", async () => {
    const { cron, fake, test } = bench;
    await attach();
    for (let index = 0; index < 7; index += 1) {
      await added(agent({ name: `agent ${index}` }));
      const job = fake.state.jobs.at(-1);
      if (job !== undefined)
        job.state = { nextRunAtMs: test.clock.nowMs() + 60_000 * (index * 3 + 1) } as CronJob["state"];
    }
    for (let index = 0; index < 9; index += 1) {
      await added(command({ name: `probe ${index}`, schedule: { kind: "every", everyMs: 60_000 * (index * 2 + 1) } }));
    }
    await added(command({ name: "probe off", enabled: false }));
    const everything = [...fake.state.jobs, ...(await cron.list({ includeDisabled: true })).filter(isOurCommand)];
    const reference = createFakeCron("object", { jobs: structuredClone(everything) }).cron;
    const asked: Fields[] = [
      {},
      { includeDisabled: true },
      { enabled: "disabled" },
      { query: "PROBE" },
      { query: "agent" },
      { scheduleKind: "every" },
      { lastRunStatus: "unknown", includeDisabled: true },
      { sortBy: "name", sortDir: "desc", includeDisabled: true },
      { sortBy: "updatedAtMs", includeDisabled: true },
      { sortDir: "desc", includeDisabled: true },
    ];
    for (const options of asked) {
      for (const [offset, limit] of [
        [0, 5],
        [3, 4],
        [9, 3],
        [14, 50],
        [99, 5],
      ]) {
        const page = await cron.listPage({ ...options, offset, limit }, undefined);
        const expected = await reference.listPage({ ...options, offset, limit }, undefined);
        const { snapshotRevision: _ours, ...rest } = page;
        const { snapshotRevision: _theirs, ...wanted } = expected;
        expect({ options, ...rest }).toEqual({ options, ...wanted });
      }
    }
    const own = await cron.listPage({ includeDisabled: true }, (job) => job.name.startsWith("probe 1"));
    expect(own.jobs.map(({ name }) => name)).toEqual(["probe 1"]);
  });

  it("are put in any order by what it looks at: only those on the page are read whole", async () => {
    const { cron, test } = bench;
    await attach();
    for (let index = 0; index < 30; index += 1) await added(command({ name: `probe ${index % 10}` }));
    const whole = vi.spyOn(test.engine.inside.ledger.jobs, "get");
    const lists = vi.spyOn(test.engine.inside.ledger.jobs, "list");
    for (const order of [{ sortBy: "name" }, { sortBy: "updatedAtMs", sortDir: "desc" }, { sortDir: "desc" }]) {
      whole.mockClear();
      expect((await cron.listPage({ ...order, limit: 4 }, undefined)).total).toBe(30);
      expect(new Set(whole.mock.calls.flat()).size).toBe(4);
    }
    expect(lists).not.toHaveBeenCalled();
  });

  it("are counted in the status, with the next wake of both", async () => {
    const { cron, fake } = bench;
    await added(agent());
    await attach();
    const before = await cron.status();
    await added(command());
    const after = await cron.status();
    expect(after).toMatchObject({ ...before, jobs: before.jobs + 1 });
    const [job] = fake.state.jobs;
    if (job !== undefined) job.state = {};
    expect((await cron.status()).nextWakeAtMs).toBe(ours()[0]?.state.nextRunAtMs);
  });

  it("change the snapshot revision of a list when they change, and only then", async () => {
    const { cron } = bench;
    await attach();
    const revision = async () => (await cron.listPage({}, undefined)).snapshotRevision;
    const { id } = await added(command());
    const first = await revision();
    expect(first).toMatch(/^sha256:[\w-]{43}$/);
    expect(await revision()).toBe(first);
    await cron.update(id, { name: "x" }, {});
    expect(await revision()).not.toBe(first);
  });

  it("that were moved here are shown once, and removed on both sides", async () => {
    const { cron, fake } = bench;
    const { id } = await added(command({ id: "n1" }));
    await attach();
    expect((await bench.seam.moves()?.adopt({ all: true, apply: true }, CALLER))?.plan).toMatchObject([
      { action: "move" },
    ]);
    const page = await cron.listPage({ includeDisabled: true }, undefined);
    expect(page.jobs.map((job) => [job.id, job.enabled])).toEqual([[id, true]]);
    expect((await cron.list({ includeDisabled: true })).map((job) => job.id)).toEqual([id]);
    expect((await cron.status()).jobs).toBe(1);
    expect(await cron.remove(id, {})).toEqual({ ok: true, removed: true });
    expect(fake.state.jobs).toEqual([]);
    expect(ours()).toEqual([]);
  });

  it("show the gateway's own jobs while the ledger cannot be read", async () => {
    const { cron, fake, test } = bench;
    const { id } = await added(agent());
    await attach();
    const mine = await added(command());
    await test.engine.stop();
    expect((await cron.listPage({}, undefined)).jobs.map((job) => job.id)).toEqual([id]);
    expect((await cron.list({})).map((job) => job.id)).toEqual([id]);
    expect(await cron.readJob(id)).toMatchObject({ id });
    expect(await cron.status()).toMatchObject({ jobs: 1 });
    expect(await cron.updateWithPrecondition(id, { name: "x" }, undefined, {})).toMatchObject({ name: "x" });
    await added(agent({ declarationKey: "key" }));
    await expect(cron.update(mine.id, { name: "x" }, {})).rejects.toThrow();
    await expect(added(command())).rejects.toThrow();
    expect(fake.state.jobs).toHaveLength(2);
    await test.restart();
  });
});
