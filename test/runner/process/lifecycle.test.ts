import { describe, expect, it } from "vitest";
import type { AttemptTable } from "../../../src/runner/process/attempt-table.ts";
import { createLifecycle } from "../../../src/runner/process/lifecycle.ts";
import { createFakeClock } from "../../helpers/clock.ts";

const IDLE_MS = 60_000;

function play() {
  const clock = createFakeClock();
  const log: string[] = [];
  const now = { running: 0, ended: 0, saved: true };
  const attempts: AttemptTable = {
    start() {},
    cancel: () => false,
    async cancelAll(by) {
      log.push(`cancel: ${by}`);
      now.running = 0;
    },
    acknowledge() {},
    refuse: (why) => log.push(`refuse: ${why}`),
    attach() {},
    detach() {},
    busy: () => now.running > 0,
    running: () => Array.from({ length: now.running }, () => ({ attemptKey: "a.1" })),
    ended: () => Array.from({ length: now.ended }, () => "b.1"),
    settled: () => now.running === 0 && (now.ended === 0 || now.saved),
  };
  const life = createLifecycle({
    attempts,
    clock,
    idleMs: IDLE_MS,
    trim: () => log.push("trim"),
    end: (why) => log.push(`end: ${why}`),
  });
  return { clock, log, now, life };
}

describe("the life of a runner", () => {
  it("ends a minute after the last gateway, but not while a command runs or a result is only in memory", async () => {
    const { clock, log, now, life } = play();
    life.owner(true);
    now.running = 1;
    life.changed();
    life.owner(false);
    await clock.advance(10 * IDLE_MS);
    now.running = 0;
    now.ended = 1;
    now.saved = false;
    life.changed();
    await clock.advance(10 * IDLE_MS);
    expect(log.filter((line) => line.startsWith("end"))).toEqual([]);
    now.saved = true;
    life.changed();
    await clock.advance(IDLE_MS - 1);
    expect(log.filter((line) => line.startsWith("end"))).toEqual([]);
    await clock.advance(1);
    expect(log.at(-1)).toBe("end: idle");
  });

  it("has no timer while it is idle under a gateway, after giving memory back once", async () => {
    const { clock, log, now, life } = play();
    life.owner(true);
    now.running = 1;
    life.changed();
    now.running = 0;
    life.changed();
    await clock.advance(2_000);
    expect(clock.timers()).toBe(0);
    expect(log).toEqual(["trim"]);
  });

  it("leaves a gateway that reloads its plugin more time", async () => {
    const { clock, log, now, life } = play();
    now.running = 1;
    life.owner(true);
    life.leave();
    life.owner(false);
    await clock.advance(59_000);
    expect(log).toEqual([]);
    await clock.advance(1_000);
    expect(log).toEqual(["cancel: the gateway's exit"]);
  });

  it("gives a gateway that was cut off a second before it ends what shall not outlive it", async () => {
    const { clock, log, now, life } = play();
    now.running = 1;
    life.owner(true);
    life.owner(false);
    await clock.advance(900);
    life.owner(true);
    await clock.advance(10_000);
    expect(log).toEqual([]);
    life.owner(false);
    await clock.advance(1_000);
    expect(log).toEqual(["cancel: the gateway's exit"]);
  });

  it("ends at once when the gateway leaves on purpose, unless it comes back in between", async () => {
    const left = play();
    left.life.owner(true);
    left.life.leave();
    left.life.owner(false);
    await left.clock.advance(1);
    expect(left.log).toEqual(["end: idle"]);
    const back = play();
    back.now.running = 1;
    back.life.owner(true);
    back.life.leave();
    back.life.owner(false);
    back.life.owner(true);
    back.now.running = 0;
    back.life.owner(false);
    await back.clock.advance(IDLE_MS - 1);
    expect(back.log).toEqual(["cancel: the gateway's exit", "trim"]);
  });

  it("ends a drained one when its last result is acknowledged", async () => {
    const { log, now, life } = play();
    life.owner(true);
    now.running = 1;
    life.drain();
    now.running = 0;
    now.ended = 1;
    life.changed();
    expect(log).toEqual([]);
    now.ended = 0;
    life.changed();
    expect(log).toEqual(["end: drained"]);
  });

  it("told to end, starts nothing more, ends its commands, and waits until their results are on disk", async () => {
    const { clock, log, now, life } = play();
    now.running = 1;
    now.ended = 1;
    now.saved = false;
    life.terminate("SIGTERM");
    life.terminate("SIGINT");
    await clock.advance(500);
    expect(log).toEqual(["refuse: the runner is ending: SIGTERM", "cancel: the runner's SIGTERM"]);
    now.saved = true;
    await clock.advance(50);
    expect(log.at(-1)).toBe("end: SIGTERM");
  });
});
