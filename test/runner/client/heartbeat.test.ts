import { spawn } from "node:child_process";
import { afterEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/kernel/clock.ts";
import { BEAT_MS, createHeartbeat, startBeating } from "../../../src/runner/client/heartbeat.ts";
import { createFakeClock } from "../../helpers/clock.ts";

describe("a heartbeat", () => {
  it("asks again as long as there was an answer, and finds a runner silent within ten seconds", () => {
    const heartbeat = createHeartbeat();
    for (let beat = 0; beat < 10; beat += 1) {
      heartbeat.heard();
      expect(heartbeat.beat()).toBe("ask");
    }
    const looks = [];
    while (looks.at(-1) !== "silent") looks.push(heartbeat.beat());
    expect(looks.slice(0, -1).every((look) => look === "wait")).toBe(true);
    // The last answer may have come as late as just before the first of these looks, or a beat earlier.
    expect(looks.length * BEAT_MS).toBeGreaterThanOrEqual(8_000);
    expect((looks.length + 1) * BEAT_MS).toBeLessThan(10_000);
    expect(heartbeat.silentMs()).toBe(looks.length * BEAT_MS);
    heartbeat.heard();
    expect(heartbeat.silentMs()).toBe(0);
    expect(heartbeat.beat()).toBe("ask");
  });
});

describe("a look", () => {
  let stop = (): void => {};
  afterEach(() => stop());

  it("comes after what had arrived was read, however late it is", async () => {
    const child = spawn("sh", ["-c", "echo here"], { stdio: ["ignore", "pipe", "ignore"] });
    const order: string[] = [];
    child.stdout.on("data", () => order.push("data"));
    const looked = new Promise<void>((resolve) => {
      stop = startBeating(systemClock, () => {
        order.push("look");
        resolve();
      });
    });
    // The process is held up: both the timer and the output are due when it goes on.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 * BEAT_MS);
    setTimeout(() => {}, BEAT_MS);
    await looked;
    expect(order).toEqual(["data", "look"]);
  });

  it("missed while the process was held up or the clock was changed counts once", async () => {
    const clock = createFakeClock();
    let looks = 0;
    stop = startBeating(clock, () => {
      looks += 1;
    });
    clock.setWall(clock.nowMs() + 3_600_000);
    await clock.advance(BEAT_MS);
    clock.setWall(clock.nowMs() - 7_200_000);
    await clock.advance(BEAT_MS);
    expect(looks).toBe(2);
    stop();
    await clock.advance(10 * BEAT_MS);
    expect(looks).toBe(2);
    expect(clock.timers()).toBe(0);
  });
});
