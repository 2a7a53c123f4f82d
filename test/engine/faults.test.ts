import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { startEngine } from "../../src/engine/index.ts";
import { SECOND_MS } from "../../src/kernel/durations.ts";
import type { CommandCronError } from "../../src/kernel/errors.ts";
import type { RunnerPort } from "../../src/runner/port.ts";
import { createFakeClock, settle } from "../helpers/clock.ts";
import { CALLER, startTestEngine, type TestEngine } from "../helpers/engine.ts";

let test: TestEngine;

const entries = (jobId: string) => test.engine.runs({ jobId, limit: 200, offset: 0, sortDir: "asc" }).entries;
const diskFull = () => Object.assign(new Error("database or disk is full"), { errcode: 13, code: "ERR_SQLITE_ERROR" });

describe("a full disk", () => {
  it("starts nothing without a durable claim, says so once, and recovers by itself with every instant recorded", async () => {
    let full = false;
    test = await startTestEngine({
      config: { alerts: { destination: { mode: "webhook", to: "http://127.0.0.1:59/ops" } } },
      deps: {
        ledgerFaults: {
          at() {
            if (full) throw diskFull();
          },
        },
      },
    });
    test.runner.auto = true;
    const jobId = await test.add({ schedule: { kind: "every", everyMs: SECOND_MS } });
    await test.clock.advance(3 * SECOND_MS);
    full = true;
    const before = test.runner.started.length;
    await test.clock.advance(60 * SECOND_MS);
    expect(test.runner.started.length).toBe(before);
    expect(test.health.filter((problem) => problem !== undefined).length).toBe(1);
    full = false;
    await test.clock.advance(60 * SECOND_MS);
    const covered = entries(jobId).reduce((sum, row) => sum + (row.coversCount ?? 1), 0);
    expect(covered).toBe(123);
    expect(test.health.at(-1)).toBeUndefined();
    expect(test.engine.status().notices.map((notice) => notice.code)).toEqual(["LEDGER_WAS_DOWN"]);
    expect(test.sent.length).toBe(1);
  });

  it("that only a sync notices burns no run: it goes back, takes no attempt, counts as no failure, and starts later", async () => {
    let broken = false;
    test = await startTestEngine({
      deps: {
        ledgerFaults: {
          at(point) {
            if (broken && point === "sync") throw Object.assign(new Error("EIO"), { code: "EIO" });
          },
        },
      },
    });
    test.runner.auto = true;
    const jobId = await test.add({ policy: { backoff: false } });
    await test.clock.advance(60 * SECOND_MS);
    broken = true;
    await test.clock.advance(65 * SECOND_MS);
    expect(test.runner.started.length).toBe(1);
    expect(entries(jobId).map((run) => run.runStatus)).toEqual(["succeeded", "queued"]);
    expect(test.engine.getJob(jobId).state).toMatchObject({ consecutiveErrors: 0, lastRunStatus: "ok" });
    expect(test.health.at(-1)).toMatch(/^ledger: /);
    expect(test.engine.status().problems).toMatchObject([{ code: "STARTING_STUCK" }]);
    broken = false;
    await test.clock.advance(5 * SECOND_MS);
    expect(entries(jobId).map((run) => [run.runStatus, run.attempts.length])).toEqual([
      ["succeeded", 1],
      ["succeeded", 1],
    ]);
    expect(test.engine.status().notices).toMatchObject([{ code: "LEDGER_WAS_DOWN", times: 1 }]);
  });

  it("that is full when a claim fails its sync keeps the run in hand until it can be put back", async () => {
    let full = false;
    let denied = false;
    test = await startTestEngine({
      deps: {
        ledgerFaults: {
          at(point) {
            if (full && point === "sync") {
              // From here on nothing can be written either.
              denied = true;
              throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
            }
            if (denied && full) throw diskFull();
          },
        },
      },
    });
    test.runner.auto = true;
    const jobId = await test.add();
    await test.clock.advance(59 * SECOND_MS);
    full = true;
    await test.clock.advance(10 * SECOND_MS);
    expect(test.runner.started).toEqual([]);
    expect(entries(jobId).map((run) => run.runStatus)).toEqual(["running"]);
    full = false;
    await test.clock.advance(5 * SECOND_MS);
    expect(entries(jobId).map((run) => [run.runStatus, run.attempts.length])).toEqual([["succeeded", 1]]);
    expect(test.runner.started.length).toBe(1);
  });

  it("keeps results that cannot be written until they can", async () => {
    let full = false;
    test = await startTestEngine({
      deps: {
        ledgerFaults: {
          at(point) {
            if (full && point === "write") throw diskFull();
          },
        },
      },
    });
    const jobId = await test.add();
    await test.engine.runJob(jobId, CALLER, {});
    await settle();
    full = true;
    test.runner.end([...test.runner.running.keys()][0] ?? "", { out: "kept" });
    await test.clock.advance(5 * SECOND_MS);
    expect(entries(jobId)[0]?.runStatus).toBe("running");
    full = false;
    await test.clock.advance(5 * SECOND_MS);
    expect(entries(jobId)[0]).toMatchObject({ status: "ok", summary: "kept" });
  });

  it("keeps the loss of a runner until it can be written; the job and its slot are free then", async () => {
    let full = false;
    test = await startTestEngine({
      config: { concurrency: 1 },
      deps: {
        ledgerFaults: {
          at(point) {
            if (full && point === "write") throw diskFull();
          },
        },
      },
    });
    const jobId = await test.add({ policy: { overlap: "skip" } });
    await test.engine.runJob(jobId, CALLER, {});
    await settle();
    full = true;
    test.runner.lose("killed");
    await test.clock.advance(5 * SECOND_MS);
    expect(entries(jobId)[0]?.runStatus).toBe("running");
    full = false;
    await test.clock.advance(5 * SECOND_MS);
    expect(entries(jobId)[0]).toMatchObject({ runStatus: "lost", reason: "runner ended: killed" });
    await test.clock.advance(120 * SECOND_MS);
    expect(test.runner.running.size).toBe(1);
  });
});

describe("an engine that cannot be started", () => {
  it("lets go of its runner and of all that it had begun, whichever write it fails at", async () => {
    const failed: string[] = [];
    for (;;) {
      const clock = createFakeClock();
      let left = failed.length;
      let open = 0;
      const at = (point: string): void => {
        if (point === "write" && left-- === 0) throw diskFull();
      };
      const around = ({ runner }: { runner: RunnerPort }): RunnerPort => ({
        ...runner,
        async open(events) {
          open += 1;
          return await runner.open(events);
        },
        async close() {
          open = 0;
        },
      });
      const started = await startTestEngine({ clock, around, deps: { ledgerFaults: { at } } }).catch((error) => error);
      if (!(started instanceof Error)) {
        test = started;
        break;
      }
      failed.push((started as CommandCronError).code);
      await settle();
      expect([failed.length, clock.timers(), open]).toEqual([failed.length, 0, 0]);
    }
    expect(failed.length).toBeGreaterThan(1);
    expect(new Set(failed)).toEqual(new Set(["LEDGER_UNAVAILABLE"]));
  });
});

describe("a second gateway", () => {
  it("on the same state directory is refused with who owns it, and the first goes on", async () => {
    test = await startTestEngine();
    const second = await startTestEngine();
    await second.engine.stop();
    await expect(startEngine({ ...second.deps, stateDir: test.stateDir })).rejects.toMatchObject({
      code: "STATE_OWNED",
    });
    await second.stop();
    await test.add();
    expect(test.engine.status().jobs).toBe(1);
  });
});

describe("a broken row", () => {
  it("is set aside with a reason while the other jobs run on time", async () => {
    test = await startTestEngine();
    test.runner.auto = true;
    const broken = await test.add({ name: "broken", schedule: { kind: "every", everyMs: SECOND_MS } });
    const well = await test.add({ name: "well", schedule: { kind: "every", everyMs: SECOND_MS } });
    const path = test.engine.status().storePath;
    await test.engine.stop();
    const db = new DatabaseSync(path);
    db.prepare("UPDATE jobs SET definition = '{half' WHERE id = ?").run(broken);
    db.close();
    await test.restart();
    await test.clock.advance(3 * SECOND_MS);
    expect(entries(well).filter((row) => row.status === "ok").length).toBeGreaterThanOrEqual(3);
    expect(test.engine.status()).toMatchObject({ state: "degraded", setAside: [{ id: broken, name: "broken" }] });
  });
});

describe("an edit while the job runs", () => {
  it("lets the run finish as it began, and the next one follows the edit", async () => {
    test = await startTestEngine();
    const jobId = await test.add({ schedule: { kind: "every", everyMs: SECOND_MS } });
    await test.clock.advance(SECOND_MS);
    await test.engine.updateJob(jobId, { payload: { argv: ["false"] } }, CALLER);
    test.runner.end([...test.runner.running.keys()][0] ?? "");
    await test.clock.advance(SECOND_MS);
    expect(test.runner.started.map((spec) => spec.argv)).toEqual([["true"], ["false"]]);
    expect(entries(jobId)[0]?.status).toBe("ok");
  });

  it.each([false, true])(
    "to another instant: that one comes too, and only then a one-shot job is over (deleted: %s)",
    async (deleteAfterRun) => {
      test = await startTestEngine();
      const at = (seconds: number) => new Date(test.clock.nowMs() + seconds * SECOND_MS).toISOString();
      const jobId = await test.add({ schedule: { kind: "at", at: at(60) }, deleteAfterRun });
      await test.clock.advance(61 * SECOND_MS);
      await test.engine.updateJob(jobId, { schedule: { kind: "at", at: at(3_600) } }, CALLER);
      test.runner.end([...test.runner.running.keys()][0] ?? "");
      await settle(20);
      expect(test.engine.getJob(jobId)).toMatchObject({ enabled: true });
      test.runner.auto = true;
      await test.clock.advance(3_601 * SECOND_MS);
      expect(test.runner.started.length).toBe(2);
      const left = test.engine.listJobs({ limit: 9, offset: 0, includeDisabled: true }).jobs;
      expect(left.map((job) => job.enabled)).toEqual(deleteAfterRun ? [] : [false]);
    },
  );

  it("disabled or removed: the running run finishes by default and is ended with stop", async () => {
    test = await startTestEngine();
    const stays = await test.add({ name: "stays" });
    const stops = await test.add({ name: "stops" });
    await test.engine.runJob(stays, CALLER, {});
    await test.engine.runJob(stops, CALLER, {});
    await settle();
    const removed = await test.engine.removeJob(stays, CALLER);
    await test.engine.updateJob(stops, { enabled: false }, CALLER, undefined, true);
    expect(removed.runningRunId).toBe(entries(stays)[0]?.runId);
    expect(entries(stays)[0]?.runStatus).toBe("running");
    expect(entries(stops)[0]?.runStatus).toBe("canceled");
    test.runner.end([...test.runner.running.keys()][0] ?? "", { out: "finished" });
    await settle(20);
    expect(entries(stays)[0]).toMatchObject({ status: "ok", summary: "finished" });
  });

  it("removed between its claim and its start: the run ends as an error that says so, nothing is spawned", async () => {
    test = await startTestEngine();
    const jobId = await test.add();
    const started = test.engine.runJob(jobId, CALLER, {});
    await started;
    const removing = test.engine.removeJob(jobId, CALLER);
    await removing;
    await settle(20);
    const [entry] = entries(jobId);
    if (entry?.runStatus === "running") {
      expect(test.runner.started.length).toBe(1);
    } else {
      expect(entry).toMatchObject({ status: "error", outcome: "spawn_failed" });
      expect(test.runner.started.length).toBe(0);
    }
  });
});
