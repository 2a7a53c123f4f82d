import { beforeEach, describe, expect, it } from "vitest";
import { createDispatcher } from "../../../src/rpc/index.ts";
import { DAY, HOUR, type Observing, observe } from "./gateway.ts";

let world: Observing;
let ask: (name: string, params?: object) => Promise<Record<string, unknown>>;

beforeEach(async () => {
  world = await observe();
  const { dispatch } = createDispatcher(() => world.test.engine);
  ask = async (name, params = {}) =>
    (await dispatch(`cron.command.${name}`, params, { label: "test" })) as Record<string, unknown>;
});

const NO_TOTALS = { runs: 0, ok: 0, error: 0, skipped: 0, missed: 0 };

async function everything(): Promise<{ news: string; own: string }> {
  const { test } = world;
  const news = world.add("News", DAY);
  world.add("errand", HOUR, { sessionTarget: "main", payload: { kind: "systemEvent" } });
  const off = world.add("off", DAY);
  off.enabled = false;
  const own = await test.add({ name: "backup" });
  await world.look();
  test.runner.auto = true;
  await test.engine.runJob(own, { label: "test" }, {});
  await test.clock.advance(1_000);
  await world.run(news);
  await world.run(news, { status: "error", error: "model answers 400" });
  return { news: news.id, own };
}

describe("the summary", () => {
  it("is everything that is scheduled here, a line a job, by name", async () => {
    const { own } = await everything();
    const { jobs, ...page } = await ask("summary");
    expect(page).toEqual({ total: 4, offset: 0, limit: 50, hasMore: false, nextOffset: null });
    expect(jobs).toMatchObject([
      { jobId: own, name: "backup", source: "command", kind: "command", state: "ok", consecutiveOk: 1, okRate: 100 },
      { name: "errand", source: "gateway", kind: "systemEvent", state: "idle", enqueuedOnly: true, totals: NO_TOTALS },
      {
        ...{ jobId: "id-News", name: "News", source: "gateway", kind: "agentTurn", state: "error", okRate: 50 },
        ...{ consecutiveOk: 0, consecutiveErrors: 1, lastError: "model answers 400" },
        totals: { runs: 2, ok: 1, error: 1, skipped: 0, missed: 0 },
      },
      { name: "off", source: "gateway", state: "disabled", enabled: false },
    ]);
  });

  it("is read in pages, by origin and by text", async () => {
    await everything();
    const names = async (params: object) =>
      ((await ask("summary", params))["jobs"] as { name: string }[]).map(({ name }) => name);
    expect(await names({ limit: 2 })).toEqual(["backup", "errand"]);
    expect(await names({ limit: 2, offset: 2 })).toEqual(["News", "off"]);
    expect(await names({ source: "gateway", limit: 1, offset: 1 })).toEqual(["News"]);
    expect(await names({ source: "command" })).toEqual(["backup"]);
    expect(await names({ query: "NEW" })).toEqual(["News"]);
  });
});

describe("runs of all", () => {
  it("are ours and the gateway's in one order, with what is known of each", async () => {
    const { news, own } = await everything();
    const { entries, total } = await ask("runs", { allCron: true });
    expect(total).toBe(3);
    expect(entries).toMatchObject([
      { jobId: news, source: "gateway", runStatus: "failed", status: "error", error: "model answers 400" },
      { jobId: news, source: "gateway", runStatus: "succeeded", completionStatus: "succeeded" },
      { jobId: own, runStatus: "succeeded" },
    ]);
    expect(await ask("runs", { allCron: true, id: "News", status: "ok" })).toMatchObject({ total: 1 });
    expect(await ask("runs", { allCron: true, id: "backup" })).toMatchObject({ total: 1, entries: [{ jobId: own }] });
    expect(await ask("runs")).toMatchObject({ total: 1 });
    expect(await ask("runs", { allCron: true, limit: 1, offset: 1 })).toMatchObject({
      ...{ total: 3, hasMore: true, nextOffset: 2 },
      entries: [{ runStatus: "succeeded", source: "gateway" }],
    });
    await expect(ask("runs", { allCron: true, query: "x" })).rejects.toThrow("no such filter with `allCron`");
  });

  it("are each on one page, also one that went on for longer than those after it", async () => {
    const { test } = world;
    const long = await test.add({ name: "long" });
    await test.engine.runJob(long, { label: "test" }, {});
    await test.clock.advance(1_000);
    const keys = [...test.runner.running.keys()];
    await everything();
    await test.clock.advance(1_000);
    for (const key of keys) test.runner.end(key);
    await test.clock.advance(1_000);
    const all = ["backup", "long", "News", "News"];
    for (const sortDir of ["asc", "desc"]) {
      const names: unknown[] = [];
      for (let offset = 0; offset < all.length; offset += 1) {
        const { entries } = await ask("runs", { allCron: true, limit: 1, offset, sortDir });
        for (const { jobName } of entries as { jobName: string }[]) names.push(jobName);
      }
      expect([sortDir, ...names.toSorted()]).toEqual([sortDir, ...all.toSorted()]);
    }
  });
});

it("has lanes for the gateway's own jobs: what ran, what will, how they stand", async () => {
  const { news } = await everything();
  const nowMs = world.test.clock.nowMs();
  const span = { sinceMs: nowMs - HOUR, untilMs: nowMs + 3 * DAY, slotMs: HOUR };
  const { jobs } = await ask("timeline", { ids: [news, "gone"], ...span });
  expect(jobs).toMatchObject([
    {
      ...{ jobId: news, enabled: true, state: { lastRunStatus: "error", consecutiveErrors: 1 } },
      marks: [
        { status: "succeeded", runs: 1 },
        { status: "failed", runs: 1 },
      ],
      latest: [{ status: "failed" }, { status: "succeeded" }],
    },
  ]);
  expect((jobs as { next: number[] }[])[0]?.next).toHaveLength(3);
});

it("keeps so many ends a job, and none that is too old", async () => {
  const { news } = await everything();
  const { observed } = world.test.engine.inside.ledger;
  for (let nth = 0; nth < 5; nth += 1) await world.run(world.gateway.jobs[0] as never);
  const all = () => observed.runs({ jobId: news, limit: 100, offset: 0 }).total;
  expect(all()).toBe(7);
  observed.prune({ beforeMs: 0, runsPerJob: 3, budget: 100 });
  expect(all()).toBe(3);
  observed.prune({ beforeMs: world.test.clock.nowMs() + DAY, runsPerJob: 3, budget: 100 });
  expect(all()).toBe(0);
  expect(observed.job(news)).toMatchObject({ totals: { runs: 7 } });
});
