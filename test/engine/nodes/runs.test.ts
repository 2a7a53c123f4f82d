import { describe, expect, it } from "vitest";
import type { NodeSettings } from "../../../schema/wire/target.ts";
import { CALLER } from "../../helpers/engine.ts";
import { entry, fakes, keyOn, run, start, target, test, turns } from "./world.ts";

describe("a run on a node", () => {
  it("starts there with the node's environment and none of this host's, and ends here", async () => {
    await start();
    const node = fakes.add("db1");
    const id = await test.add({
      ...target({ node: "db1" }),
      payload: { kind: "command", argv: ["backup"], env: { A: "1" } },
    });
    const runId = await run(id);
    expect(test.runner.started).toHaveLength(0);
    const [spec] = node.runner.started;
    expect(spec).toMatchObject({ argv: ["backup"], env: { HOME: "/home/db1", A: "1", OPENCLAW_RUN_ID: runId } });
    expect(spec?.env["PATH"]).toBeUndefined();
    expect(JSON.stringify(node.asked)).not.toContain("OPENCLAW_GATEWAY_TOKEN");
    expect(entry(runId)).toMatchObject({ runStatus: "running", node: { id: "id-of-db1", name: "db1" } });
    node.runner.end(keyOn(node), { out: "42 rows\n" });
    await turns();
    expect(entry(runId)).toMatchObject({ status: "ok", stdout: "42 rows\n", node: { name: "db1" } });
    await turns(1_000);
    // It is acknowledged: the node keeps nothing of it.
    node.runner.disconnect();
    expect((await node.runner.port.open({} as never)).ended).toEqual([]);
  });

  it.each([
    ["one by name", { node: "db1" }],
    ["one of a tag", { tag: "db", mode: "any" as const }],
  ])("is skipped with why its node, %s, does not serve though it is connected", async (_how, where) => {
    await start({ db1: { tags: ["db"] } });
    const node = fakes.add("db1");
    node.notServing = "it waits for an approval";
    const runId = await run(await test.add(target({ ...where, offline: "skip" })));
    expect(entry(runId)).toMatchObject({ status: "skipped", reason: "node_offline" });
    expect(entry(runId).error).toContain("db1 does not serve: it waits for an approval");
    expect((await test.engine.nodes()).nodes).toMatchObject([{ name: "db1", notServing: node.notServing }]);
    delete node.notServing;
    await turns(5_000);
    expect((await test.engine.nodes()).nodes[0]).not.toHaveProperty("notServing");
  });

  it("is out of reach while its node is away, and goes on when that is back", async () => {
    await start();
    const node = fakes.add("db1");
    const runId = await run(await test.add(target({ node: "db1" })));
    node.connected = false;
    node.restart();
    await turns(40_000);
    expect(entry(runId)).toMatchObject({ runStatus: "running", node: { outOfReachSinceMs: expect.any(Number) } });
    node.connected = true;
    await turns(12_000);
    expect(entry(runId).node).toEqual({ id: "id-of-db1", name: "db1" });
    node.runner.end(keyOn(node));
    await turns(1_000);
    expect(entry(runId).status).toBe("ok");
    expect(node.runner.started).toHaveLength(1);
  });

  it("is lost when its node stays away, is not started again, and is ended there when the node is back", async () => {
    await start();
    const node = fakes.add("db1");
    const runId = await run(await test.add(target({ node: "db1", lostAfterSeconds: 60 })));
    const key = keyOn(node);
    node.connected = false;
    await turns(20_000);
    await turns(100_000);
    expect(entry(runId)).toMatchObject({ runStatus: "lost", error: expect.stringContaining("out of reach for 60 s") });
    node.connected = true;
    await turns(120_000);
    expect(node.runner.running.has(key)).toBe(false);
    expect(node.runner.started).toHaveLength(1);
    expect(entry(runId).runStatus).toBe("lost");
  });

  it("is sent once: an answer lost on its way starts nothing twice", async () => {
    await start();
    const node = fakes.add("db1");
    node.deaf = 2;
    const runId = await run(await test.add(target({ node: "db1" })));
    await turns(20_000);
    expect(node.runner.started).toHaveLength(1);
    node.runner.end(keyOn(node));
    await turns(1_000);
    expect(entry(runId).status).toBe("ok");
  });

  it("survives the gateway: another life of it goes on with the run", async () => {
    await start();
    const node = fakes.add("db1");
    const runId = await run(await test.add(target({ node: "db1" })));
    await test.restart({
      runner: fakes.around()({ runner: test.runner.port, clock: test.clock, stateDir: test.stateDir }),
    });
    await turns(1_000);
    expect(entry(runId).runStatus).toBe("running");
    node.runner.end(keyOn(node), { out: "done" });
    await turns(1_000);
    expect(entry(runId)).toMatchObject({ status: "ok", stdout: "done" });
    expect(node.runner.started).toHaveLength(1);
  });

  it("that was never sent goes back into the queue when the gateway dies, and starts once", async () => {
    await start();
    const node = fakes.add("db1");
    const id = await test.add(target({ node: "db1" }));
    node.connected = false;
    await turns(3_000);
    const runId = await run(id);
    expect(test.runner.started).toHaveLength(0);
    await test.restart({
      runner: fakes.around()({ runner: test.runner.port, clock: test.clock, stateDir: test.stateDir }),
    });
    node.connected = true;
    await turns(3_000);
    await turns(12_000);
    expect(node.runner.started).toHaveLength(1);
    expect(entry(runId)).toMatchObject({ runStatus: "running", attempts: [{ attempt: 1 }] });
  });

  it.each([
    ["the same runner says so: back into the queue, and started once", "fake", "running", 2],
    ["another runner says so: lost", "another", "lost", 1],
  ])("that was on its way when the gateway died, and never came; %s", async (_, instance, runStatus, starts) => {
    await start();
    const node = fakes.add("db1");
    const before = await run(await test.add({ name: "before", ...target({ node: "db1" }) }));
    node.runner.end(keyOn(node));
    await turns(1_000);
    expect(entry(before).status).toBe("ok");
    node.swallowed = 1;
    const runId = await run(await test.add(target({ node: "db1" })));
    expect(node.runner.started).toHaveLength(1);
    if (instance === "another") {
      node.runner.instance = instance;
      node.restart();
    }
    await test.restart({
      runner: fakes.around()({ runner: test.runner.port, clock: test.clock, stateDir: test.stateDir }),
    });
    await turns(1_000);
    await turns(1_000);
    expect(entry(runId)).toMatchObject({ runStatus, attempts: [{ attempt: 1 }] });
    expect(node.runner.started).toHaveLength(starts);
    expect(JSON.stringify(entry(runId))).not.toContain(node.runner.instance);
  });

  it("is lost when the node's runner has forgotten it", async () => {
    await start();
    const node = fakes.add("db1");
    const runId = await run(await test.add(target({ node: "db1" })));
    node.runner.running.clear();
    node.runner.instance = "another";
    node.restart();
    node.connected = false;
    await turns(40_000);
    node.connected = true;
    await turns(12_000);
    expect(entry(runId)).toMatchObject({ runStatus: "lost" });
    expect(node.runner.started).toHaveLength(1);
  });

  it("is ended where it runs, and at once where it was never sent", async () => {
    await start();
    const node = fakes.add("db1");
    const id = await test.add(target({ node: "db1" }));
    const runId = await run(id);
    const ending = test.engine.cancel({ runId }, CALLER);
    await turns();
    await ending;
    await turns(1_000);
    expect(entry(runId).runStatus).toBe("canceled");
    node.connected = false;
    await turns(3_000);
    const waiting = await run(id);
    expect(entry(waiting)).toMatchObject({ runStatus: "running", node: { outOfReachSinceMs: expect.any(Number) } });
    await test.engine.cancel({ runId: waiting }, CALLER);
    expect(entry(waiting).runStatus).toBe("canceled");
    expect(node.runner.started).toHaveLength(1);
  });

  it("is ended also while the gateway is being asked for its nodes", async () => {
    await start();
    const node = fakes.add("db1");
    const id = await test.add(target({ node: "db1" }));
    // What was said of the nodes when the job was added is not fresh any more.
    await turns(3_000);
    const listed = Promise.withResolvers<void>();
    const { list } = fakes.fabric;
    fakes.fabric.list = async () => {
      await listed.promise;
      return await list();
    };
    const runId = await run(id);
    await test.engine.cancel({ runId }, CALLER);
    expect(entry(runId).runStatus).toBe("canceled");
    listed.resolve();
    await turns(1_000);
    expect(node.runner.started).toHaveLength(0);
  });

  it("says so when the node's own policy refuses it", async () => {
    await start();
    const node = fakes.add("db1");
    node.denies = true;
    const runId = await run(await test.add(target({ node: "db1" })));
    await turns(1_000);
    expect(entry(runId)).toMatchObject({ runStatus: "failed", error: expect.stringContaining("SYSTEM_RUN_DENIED") });
  });
});

describe("a node that is not there when a run is due", () => {
  it.each([
    ["skip", "skipped"],
    ["elsewhere", "running"],
    ["wait", "running"],
  ] as const)("%s", async (offline, runStatus) => {
    await start();
    const node = fakes.add("db1");
    const id = await test.add(target({ node: "db1", offline }));
    node.connected = false;
    await turns(3_000);
    const runId = await run(id);
    await turns(1_000);
    expect(entry(runId).runStatus).toBe(runStatus);
    expect(test.runner.started).toHaveLength(offline === "elsewhere" ? 1 : 0);
    if (offline === "skip") expect(entry(runId).reason).toBe("node_offline");
    if (offline === "elsewhere") {
      expect(entry(runId).node).toBeUndefined();
      expect(test.runner.started[0]?.env["PATH"]).toBe("/bin");
    }
    if (offline === "wait") {
      node.connected = true;
      await turns(12_000);
      expect(node.runner.started).toHaveLength(1);
    }
  });

  it("is not waited for beyond the limit; the run was never started, and is skipped", async () => {
    await start();
    const node = fakes.add("db1");
    const id = await test.add(target({ node: "db1", lostAfterSeconds: 30 }));
    node.connected = false;
    await turns(3_000);
    const runId = await run(id);
    await turns(20_000);
    await turns(20_000);
    expect(entry(runId)).toMatchObject({ runStatus: "skipped", reason: "node_offline" });
    node.connected = true;
    await turns(60_000);
    expect(node.runner.started).toHaveLength(0);
  });
});

describe("nodes with a tag", () => {
  const settings: NodeSettings = { db1: { tags: ["db"] }, db2: { tags: ["db"] }, web: { tags: ["web"] } };

  it("any: the connected one with the fewest runs", async () => {
    await start(settings);
    const [db1, db2] = [fakes.add("db1"), fakes.add("db2")];
    fakes.add("web");
    const id = await test.add({ policy: { target: { tag: "db", mode: "any" }, overlap: "allow_all" } });
    for (let n = 0; n < 4; n += 1) await run(id);
    expect([db1.runner.started.length, db2.runner.started.length]).toEqual([2, 2]);
    db1.connected = false;
    await turns(3_000);
    await run(id);
    expect(db2.runner.started).toHaveLength(3);
  });

  it("all: an occurrence has a run on each, and each its own record", async () => {
    await start(settings);
    const nodes = [fakes.add("db1"), fakes.add("db2")];
    const id = await test.add({ policy: { target: { tag: "db", mode: "all" } } });
    await turns(60_000);
    for (const node of nodes) expect(node.runner.started).toHaveLength(1);
    const { entries } = test.engine.runs({ jobId: id, limit: 10, offset: 0 });
    expect(new Set(entries.map(({ scheduledForMs }) => scheduledForMs)).size).toBe(1);
    expect(entries.map(({ node }) => node?.name).sort()).toEqual(["db1", "db2"]);
    // What goes on on one node is in the way of that node alone.
    nodes[0]?.runner.end(keyOn(nodes[0]));
    await turns(60_000);
    expect(nodes.map(({ runner }) => runner.started.length)).toEqual([2, 1]);
    const after = test.engine.runs({ jobId: id, limit: 10, offset: 0 }).entries;
    expect(after.filter(({ runStatus }) => runStatus === "skipped").map(({ node }) => node?.name)).toEqual(["db2"]);
  });

  it("all, by hand: one run for each", async () => {
    await start(settings);
    fakes.add("db1");
    fakes.add("db2");
    const id = await test.add(target({ tag: "db", mode: "all" }));
    const { runIds } = await test.engine.runJob(id, CALLER, {});
    expect(runIds).toHaveLength(2);
  });
});
