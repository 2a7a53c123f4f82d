import { readFileSync, statSync } from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import { validateJob } from "../../src/rpc/index.ts";
import { createMoves, type Moves } from "../../src/transfer/moves/index.ts";
import { settle } from "../helpers/clock.ts";
import { CALLER, startTestEngine, type TestEngine } from "../helpers/engine.ts";
import { createFakeNative, Killed } from "./fake-native.ts";

describe("moving jobs between the gateway's cron and ours", () => {
  let test: TestEngine;
  let native: ReturnType<typeof createFakeNative>;
  let moves: Moves;

  const open = () => {
    moves = createMoves({ ...test.engine.inside, native: native.port, validate: validateJob });
  };
  const ours = (id: string) => {
    try {
      return test.engine.getJob(id);
    } catch {
      return undefined;
    }
  };
  /** Where the job would fire from. */
  const active = (id: string): string[] => [
    ...(native.jobs.get(id)?.enabled === true ? ["gateway"] : []),
    ...(ours(id)?.enabled === true ? ["plugin"] : []),
  ];
  const adopt = (target: { id?: string; all?: true }, apply = true) => moves.adopt({ ...target, apply }, CALLER);
  const release = (target: { id?: string; all?: true; force?: boolean }, apply = true) =>
    moves.release({ ...target, apply }, CALLER);

  beforeEach(async () => {
    native = createFakeNative();
    // Asked while a job is stored, between the first two steps of a move.
    const resolveTarget = async <T>(destination: T): Promise<T> => {
      native.fake.fault?.("target");
      return destination;
    };
    test = await startTestEngine({ deps: { resolveTarget } });
    open();
  });

  it("plans without changing anything", async () => {
    native.add("a");
    native.add("b", { pacing: { min: "1m" } });
    native.add("c", { state: { runningAtMs: 5 } });
    native.add("d", { payload: { kind: "command", argv: ["bad\0"] } });
    native.add("e", { payload: { kind: "agentTurn", message: "hello" } });
    const { plan, applied } = await adopt({ all: true }, false);
    expect(applied).toBe(false);
    expect(plan.map(({ id, action }) => [id, action])).toEqual([
      ["a", "move"],
      ["b", "refused"],
      ["c", "refused"],
      ["d", "refused"],
    ]);
    expect(plan[1]?.detail).toContain("pacing");
    expect(plan[2]?.detail).toContain("running");
    expect(["a", "b", "c", "d"].map(active)).toEqual([["gateway"], ["gateway"], ["gateway"], ["gateway"]]);
    expect(test.engine.listJobs({ includeDisabled: true, limit: 10, offset: 0 }).total).toBe(0);
  });

  it("keeps id, schedule, delivery, alert and the way to the earlier runs", async () => {
    native.add("a", { description: "nightly", delivery: { mode: "webhook", to: "https://example.org/x" } });
    expect((await adopt({ id: "a" })).plan).toMatchObject([{ action: "move", id: "a" }]);
    expect(ours("a")).toMatchObject({
      id: "a",
      name: "native a",
      enabled: true,
      schedule: { kind: "every", everyMs: 60_000, anchorMs: 0 },
      payload: { kind: "command", argv: ["true"], env: { A: "1" } },
      delivery: { mode: "webhook", to: "https://example.org/x" },
      failureAlert: { after: 3 },
      description: expect.stringMatching(/^nightly\nRuns before \d{4}-\d\d-\d\d: openclaw cron runs a$/),
    });
    expect(native.jobs.get("a")).toMatchObject({
      enabled: false,
      description: expect.stringContaining("openclaw command-cron release a"),
    });
  });

  it("gives everything back as it was", async () => {
    native.add("a", { description: "nightly" });
    native.add("b", { enabled: false });
    const before = structuredClone([...native.jobs.values()]);
    await adopt({ all: true });
    expect(["a", "b"].map(active)).toEqual([["plugin"], []]);
    const { plan } = await release({ all: true });
    expect(plan.map(({ action }) => action)).toEqual(["move", "move"]);
    expect(["a", "b"].map(active)).toEqual([["gateway"], []]);
    expect(test.engine.listJobs({ includeDisabled: true, limit: 10, offset: 0 }).total).toBe(0);
    const bookkeeping = { createdAtMs: undefined, updatedAtMs: undefined, state: {} };
    for (const job of before) {
      expect({ ...native.jobs.get(job.id), ...bookkeeping }).toEqual({ ...job, ...bookkeeping });
    }
  });

  it("keeps where the intervals of a job count from", async () => {
    const startMs = test.clock.nowMs();
    const id = await test.add({ schedule: { kind: "every", everyMs: 60_000 } });
    test.clock.setWall(startMs + 25_000);
    await release({ id });
    expect(native.jobs.get(id)).toMatchObject({ schedule: { kind: "every", everyMs: 60_000, anchorMs: startMs } });
  });

  it("takes a job again that was enabled there while the plugin was away", async () => {
    native.add("a");
    native.add("b");
    await adopt({ all: true });
    await test.engine.updateJob("b", { enabled: false }, CALLER);
    for (const job of native.jobs.values()) job.enabled = true;
    await test.restart();
    open();
    await moves.resume();
    expect(["a", "b"].map(active)).toEqual([["plugin"], ["plugin"]]);
    expect(native.jobs.get("a")?.description).toBe(
      "Kept by command-cron; give it back with: openclaw command-cron release a",
    );
  });

  it("takes a job that is kept here already as done", async () => {
    native.add("a");
    await adopt({ all: true });
    expect((await adopt({ all: true })).plan).toMatchObject([{ action: "done", id: "a" }]);
    expect(active("a")).toEqual(["plugin"]);
  });

  it("does not change what a job does without being told to, and brings everything back", async () => {
    const also = [{ mode: "webhook" as const, to: "https://example.com/h" }];
    const id = await test.add({
      policy: { overlap: "buffer_one", retry: { maxAttempts: 3 } },
      delivery: { mode: "none", also },
      managedBy: "ops",
      tags: ["db"],
    });
    const before = test.engine.getJob(id);
    const { plan, copy: none } = await release({ id });
    expect(none).toBeUndefined();
    expect(plan[0]).toMatchObject({ action: "refused" });
    expect(plan[0]?.detail).toContain("policy.overlap, policy.retry, delivery.also, managedBy, tags");
    expect(active(id)).toEqual(["plugin"]);
    const { copy } = await release({ id, force: true });
    expect(native.jobs.get(id)).toMatchObject({ enabled: true, payload: { argv: ["true"] } });
    expect(native.jobs.get(id)).not.toHaveProperty("policy");
    expect(statSync(copy ?? "").mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(copy ?? "", "utf8")).jobs).toMatchObject([
      { policy: before.policy, managedBy: "ops" },
    ]);
    await adopt({ id });
    const { policy, delivery, managedBy, tags, schedule } = test.engine.getJob(id);
    expect({ policy, delivery, managedBy, tags }).toEqual({
      policy: before.policy,
      delivery: before.delivery,
      managedBy: "ops",
      tags: ["db"],
    });
    expect(schedule).toMatchObject(before.schedule);
  });

  it("needs no word where nothing changes but whose files it comes from", async () => {
    const id = await test.add({ managedBy: "ops" });
    expect((await release({ id })).plan).toMatchObject([{ action: "move", detail: "not carried: managedBy" }]);
  });

  it("does not release a job that is running", async () => {
    const id = await test.add();
    await test.engine.runJob(id, CALLER, {});
    await new Promise((resolve) => setImmediate(resolve));
    expect((await release({ id })).plan).toMatchObject([
      { action: "refused", detail: expect.stringContaining("running") },
    ]);
    expect(active(id)).toEqual(["plugin"]);
  });

  it("leaves a job alone that starts running while it is being adopted", async () => {
    native.add("a");
    native.fake.fault = (point) => {
      const job = native.jobs.get("a");
      if (point === "before disable" && job !== undefined) job.state = { runningAtMs: 5 };
    };
    expect((await adopt({ id: "a" })).plan).toMatchObject([{ action: "refused" }]);
    native.fake.fault = undefined;
    expect(active("a")).toEqual(["gateway"]);
    expect(ours("a")).toBeUndefined();
  });

  it.each([
    { what: "runs what came due in between", lastRunMs: undefined, runs: 1 },
    { what: "does not run again what ran there in between", lastRunMs: 30_100, runs: 0 },
  ])("$what", async ({ lastRunMs, runs }) => {
    const startMs = test.clock.nowMs();
    native.add("a", { schedule: { kind: "every", everyMs: 60_000, anchorMs: startMs + 30_000 } });
    native.fake.fault = (point) => {
      const job = native.jobs.get("a");
      if (point !== "before disable" || job === undefined) return;
      test.clock.setWall(startMs + 40_000);
      if (lastRunMs !== undefined) job.state = { lastRunAtMs: startMs + lastRunMs };
    };
    await adopt({ id: "a" });
    await settle();
    expect(ours("a")?.state.nextRunAtMs).toBe(startMs + 90_000);
    expect(test.engine.runs({ jobId: "a", limit: 10, offset: 0 }).total).toBe(runs);
  });

  it("refuses an id nobody has, and ids of other kinds", async () => {
    native.add("agent", { payload: { kind: "agentTurn", message: "x" } });
    for (const id of ["nobody", "agent"]) {
      await expect(adopt({ id })).rejects.toMatchObject({ code: "JOB_NOT_FOUND" });
    }
    await expect(release({ id: "nobody" })).rejects.toMatchObject({ code: "JOB_NOT_FOUND" });
  });

  /** Counts the fault points of one move, then fails at each of them. */
  async function pointsOf(move: () => Promise<unknown>): Promise<string[]> {
    const points: string[] = [];
    native.fake.fault = (point) => void points.push(point);
    await move();
    native.fake.fault = undefined;
    return points;
  }

  const steps = [
    { name: "adopt", prepare: async () => {}, move: () => adopt({ all: true }) },
    { name: "release", prepare: async () => void (await adopt({ all: true })), move: () => release({ all: true }) },
  ];

  for (const { name, prepare, move } of steps) {
    it(`${name}: a call that fails at any point leaves each job active exactly once`, async () => {
      native.add("a");
      native.add("b", { enabled: false });
      await prepare();
      const points = await pointsOf(move);
      await (name === "adopt" ? release({ all: true }) : adopt({ all: true }));
      expect(points.length).toBeGreaterThanOrEqual(4);
      for (const at of points.keys()) {
        let count = 0;
        native.fake.fault = () => {
          count += 1;
          if (count === at + 1) throw new Error("refused by the gateway");
        };
        await move().catch(() => {});
        native.fake.fault = undefined;
        await moves.resume();
        expect({ at: points[at], a: active("a"), b: active("b") }).toMatchObject({ a: [expect.any(String)], b: [] });
        await (name === "adopt" ? release({ all: true }) : adopt({ all: true }));
        expect(active("a")).toEqual([name === "adopt" ? "gateway" : "plugin"]);
      }
    });

    it(`${name}: a process that ends at any point leaves each job active exactly once`, async () => {
      native.add("a");
      native.add("b", { enabled: false });
      await prepare();
      const points = await pointsOf(move);
      await (name === "adopt" ? release({ all: true }) : adopt({ all: true }));
      const seen = new Set<string>();
      for (const at of points.keys()) {
        let count = 0;
        native.fake.fault = () => {
          count += 1;
          if (count !== at + 1) return;
          native.fake.dead = true;
          throw new Killed("killed");
        };
        await move().catch(() => {});
        native.fake.fault = undefined;
        // Never both, whatever the moment of the end.
        expect(active("a").length).toBeLessThanOrEqual(1);
        expect(active("b")).toEqual([]);
        native.fake.dead = false;
        await test.restart();
        open();
        expect(active("a").length).toBeLessThanOrEqual(1);
        await moves.resume();
        expect({ at: points[at], where: active("a") }).toEqual({ at: points[at], where: [expect.any(String)] });
        expect(active("b")).toEqual([]);
        seen.add(active("a").join());
        await (name === "adopt" ? release({ all: true }) : adopt({ all: true }));
        expect(active("a")).toEqual([name === "adopt" ? "gateway" : "plugin"]);
      }
      // The points lie on both sides of the turning point.
      expect([...seen].sort()).toEqual(["gateway", "plugin"]);
    });
  }

  it("never has both active, at any step of any move", async () => {
    for (const id of ["a", "b", "c"]) native.add(id);
    native.fake.fault = () => {
      for (const id of ["a", "b", "c"]) expect(active(id).length).toBeLessThanOrEqual(1);
    };
    await adopt({ all: true });
    await release({ all: true });
    await adopt({ all: true });
    expect(["a", "b", "c"].flatMap(active)).toEqual(["plugin", "plugin", "plugin"]);
  });
});
