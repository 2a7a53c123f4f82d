import { describe, expect, it } from "vitest";
import type { EngineDeps } from "../../../src/engine/index.ts";
import { SECOND_MS } from "../../../src/kernel/durations.ts";
import type { SendResult } from "../../../src/outbox/port.ts";
import { settle } from "../../helpers/clock.ts";
import { CALLER, startTestEngine, type TestEngine } from "../../helpers/engine.ts";

let test: TestEngine;

const codes = () => test.engine.status().problems.map(({ code }) => code);
const noticed = () => test.engine.status().notices.map(({ code }) => code);
const lastKey = () => [...test.runner.running.keys()].at(-1) ?? "";

/** Each fault: visible within ten seconds of its begin, with a reason and since when; gone within ten of its end. */
async function shown(code: string, fault: { begin(): unknown; end(): unknown }, moreMs = 0): Promise<void> {
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
  await test.clock.advance(moreMs);
  await fault.end();
  await test.clock.advance(10 * SECOND_MS);
  expect(test.engine.status()).toMatchObject({ state: "running", problems: [] });
}

it("doctor says that the runner starts commands itself, and why", async () => {
  test = await startTestEngine();
  const runner = async () => (await test.engine.doctor()).find(({ check }) => check === "runner");
  expect(await runner()).toMatchObject({ level: "ok" });
  test.runner.says = { withoutStarter: "it was ended" };
  expect(await runner()).toMatchObject({ level: "warn", detail: expect.stringMatching(/itself.*: it was ended$/) });
});

describe("status tells of", () => {
  type Point = "read" | "write" | "sync";
  /** Where the ledger fails now. */
  let refused: Point | undefined;
  let hanging: Promise<void> | undefined;
  function refuse(point: string): void {
    if (point === refused) throw Object.assign(new Error("disk is full"), { errcode: 13 });
  }
  const startWith = async (deps: Partial<EngineDeps> = {}): Promise<void> => {
    refused = undefined;
    hanging = undefined;
    test = await startTestEngine({
      deps: {
        ledgerFaults: {
          reading: () => refuse("read"),
          at(point) {
            refuse(point);
            return point === "sync" ? hanging : undefined;
          },
        },
        ...deps,
      },
    });
  };
  const refusing = (point: Point, also = (): void => {}) => ({
    begin() {
      refused = point;
      also();
    },
    end() {
      refused = undefined;
    },
  });
  const everySecond = (): Promise<string> => test.add({ schedule: { kind: "every", everyMs: SECOND_MS } });
  const oneRuns = async (): Promise<void> => {
    await test.engine.runJob(await test.add({ schedule: { kind: "every", everyMs: 3_600_000 } }), CALLER, {});
    await settle();
  };

  it.each(["write", "read"] as const)("a ledger that refuses to %s: nothing is started", async (point) => {
    await startWith();
    test.runner.auto = true;
    await everySecond();
    await test.clock.advance(2 * SECOND_MS);
    await shown(point === "read" ? "LEDGER_UNREADABLE" : "STARTING_STUCK", refusing(point), 300 * SECOND_MS);
  });

  it("a disk that refuses to sync, so that what was claimed is not started", async () => {
    await startWith();
    test.runner.auto = true;
    await everySecond();
    await test.clock.advance(2 * SECOND_MS);
    await shown("STARTING_STUCK", refusing("sync"));
  });

  it("a disk that never ends a sync", async () => {
    await startWith();
    test.runner.auto = true;
    await everySecond();
    let answer = (): void => {};
    await shown("DISK_HANGS", {
      begin() {
        hanging = new Promise((resolve) => {
          answer = resolve;
        });
      },
      end() {
        hanging = undefined;
        answer();
      },
    });
  });

  it("results that cannot be written", async () => {
    await startWith();
    await oneRuns();
    await shown(
      "SETTLING_STUCK",
      refusing("write", () => test.runner.end(lastKey())),
    );
  });

  it("processes that cannot be put on record", async () => {
    await startWith();
    await oneRuns();
    const [spec] = test.runner.running.values();
    const again = () => test.runner.tellStarted(spec?.attemptKey ?? "");
    await shown("LEDGER_UNAVAILABLE", refusing("write", again));
  });

  describe("messages", () => {
    /** Ends what is being sent. */
    let answers: (() => void)[] = [];
    let speakers: string[] = [];
    const speakTo = async (lanes: number): Promise<void> => {
      answers = [];
      const send = () => new Promise<SendResult>((done) => answers.push(() => done({ kind: "sent", messageIds: [] })));
      await startWith({ sender: { send } });
      speakers = [];
      for (let index = 0; index < lanes; index += 1) {
        const delivery = { mode: "webhook", to: `http://127.0.0.1:59/${index}` } as const;
        speakers.push(await test.add({ schedule: { kind: "every", everyMs: 3_600_000 }, delivery }));
      }
    };
    const speak = async (): Promise<void> => {
      for (const id of speakers) {
        await test.engine.runJob(id, CALLER, {});
        await settle();
        test.runner.end(lastKey(), { out: "said" });
      }
      await settle(20);
    };
    const answer = async (): Promise<void> => {
      while (answers.length > 0) {
        for (const end of answers.splice(0)) end();
        await settle(20);
      }
    };

    it("whose receipts cannot be written, so that nothing further is sent", async () => {
      await speakTo(1);
      await speak();
      await shown(
        "DELIVERIES_STUCK",
        refusing("write", () => void answer()),
      );
    });

    it("that wait for their turn behind others that nobody answers", async () => {
      await speakTo(9);
      await shown("DELIVERIES_LATE", { begin: speak, end: answer });
    });

    it("in lanes that somebody has stopped", async () => {
      await speakTo(1);
      const lane = "webhook/http://127.0.0.1:59/0";
      await shown("DELIVERIES_STOPPED", {
        begin() {
          test.engine.pauseLane(lane, true, CALLER);
          return speak();
        },
        async end() {
          test.engine.pauseLane(lane, false, CALLER);
          await settle(20);
          await answer();
        },
      });
    });
  });

  it("command jobs of the gateway's own cron that are not routed any more", async () => {
    let lostSinceMs: number | undefined;
    const detail = "left alone: it looks different";
    await startWith({
      routing: () => ({ mode: "route", active: false, detail, ...(lostSinceMs === undefined ? {} : { lostSinceMs }) }),
    });
    await shown("ROUTING_LOST", {
      begin() {
        lostSinceMs = test.clock.nowMs();
      },
      end() {
        lostSinceMs = undefined;
      },
    });
  });

  it("a runner that does not answer, and one that is away", async () => {
    test = await startTestEngine();
    const begin = () => test.runner.fallSilent(true);
    await shown("RUNNER_UNRESPONSIVE", { begin, end: () => test.runner.fallSilent(false) });
    const said = (running: number) => {
      test.runner.says = { unresponsive: [{ pid: 7, sinceMs: test.clock.nowMs(), running }] };
      return test.engine.status().problems[0]?.message.split("; ")[1];
    };
    expect([said(0), said(1), said(2)]).toEqual(["0 runs are with it", "1 run is with it", "2 runs are with it"]);
    test.runner.says = {};
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
