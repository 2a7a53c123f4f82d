import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, expect, it } from "vitest";
import { restoreBackup } from "../../../src/engine/port.ts";
import { settle } from "../../helpers/clock.ts";
import { CALLER, startTestEngine, type TestEngine } from "../../helpers/engine.ts";
import { links } from "./links.ts";

let test: TestEngine;
beforeEach(async () => {
  test = await startTestEngine();
});
const { first, follow, ran, end, running, runsOf } = links(() => test);

describe("a follower with a distance between its starts", () => {
  it.each(["allow_all", "buffer_all"] as const)(
    "keeps it while one waits for its delay or goes on: %s",
    async (overlap) => {
      const a = await first("A");
      const gap = { minGapSeconds: 900, delaySeconds: 60 };
      const b = await follow("B", a, gap, { policy: { overlap } });
      await ran(a);
      await test.clock.advance(10_000);
      await ran(a);
      await test.clock.advance(60_000);
      await settle(10);
      expect(running()).toEqual(["B"]);
      await ran(a);
      await test.clock.advance(900_000);
      await settle(10);
      expect(running()).toEqual(["B"]);
      expect(runsOf(b).filter(({ reason }) => reason === "min_gap" || reason === "overlap")).toHaveLength(2);
      await ran(a);
      await end(b);
      await test.clock.advance(60_000);
      await settle(10);
      expect(running()).toEqual(["B"]);
    },
  );
});

describe("the end of a run", () => {
  it("starts what follows it, and that again what follows that", async () => {
    const a = await first("A");
    const b = await follow("B", a);
    const c = await follow("C", b);
    const runId = await ran(a);
    expect(running()).toEqual(["B"]);
    await end(b);
    await end(c);
    const passage = test.engine.passage(runsOf(c)[0]?.runId ?? "", { limit: 10, offset: 0 });
    expect(passage).toMatchObject({ total: 3, hasMore: false });
    const [ofA, ofB, ofC] = passage.entries;
    expect(passage.entries.map(({ jobName }) => jobName)).toEqual(["A", "B", "C"]);
    expect(ofB).toMatchObject({ trigger: "after", causedByRunId: runId, scheduledForMs: ofA?.endedAtMs });
    expect(ofC).toMatchObject({ trigger: "after", causedByRunId: ofB?.runId, runStatus: "succeeded" });
  });

  it.each([
    [{}, ["complete", "success"]],
    [{ exitCode: 1 }, ["complete", "failure"]],
    [{ outcome: "timed_out" as const, exitCode: null }, ["complete", "failure"]],
    [{ outcome: "canceled" as const, exitCode: null, canceledBy: "me" }, ["complete"]],
  ])("%j starts %j", async (how, started) => {
    const a = await first();
    for (const on of ["success", "failure", "complete"] as const) await follow(on, a, { on });
    await ran(a, how);
    expect(running()).toEqual(started);
  });

  it("counts only when it is the last attempt's", async () => {
    const a = await first("A", { policy: { retry: { maxAttempts: 2, delaySeconds: 10 } } });
    await follow("on failure", a, { on: "failure" });
    await ran(a, { exitCode: 1 });
    expect(running()).toEqual([]);
    await test.clock.advance(10_000);
    await end(a, { exitCode: 1 });
    expect(running()).toEqual(["on failure"]);
  });

  it("starts nothing when the run never began, was skipped or is alone", async () => {
    const a = await first("A");
    const b = await follow("B", a, { on: "complete" });
    await ran(a, {}, true);
    expect(running()).toEqual([]);
    await test.engine.runJob(a, CALLER, {});
    await settle(10);
    expect(await test.engine.runJob(a, CALLER, {})).toMatchObject({ enqueued: false });
    await end(a);
    expect(running()).toEqual(["B"]);
    expect(runsOf(b)).toHaveLength(1);
  });

  it("lets its delay pass", async () => {
    const a = await first();
    const b = await follow("B", a, { delaySeconds: 60 });
    await ran(a);
    const endedAtMs = test.clock.nowMs();
    await test.clock.advance(30_000);
    // A new start does not shorten it.
    await test.restart();
    await test.clock.advance(29_000);
    expect(running()).toEqual([]);
    await test.clock.advance(1_500);
    expect(running()).toEqual(["B"]);
    expect(runsOf(b)[0]?.scheduledForMs).toBe(endedAtMs + 60_000);
  });

  it("a clock set back holds a follower up no longer than its delay, from when it is noticed", async () => {
    const a = await first();
    await follow("B", a, { delaySeconds: 60 });
    await ran(a);
    test.clock.setWall(test.clock.nowMs() - 3_600_000);
    await test.clock.advance(91_000);
    expect(running()).toEqual(["B"]);
  });

  it("is looked through for the pattern, and a pattern that cannot be used is set aside alone", async () => {
    const a = await first();
    await follow("full", a, { match: "disk (is )?full" });
    await follow("fine", a, { match: "^ok$" });
    await follow("any", a);
    await ran(a, { out: "disk full\n" });
    expect(running()).toEqual(["any", "full"]);
    for (const key of [...test.runner.running.keys()]) test.runner.end(key);
    await settle(20);
    const db = new DatabaseSync(test.engine.status().storePath);
    db.exec("UPDATE jobs SET definition = replace(definition, '^ok$', '(')");
    db.close();
    await ran(a, { out: "ok" });
    expect(running()).toEqual(["any"]);
    expect(test.engine.status().notices).toMatchObject([
      { code: "RUN_SET_ASIDE", message: expect.stringContaining("fine") },
    ]);
  });

  it("binds the follower's overlap, pauses and pool as an instant of its own would", async () => {
    const a = await first("A");
    const b = await follow("B", a, { on: "complete" }, { policy: { backoff: { seconds: [3_600] } } });
    await ran(a);
    await ran(a);
    expect(runsOf(b).map(({ runStatus, reason }) => [runStatus, reason])).toEqual([
      ["skipped", "overlap"],
      ["running", undefined],
    ]);
    expect(runsOf(b)[0]?.causedByRunId).toBe(runsOf(a)[0]?.runId);
    await end(b, { exitCode: 1 });
    await ran(a);
    expect(runsOf(b)[0]).toMatchObject({ runStatus: "skipped", reason: "backoff" });
    await test.clock.advance(3_600_000);
    await ran(a);
    expect(running()).toEqual(["B"]);
  });

  it("cancel_other ends the follower's run before", async () => {
    const a = await first();
    const b = await follow("B", a, {}, { policy: { overlap: "cancel_other" } });
    await ran(a);
    await ran(a);
    await settle(20);
    expect(runsOf(b).map(({ runStatus }) => runStatus)).toEqual(["running", "canceled"]);
  });
});

describe("a follower whose failures have disabled it", () => {
  it("skips ends until its trial, which is the next of them", async () => {
    const a = await first();
    const policy = { backoff: false as const, autoDisable: { after: 1, trialSeconds: 60 } };
    const b = await follow("B", a, {}, { policy });
    await ran(a);
    await end(b, { exitCode: 1 });
    expect(test.engine.getJob(b).enabled).toBe(false);
    await ran(a);
    expect(runsOf(b)[0]).toMatchObject({ runStatus: "skipped", reason: "auto_disabled" });
    await test.clock.advance(61_000);
    await ran(a);
    await end(b);
    expect(test.engine.getJob(b).enabled).toBe(true);
  });
});

describe("a change while the parent runs", () => {
  it.each([
    ["renamed", (a: string) => test.engine.updateJob(a, { name: "other" }, CALLER), ["B"]],
    ["disabled", (a: string) => test.engine.updateJob(a, { enabled: false }, CALLER), ["B"]],
    ["removed with cascade", (a: string) => test.engine.removeJob(a, CALLER, { cascade: true }), []],
    ["given to another parent", (_a: string, b: string) => moveAway(b), []],
  ])("%s: what follows is what follows at its end", async (_, change, started) => {
    const a = await first();
    const b = await follow("B", a);
    await test.engine.runJob(a, CALLER, {});
    await settle(10);
    await change(a, b);
    await end(a);
    expect(running()).toEqual(started);
  });

  async function moveAway(b: string): Promise<void> {
    const other = await first("other");
    await test.engine.updateJob(b, { schedule: { kind: "after", job: other } }, CALLER);
  }

  it("a follower that is disabled while its delay passes does not run; doctor names one that nothing starts", async () => {
    const a = await first();
    const b = await follow("B", a, { delaySeconds: 60 });
    await ran(a);
    await test.engine.updateJob(b, { enabled: false }, CALLER);
    await test.clock.advance(61_000);
    expect(runsOf(b)).toMatchObject([{ runStatus: "canceled" }]);
    const chains = async () => (await test.engine.doctor()).find(({ check }) => check === "chains");
    expect(await chains()).toMatchObject({ level: "ok" });
    await test.engine.updateJob(b, { enabled: true }, CALLER);
    await test.engine.updateJob(a, { enabled: false }, CALLER);
    expect(await chains()).toMatchObject({ level: "warn", detail: "nothing starts B (after A, which is off)" });
  });

  it("a follower that was off has no backlog", async () => {
    const a = await first();
    const b = await follow("B", a, {}, { enabled: false });
    for (let run = 0; run < 30; run += 1) await ran(a);
    await test.engine.updateJob(b, { enabled: true }, CALLER);
    await test.restart();
    await test.clock.advance(86_000_000);
    expect(runsOf(b)).toEqual([]);
    await ran(a);
    expect(running()).toEqual(["B"]);
  });
});

describe("a crash or a restore between parent and follower", () => {
  it("a result that comes twice starts its followers once", async () => {
    const a = await first();
    const b = await follow("B", a);
    const runId = await ran(a);
    test.runner.end(`${runId}.1`);
    await test.restart();
    await settle(20);
    expect(runsOf(b)).toHaveLength(1);
  });

  it("the follower is written with the parent's end or not at all", async () => {
    const a = await first();
    const b = await follow("B", a);
    let failing = true;
    await test.restart({
      at(point) {
        if (point === "follow-up-written" && failing) throw new Error("cut here");
      },
    });
    const runId = await ran(a);
    expect(runsOf(b)).toEqual([]);
    expect(test.engine.getRun(runId).runStatus).toBe("succeeded");
    expect(test.engine.status().notices).toMatchObject([
      { code: "RUN_SET_ASIDE", message: expect.stringContaining("B, which follows it") },
    ]);
    failing = false;
    await ran(a);
    expect(running()).toEqual(["B"]);
  });

  it("nothing that may have run since the backup runs again", async () => {
    const a = await first();
    const b = await follow("B", a, { on: "complete", delaySeconds: 5 });
    await ran(a);
    await test.clock.advance(6_000);
    await test.engine.runJob(a, CALLER, {});
    await settle(10);
    await end(b);
    await test.clock.advance(1_000);
    const file = join(test.stateDir, "copy.sqlite");
    await test.engine.backup(file);
    await end(a);
    await test.clock.advance(6_000);
    const started = test.runner.started.length;
    await end(b);
    await test.engine.stop();
    test.runner.disconnect();
    restoreBackup({ stateDir: test.stateDir, file, nowMs: test.clock.nowMs() });
    await test.restart();
    await test.clock.advance(60_000);
    expect(test.runner.started.length).toBe(started);
    expect(runsOf(a)[0]).toMatchObject({ runStatus: "lost" });
    expect(runsOf(b)).toHaveLength(1);
  });
});
