import { describe, expect, it } from "vitest";
import type { JobPolicy } from "../../../schema/wire/policy.ts";
import { entry, fakes, keyOn, run, start, startWithoutNodes, target, test, turns } from "./world.ts";

describe("what a job on a node cannot have", () => {
  it.each([
    ["policy.env.pass", { env: { pass: ["HOME"] } }],
    ["policy.env.inherit", { env: { inherit: "gateway" } }],
    ["policy.onGatewayExit", { onGatewayExit: "stop" }],
    ["policy.approval", { approval: { required: true } }],
  ] as [string, JobPolicy][])("%s", async (field, policy) => {
    await start();
    fakes.add("db1");
    const adding = test.add({ policy: { ...policy, target: { node: "db1" } } });
    await expect(adding).rejects.toMatchObject({ code: "POLICY_UNSUPPORTED", details: { field } });
  });

  it("a node nobody knows, one of two with a name, a tag nobody has", async () => {
    await start();
    fakes.add("db1");
    await expect(test.add(target({ node: "db9" }))).rejects.toMatchObject({ code: "NODE_UNKNOWN" });
    await expect(test.add(target({ tag: "db", mode: "any" }))).rejects.toMatchObject({ code: "NODE_TAG_UNKNOWN" });
    fakes.add("db1", "other-id");
    await turns(3_000);
    await expect(test.add(target({ node: "db1" }))).rejects.toMatchObject({ code: "NODE_AMBIGUOUS" });
    await test.add(target({ node: "other-id" }));
  });

  it("nodes, on a gateway that does not let plugins reach them", async () => {
    await startWithoutNodes();
    await expect(test.add(target({ node: "db1" }))).rejects.toMatchObject({ code: "NODES_UNAVAILABLE" });
    expect(await test.engine.nodes()).toEqual({ available: false, nodes: [] });
  });
});

describe("a node that cannot be trusted", () => {
  it("says nothing about runs it was not given", async () => {
    await start();
    const [db1, db2] = [fakes.add("db1"), fakes.add("db2")];
    const runId = await run(await test.add({ name: "one", ...target({ node: "db1" }) }));
    const result = { ...{ outcome: "exited", exitCode: 0, signal: null, attemptKey: keyOn(db1) } };
    db2.says = (answer) => ({ ...answer, results: [{ result, files: [] }] });
    await run(await test.add({ name: "two", ...target({ node: "db2" }) }));
    await turns(1_000);
    expect(entry(runId).runStatus).toBe("running");
  });

  it("with a clock an hour off tells instants of this clock", async () => {
    await start();
    const node = fakes.add("db1");
    node.clockOffMs = 3_600_000;
    const runId = await run(await test.add(target({ node: "db1" })));
    await turns(5_000);
    node.runner.end(keyOn(node), {
      startedAtMs: test.clock.nowMs() + 3_595_000,
      endedAtMs: test.clock.nowMs() + 3_600_000,
    });
    await turns(1_000);
    expect(entry(runId).endedAtMs).toBeLessThanOrEqual(test.clock.nowMs());
    expect((await test.engine.nodes()).nodes[0]).toMatchObject({ clockDifferenceMs: 3_600_000, version: "1.2.3" });
  });

  it.each([
    ["nothing", undefined],
    ["a word", "hello"],
    [
      "lists of nonsense",
      { protocol: 1, instance: "i", heard: "h", version: "v", nowMs: 1, attempts: [1], results: [null], refused: [] },
    ],
  ])("answers %s: it is out of reach, and its runs go on", async (_, said) => {
    await start();
    const node = fakes.add("db1");
    const runId = await run(await test.add(target({ node: "db1" })));
    node.says = () => said;
    node.restart();
    await turns(40_000);
    expect(entry(runId)).toMatchObject({ runStatus: "running", node: { outOfReachSinceMs: expect.any(Number) } });
  });

  it("that sends more than a run may keep is cut as this host would", async () => {
    await start();
    const node = fakes.add("db1");
    const runId = await run(await test.add(target({ node: "db1" })));
    node.says = (answer) => ({
      ...answer,
      results: (answer["results"] as { result: object }[]).map(({ result }) => ({
        result: {
          ...result,
          stdout: { bytes: 1_000_000_000, head: "", tail: Buffer.alloc(1_000_000, "x").toString("base64") },
        },
        files: [{ name: "../../evil", bytes: 10 }],
      })),
    });
    node.runner.end(keyOn(node));
    await turns(1_000);
    const { stdout, stdoutBytes, truncated } = entry(runId);
    expect([stdout.length <= 70_000, stdoutBytes, truncated]).toEqual([true, 1_000_000_000, true]);
  });
});

describe("a node that changes under its run", () => {
  it("upgraded to a plugin that speaks otherwise: nothing is started, and the run says why", async () => {
    await start();
    const node = fakes.add("db1");
    node.says = (answer) => ({ ...answer, protocol: 2 });
    const runId = await run(await test.add(target({ node: "db1", lostAfterSeconds: 30 })));
    await turns(20_000);
    await turns(20_000);
    expect(node.runner.started).toHaveLength(0);
    expect(entry(runId)).toMatchObject({
      runStatus: "skipped",
      reason: "node_offline",
      error: expect.stringContaining("speaks protocol 2, this one 1"),
    });
  });

  it("upgraded, then down again in the middle of a run: the run goes on", async () => {
    await start();
    const node = fakes.add("db1");
    const runId = await run(await test.add(target({ node: "db1" })));
    node.says = (answer) => ({ ...answer, protocol: 2 });
    node.restart();
    await turns(30_000);
    expect(entry(runId)).toMatchObject({ runStatus: "running", node: { outOfReachSinceMs: expect.any(Number) } });
    delete node.says;
    await turns(12_000);
    node.runner.end(keyOn(node));
    await turns(1_000);
    expect(entry(runId).status).toBe("ok");
    expect(node.runner.started).toHaveLength(1);
  });

  it("cut off for longer than the run: its end and its output are heard when the way is there again", async () => {
    await start();
    const node = fakes.add("db1");
    const runId = await run(await test.add(target({ node: "db1" })));
    node.connected = false;
    await turns(30_000);
    node.runner.end(keyOn(node), { out: "done meanwhile" });
    await turns(60_000);
    expect(entry(runId).runStatus).toBe("running");
    node.connected = true;
    await turns(12_000);
    expect(entry(runId)).toMatchObject({ status: "ok", stdout: "done meanwhile" });
    expect(node.runner.started).toHaveLength(1);
  });

  it("joined by another of its name: its run goes on, and the next one names both", async () => {
    await start();
    const node = fakes.add("db1");
    const id = await test.add(target({ node: "db1" }));
    const runId = await run(id);
    fakes.add("db1", "twin");
    await turns(3_000);
    node.runner.end(keyOn(node));
    await turns(1_000);
    expect(entry(runId).status).toBe("ok");
    const next = await run(id);
    expect(entry(next)).toMatchObject({ runStatus: "failed", error: expect.stringContaining("id-of-db1 and twin") });
    expect(node.runner.started).toHaveLength(1);
  });

  it("frozen for a while: nothing is started twice, and its end is heard when it goes on", async () => {
    await start();
    const node = fakes.add("db1");
    node.frozen = true;
    const runId = await run(await test.add(target({ node: "db1" })));
    await turns(60_000);
    expect(entry(runId)).toMatchObject({ runStatus: "running", node: { outOfReachSinceMs: expect.any(Number) } });
    node.frozen = false;
    await turns(30_000);
    expect(node.runner.started).toHaveLength(1);
    node.runner.end(keyOn(node));
    await turns(1_000);
    expect(entry(runId).status).toBe("ok");
  });

  it("renamed: the run goes on, for it is known by its id", async () => {
    await start();
    const node = fakes.add("db1");
    const runId = await run(await test.add(target({ node: "db1" })));
    node.name = "db1-old";
    node.runner.end(keyOn(node));
    await turns(1_000);
    expect(entry(runId)).toMatchObject({ status: "ok", node: { name: "db1" } });
  });

  it("unpaired: the run is lost in time, and a new one says that nobody has the name", async () => {
    await start();
    const node = fakes.add("db1");
    const id = await test.add(target({ node: "db1", lostAfterSeconds: 60 }));
    const runId = await run(id);
    node.paired = false;
    // What the gateway was asked before has to be answered first.
    node.connected = false;
    node.restart();
    await turns(40_000);
    await turns(60_000);
    expect(entry(runId).runStatus).toBe("lost");
    const next = await run(id);
    expect(entry(next)).toMatchObject({ runStatus: "failed", error: expect.stringContaining("no paired node") });
  });
});
