import { afterEach, describe, expect, it } from "vitest";
import { SECOND_MS } from "../../src/kernel/durations.ts";
import { settle } from "../helpers/clock.ts";
import { CALLER, startTestEngine, type TestEngine } from "../helpers/engine.ts";

let test: TestEngine;
afterEach(async () => {
  await test.stop();
});

const codes = () => test.engine.status().problems.map(({ code }) => code);
const noticed = () => test.engine.status().notices.map(({ code }) => code);
const lastKey = () => [...test.runner.running.keys()].at(-1) ?? "";

/** Each fault: visible within ten seconds of its begin, with a reason and since when; gone within ten of its end. */
async function shown(code: string, fault: { begin(): unknown; end(): unknown }): Promise<void> {
  expect(test.engine.status()).toMatchObject({ state: "running", problems: [] });
  const beganMs = test.clock.nowMs();
  await fault.begin();
  await test.clock.advance(10 * SECOND_MS);
  const { state, problems } = test.engine.status();
  const found = problems.find((problem) => problem.code === code);
  expect(state).toBe("degraded");
  expect(found?.message.length).toBeGreaterThan(10);
  expect(found?.sinceMs).toBeGreaterThanOrEqual(beganMs);
  expect(found?.sinceMs).toBeLessThanOrEqual(test.clock.nowMs());
  expect((await test.engine.doctor()).find(({ check }) => check === code)).toMatchObject({ level: "error" });
  await fault.end();
  await test.clock.advance(10 * SECOND_MS);
  expect(test.engine.status()).toMatchObject({ state: "running", problems: [] });
}

describe("status tells of", () => {
  let refuses = false;
  const startWith = async (): Promise<void> => {
    refuses = false;
    test = await startTestEngine({
      deps: {
        ledgerFaults: {
          at(point) {
            if (refuses && point === "write") throw Object.assign(new Error("disk is full"), { errcode: 13 });
          },
        },
      },
    });
  };

  it("a ledger that refuses to start anything", async () => {
    await startWith();
    test.runner.auto = true;
    await test.add({ schedule: { kind: "every", everyMs: SECOND_MS } });
    await test.clock.advance(2 * SECOND_MS);
    const begin = () => {
      refuses = true;
    };
    const end = () => {
      refuses = false;
    };
    await shown("STARTING_STUCK", { begin, end });
  });

  it("results that cannot be written", async () => {
    await startWith();
    const jobId = await test.add({ schedule: { kind: "every", everyMs: 3_600_000 } });
    await test.engine.runJob(jobId, CALLER, {});
    await settle();
    const begin = () => {
      refuses = true;
      test.runner.end(lastKey());
    };
    const end = () => {
      refuses = false;
    };
    await shown("SETTLING_STUCK", { begin, end });
  });

  it("a runner that does not answer, and one that is away", async () => {
    test = await startTestEngine();
    const begin = () => test.runner.fallSilent(true);
    await shown("RUNNER_UNRESPONSIVE", { begin, end: () => test.runner.fallSilent(false) });
    const away = () => {
      test.runner.says = { state: "down", away: { sinceMs: test.clock.nowMs(), reason: "it cannot be started" } };
    };
    const back = () => {
      test.runner.says = {};
    };
    await shown("RUNNER_UNAVAILABLE", { begin: away, end: back });
  });
});

describe("a notice", () => {
  it("of a runner that does not answer closes when it does, or when another gateway process looks anew", async () => {
    test = await startTestEngine();
    test.runner.fallSilent(true);
    expect(noticed()).toEqual(["RUNNER_UNRESPONSIVE"]);
    test.runner.fallSilent(false);
    expect(noticed()).toEqual([]);
    test.runner.fallSilent(true);
    test.runner.says = {};
    await test.restart();
    expect(test.engine.status()).toMatchObject({ state: "running", notices: [] });
  });

  it("of a run past its limit and grace comes whatever the runner says, also after a restart, and goes with its end", async () => {
    test = await startTestEngine();
    const jobId = await test.add({
      schedule: { kind: "every", everyMs: 3_600_000 },
      payload: { kind: "command", argv: ["sleep", "300"], timeoutSeconds: 2 },
    });
    await test.engine.runJob(jobId, CALLER, {});
    await test.clock.advance(12 * SECOND_MS);
    expect(noticed()).toEqual([]);
    await test.clock.advance(10 * SECOND_MS);
    expect(noticed()).toEqual(["RUN_OVERDUE"]);
    await test.restart();
    expect(noticed()).toEqual([]);
    await test.clock.advance(20 * SECOND_MS);
    expect(noticed()).toEqual(["RUN_OVERDUE"]);
    test.runner.end(lastKey());
    await settle(20);
    expect(test.engine.status()).toMatchObject({ state: "running", notices: [] });
  });

  it("of something that is over is shown, and does not say that anything is wrong now", async () => {
    test = await startTestEngine();
    test.runner.lose("killed");
    await settle(20);
    expect(noticed()).toEqual(["RUNNER_LOST"]);
    expect(codes()).toEqual([]);
    expect(test.engine.status().state).toBe("running");
  });
});
