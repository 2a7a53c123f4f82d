import { beforeEach, describe, expect, it } from "vitest";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/kernel/durations.ts";
import { settle } from "../../helpers/clock.ts";
import { CALLER, startTestEngine, type TestEngine } from "../../helpers/engine.ts";

const OPS = { mode: "webhook" as const, to: "http://127.0.0.1:59/ops" };

let test: TestEngine;
beforeEach(async () => {
  test = await startTestEngine({ config: { alerts: { destination: OPS } } });
});

const codes = () => test.engine.status().notices.map((notice) => notice.code);

describe("a notice", () => {
  it("of something that is over is shown for a day after the last time, and the next one is told again", async () => {
    test.runner.lose("killed");
    await test.clock.advance(20 * HOUR_MS);
    test.runner.lose("killed");
    await test.clock.advance(20 * HOUR_MS);
    expect(codes()).toEqual(["RUNNER_LOST"]);
    expect(test.sent.length).toBe(1);
    await test.clock.advance(5 * HOUR_MS);
    expect(test.engine.status()).toMatchObject({ state: "running", notices: [] });
    await test.clock.advance(30 * DAY_MS);
    test.runner.lose("killed");
    await settle(20);
    expect(codes()).toEqual(["RUNNER_LOST"]);
    expect(test.sent.length).toBe(2);
  });

  it("of a setting goes with the start that can read it", async () => {
    const quietHours = [{ start: "22:00", end: "07:00", tz: "Mars/Base" }];
    await test.restart({ config: { alerts: { destination: OPS }, delivery: { quietHours } } });
    expect(codes()).toEqual(["CONFIG_INVALID"]);
    await test.clock.advance(2 * DAY_MS);
    expect(codes()).toEqual(["CONFIG_INVALID"]);
    await test.restart();
    expect(codes()).toEqual([]);
  });

  it("of a job that was disabled by its failures stays until it is enabled, by a person or by its trial", async () => {
    await test.restart({ config: {} });
    const disabled = async (): Promise<string> => {
      const jobId = await test.add({
        name: "fragile",
        policy: { autoDisable: { after: 1, trialSeconds: 3_600 }, backoff: false },
        failureAlert: false,
      });
      await test.clock.advance(MINUTE_MS);
      for (const key of [...test.runner.running.keys()]) test.runner.end(key, { exitCode: 1 });
      await settle(20);
      expect(codes()).toEqual(["JOB_DISABLED"]);
      return jobId;
    };
    const first = await disabled();
    await test.engine.updateJob(first, { name: "still fragile" }, CALLER);
    expect(codes()).toEqual(["JOB_DISABLED"]);
    await test.engine.updateJob(first, { enabled: true }, CALLER);
    expect(codes()).toEqual([]);
    await test.engine.removeJob(first, CALLER);
    await disabled();
    test.runner.auto = true;
    await test.clock.advance(2 * HOUR_MS);
    expect(codes()).toEqual([]);
  });
});
