import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { NodeSettings } from "../../../schema/wire/target.ts";
import { restoreBackup } from "../../../src/engine/port.ts";
import { CALLER } from "../../helpers/engine.ts";
import { fakes, run, start, target, test, turns } from "./world.ts";

const tagged = (names: readonly string[]): NodeSettings =>
  Object.fromEntries(names.map((name) => [name, { tags: ["db"] }]));

const started = () => fakes.nodes.map(({ runner }) => runner.started.length);
const entries = (jobId: string) => test.engine.runs({ jobId, limit: 200, offset: 0 }).entries;

describe("any of several nodes", () => {
  const any = { policy: { target: { tag: "db", mode: "any" as const }, overlap: "allow_all" as const } };

  it("counts what is on its way there: many at once are spread evenly", async () => {
    await start(tagged(["a", "b", "c"]));
    for (const name of ["a", "b", "c"]) fakes.add(name);
    const id = await test.add({ ...target({ tag: "db", mode: "any" }), ...any });
    await Promise.all(Array.from({ length: 6 }, () => test.engine.runJob(id, CALLER, {})));
    await turns();
    expect(started()).toEqual([2, 2, 2]);
  });

  it("takes turns among equals", async () => {
    await start(tagged(["a", "b", "c"]));
    for (const name of ["a", "b", "c"]) fakes.add(name).runner.auto = true;
    const id = await test.add({ ...target({ tag: "db", mode: "any" }), ...any });
    for (let n = 0; n < 6; n += 1) {
      await run(id);
      await turns(1_000);
    }
    expect(started()).toEqual([2, 2, 2]);
  });

  it("goes to one with room rather than to a full one with fewer, and counts a node with two names once", async () => {
    const full = { small: { tags: ["db"], limit: 1 } };
    await start({ ...full, ...tagged(["big", "id-of-big"]) });
    fakes.add("small");
    fakes.add("big");
    const id = await test.add({ ...target({ tag: "db", mode: "any" }), ...any });
    for (let n = 0; n < 4; n += 1) await run(id);
    expect(started()).toEqual([1, 3]);
  });
});

describe("each of several nodes", () => {
  const all = { policy: { target: { tag: "db", mode: "all" as const } } };

  it("has one run of an occurrence where the settings name it by its id and by its name", async () => {
    await start(tagged(["a", "id-of-a", "b"]));
    for (const name of ["a", "b"]) fakes.add(name);
    const id = await test.add(all);
    await turns(60_000);
    expect(started()).toEqual([1, 1]);
    expect(entries(id).filter(({ runStatus }) => runStatus === "skipped")).toMatchObject([
      { reason: "node_twice", error: expect.stringContaining("a, as") },
    ]);
    const { runIds } = await test.engine.runJob(await test.add({ ...all, name: "by hand" }), CALLER, {});
    expect(runIds).toHaveLength(2);
    await turns();
    for (const { runner } of fakes.nodes) for (const key of [...runner.running.keys()]) runner.end(key);
    await turns(1_000);
    await turns(60_000);
    expect(started()).toEqual([4, 4]);
  });

  it("removes a one-shot job with the last of its runs, and keeps it when one has failed", async () => {
    await start(tagged(["a", "b"]));
    for (const name of ["a", "b"]) fakes.add(name);
    const once = (name: string) => ({
      ...{ ...all, name, deleteAfterRun: true },
      schedule: { kind: "at" as const, at: new Date(test.clock.nowMs() + 10_000).toISOString() },
    });
    const end = async (node: number, exitCode: number): Promise<void> => {
      const { runner } = fakes.nodes[node] ?? fakes.add("none");
      for (const key of [...runner.running.keys()]) runner.end(key, { exitCode });
      await turns(1_000);
    };
    const good = await test.add(once("good"));
    await turns(11_000);
    await end(0, 0);
    expect(test.engine.findJob(good)?.enabled).toBe(false);
    await end(1, 0);
    expect(test.engine.findJob(good)).toBeUndefined();
    const bad = await test.add(once("bad"));
    await turns(11_000);
    await end(0, 1);
    await end(1, 0);
    expect(test.engine.findJob(bad)?.enabled).toBe(false);
  });

  it("starts nothing of an occurrence that a backup shows as half written", async () => {
    await start(tagged(["a", "b", "c"]));
    for (const name of ["a", "b", "c"]) fakes.add(name);
    const id = await test.add(all);
    const { ledger } = test.engine.inside;
    ledger.fanOuts.begin({ jobId: id, scheduledForMs: test.clock.nowMs(), catchUp: false });
    const file = join(test.stateDir, "copy.sqlite");
    await test.engine.backup(file);
    await test.engine.stop();
    restoreBackup({ stateDir: test.stateDir, file, nowMs: test.clock.nowMs() });
    await test.restart();
    await turns(1_000);
    expect(started()).toEqual([0, 0, 0]);
    expect(entries(id).map(({ runStatus, reason }) => [runStatus, reason])).toEqual([
      ["canceled", "restored"],
      ["canceled", "restored"],
      ["canceled", "restored"],
    ]);
  });
});
