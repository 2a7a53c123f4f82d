import { beforeEach, describe, expect, it } from "vitest";
import type { Progress } from "../../../schema/wire/progress.ts";
import type { RunEntry } from "../../../schema/wire/run.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src/kernel/durations.ts";
import { settle } from "../../helpers/clock.ts";
import { startTestEngine, type TestEngine } from "../../helpers/engine.ts";

let test: TestEngine;
let writes = 0;
beforeEach(async () => {
  test = await startTestEngine();
  writes = 0;
  test.engine.events.on("run-progress", () => {
    writes += 1;
  });
});

const OPS = { mode: "announce", channel: "irc", to: "#ops" } as const;
const keys = (): string[] => [...test.runner.running.keys()];
const [FIRST, START] = [0, Date.UTC(2027, 0, 4, 12)];
const said = (percent: number, more: Partial<Progress> = {}): Progress => ({
  atMs: test.clock.nowMs(),
  elapsedMs: Math.max(1, test.clock.nowMs() - START),
  movedAtMs: test.clock.nowMs(),
  percent,
  ...more,
});
const runs = (): RunEntry[] => test.engine.runs({ limit: 9, offset: 0 }).entries;
const tell = (progress: Progress): void => test.runner.tellProgress(keys()[FIRST] ?? "", progress);

async function begin(job: Parameters<TestEngine["add"]>[0] = {}): Promise<string> {
  const id = await test.add({
    schedule: { kind: "every", everyMs: 24 * HOUR_MS },
    payload: { kind: "command", argv: ["true"], timeoutSeconds: 0 },
    ...job,
  });
  await test.engine.runJob(id, { label: "test" }, {});
  await settle();
  return id;
}

describe("the progress of a run", () => {
  it("is kept, the newest of it, in one write a second however often it comes", async () => {
    await begin();
    for (let n = 0; n < 1_000; n += 1) tell(said(n / 10));
    await test.clock.advance(0);
    for (let n = 0; n < 5_000; n += 1) tell(said(n / 100));
    await test.clock.advance(900);
    expect(runs()[0]?.progress?.percent).toBe(99.9);
    await test.clock.advance(100);
    expect(runs()[0]?.progress?.percent).toBe(49.99);
    expect(writes).toBe(2);
  });

  it("stays with the run when it has ended, its last word included", async () => {
    await begin();
    tell(said(50, { message: "half" }));
    await test.clock.advance(SECOND_MS);
    test.runner.end(keys()[FIRST] ?? "", { progress: said(100, { message: "all" }) });
    await settle();
    expect(runs()[0]?.progress).toMatchObject({ percent: 100, message: "all" });
    expect(runs()[0]?.progress).not.toHaveProperty("etaAtMs");
    expect(runs()[0]?.attempts[0]?.progress).toMatchObject({ percent: 100 });
  });

  it("survives a restart of the gateway, and is said again by the runner", async () => {
    await begin();
    tell(said(50));
    await test.clock.advance(SECOND_MS);
    await test.restart();
    expect(runs()[0]?.progress?.percent).toBe(50);
    tell(said(60));
    await test.clock.advance(SECOND_MS);
    expect(runs()[0]?.progress?.percent).toBe(60);
  });

  it("says within a fifth at half time when a steady job will be over, also when the clock jumps", async () => {
    await begin();
    let wallShiftMs = 0;
    for (let minute = 1; minute <= 30; minute += 1) {
      await test.clock.advance(MINUTE_MS);
      if (minute === 10) {
        wallShiftMs = HOUR_MS;
        test.clock.setWall(test.clock.nowMs() + HOUR_MS);
      }
      tell(said((minute / 60) * 100, { elapsedMs: minute * MINUTE_MS }));
    }
    await test.clock.advance(SECOND_MS);
    const { etaAtMs = 0, etaFrom } = runs()[0]?.progress ?? {};
    const trueEndMs = START + wallShiftMs + HOUR_MS;
    expect(etaFrom).toBe("pace");
    expect(Math.abs(etaAtMs - trueEndMs)).toBeLessThan(0.2 * 30 * MINUTE_MS);
  });

  it("is estimated by earlier runs where the command says nothing", async () => {
    const id = await begin();
    for (let n = 0; n < 3; n += 1) {
      await test.clock.advance(HOUR_MS);
      test.runner.end(keys()[FIRST] ?? "");
      await settle();
      await test.engine.runJob(id, { label: "test" }, {});
      await settle();
    }
    const running = runs()[0];
    expect(running?.progress).toMatchObject({ etaAtMs: (running?.runAtMs ?? 0) + HOUR_MS, etaFrom: "history" });
    expect(running?.progress?.percent).toBeUndefined();
  });
});

describe("a run that stands still", () => {
  const POLICY = { progress: { stallSeconds: 600, reportEverySeconds: 0 } };
  const causes = (): string[] =>
    test.engine.alerts({ openOnly: true, limit: 9, offset: 0 }).alerts.map(({ cause }) => cause);
  const texts = (): string[] => test.sent.map(({ text }) => text);

  beforeEach(async () => {
    await test.stop();
    test = await startTestEngine({ config: { alerts: { destination: OPS } } });
  });

  it("is told of once, and once that it moves again", async () => {
    await begin({ name: "export", policy: POLICY });
    for (let n = 0; n < 9; n += 1) {
      tell(said(n));
      await test.clock.advance(5 * MINUTE_MS);
    }
    expect(causes()).toEqual([]);
    const movedAtMs = test.clock.nowMs();
    tell(said(10, { movedAtMs, message: "table orders" }));
    await test.clock.advance(9 * MINUTE_MS);
    // Words without a step do not count.
    tell(said(10, { movedAtMs, message: "still here" }));
    await test.clock.advance(30 * MINUTE_MS);
    expect(causes()).toEqual(["stalled"]);
    // No pace and no earlier run says when it will be over.
    expect(runs()[0]?.progress).toMatchObject({ percent: 10, stalled: true });
    expect(runs()[0]?.progress).not.toHaveProperty("etaAtMs");
    expect(texts()).toEqual([
      expect.stringMatching(/^⚠ export · stalled · no progress for 1[01] min, at 10 %, still here/),
    ]);
    tell(said(11));
    await test.clock.advance(5 * MINUTE_MS);
    expect(texts().slice(1)).toEqual([expect.stringMatching(/^✓ export · stalled no more/)]);
    expect(causes()).toEqual([]);
    expect(runs()[0]?.progress).toMatchObject({ etaFrom: "pace" });
    expect(runs()[0]?.progress).not.toHaveProperty("stalled");
  });

  it("is not the one beside it that moves", async () => {
    const id = await begin({ policy: { ...POLICY, overlap: "allow_all" } });
    await test.engine.runJob(id, { label: "test" }, {});
    await settle();
    const [still = "", moving = ""] = keys();
    for (let n = 0; n < 8; n += 1) {
      test.runner.tellProgress(moving, said(n));
      await test.clock.advance(5 * MINUTE_MS);
    }
    expect(causes()).toEqual(["stalled"]);
    const stalled = () => runs().flatMap(({ runId, progress }) => (progress?.stalled === true ? [`${runId}.1`] : []));
    expect(stalled()).toEqual([still]);
    await test.clock.advance(20 * MINUTE_MS);
    expect(stalled().sort()).toEqual([still, moving].sort());
  });

  it("is told of when it has said nothing at all, also after a restart, and is over with the run", async () => {
    await begin({ policy: POLICY });
    await test.clock.advance(8 * MINUTE_MS);
    await test.restart();
    await test.clock.advance(5 * MINUTE_MS);
    expect(texts()).toEqual([expect.stringContaining("stalled")]);
    test.runner.end(keys()[FIRST] ?? "");
    await test.clock.advance(3 * MINUTE_MS);
    expect(texts()).toHaveLength(2);
  });

  it("is none because the clock went ahead", async () => {
    await begin({ policy: POLICY });
    tell(said(5));
    await test.clock.advance(MINUTE_MS);
    test.clock.setWall(test.clock.nowMs() + 5 * HOUR_MS);
    await test.clock.advance(3 * MINUTE_MS);
    expect(causes()).not.toContain("stalled");
  });

  it("is none without the policy, and none where it says never", async () => {
    await begin({ name: "a" });
    await begin({ name: "b", policy: { progress: { stallSeconds: 0, reportEverySeconds: 0 } } });
    await test.clock.advance(5 * HOUR_MS);
    expect(causes()).toEqual([]);
  });

  it("is left to the runner to end where that is asked for", async () => {
    const end = { progress: { stallSeconds: 600, onStall: "end", reportEverySeconds: 0 } } as const;
    await begin({ policy: end });
    expect(test.runner.started[0]?.stallTimeoutMs).toBe(600_000);
    await test.clock.advance(20 * MINUTE_MS);
    expect(causes()).toEqual([]);
    test.runner.end(keys()[FIRST] ?? "", { outcome: "stalled", exitCode: null, signal: "SIGTERM" });
    await settle();
    expect(runs()[0]).toMatchObject({
      runStatus: "timed_out",
      outcome: "stalled",
      error: "command made no progress in time",
    });
  });
});
