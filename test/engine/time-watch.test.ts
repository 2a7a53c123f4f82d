import { describe, expect, it } from "vitest";
import type { JobInput } from "../../schema/wire/job.ts";
import { CALLER, startTestEngine, type TestEngine } from "../helpers/engine.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const ENDLESS: JobInput["payload"] = { kind: "command", argv: ["true"], timeoutSeconds: 0 };
const OPS = { mode: "announce", channel: "irc", to: "#ops" } as const;

let test: TestEngine;

async function start(options: Parameters<typeof startTestEngine>[0] = {}): Promise<void> {
  test = await startTestEngine({ config: { alerts: { destination: OPS } }, ...options });
}

const said = (): string[] => test.sent.map(({ text }) => text);
const causes = (): string[] =>
  test.engine.alerts({ openOnly: true, limit: 100, offset: 0 }).alerts.map(({ cause }) => cause);
/** The test's clock starts at 12:00. */
const dailyAt = (hour: number, more: Partial<JobInput> = {}): Partial<JobInput> => ({
  name: `backup ${hour}`,
  schedule: { kind: "cron", expr: `0 ${hour} * * *`, tz: "UTC" },
  policy: { misfire: { mode: "skip" } },
  ...more,
});

/** The service is away for so long; what was sent before is forgotten. */
async function beDown(ms: number): Promise<void> {
  await test.clock.advance(MINUTE);
  await test.engine.stop();
  await test.clock.advance(ms);
  test.sent.length = 0;
  await test.restart();
}

describe("an instant that passed without a run", () => {
  it("is put down to the time down also where the service is killed soon after its first start", async () => {
    await start();
    expect(test.engine.inside.ledger.getMeta("aliveAtMs")).toBe(String(test.clock.nowMs()));
  });

  it("is told of once, with how long nothing could run, and its end is told of once", async () => {
    await start();
    test.runner.auto = true;
    const id = await test.add(dailyAt(13));
    const often = await test.add({ name: "often", policy: { misfire: { mode: "skip" } } });
    await beDown(2 * HOUR);
    await test.engine.updateJob(often, { enabled: false }, { label: "test" });
    await test.clock.advance(3 * MINUTE);
    expect(said()).toHaveLength(1);
    const [text = ""] = said();
    expect(text).toMatch(
      /^⚠ 1 incident\ndown 12:01-14:01: 120 instants passed, 1 of them daily\n· backup 13 · 1 instant/,
    );
    expect(text).toContain(`openclaw command-cron run ${id}`);
    expect(causes()).toEqual(["missed"]);
    await test.clock.advance(HOUR);
    expect(said()).toHaveLength(1);
    await test.clock.advance(DAY);
    expect(said().slice(1)).toEqual([expect.stringMatching(/^✓ backup 13 · well again/)]);
    expect(causes()).toEqual([]);
  });

  it("is told of with both days where nothing could run from one day to another", async () => {
    await start();
    await test.add(dailyAt(13));
    await beDown(3 * DAY);
    await test.clock.advance(3 * MINUTE);
    expect(said()).toEqual([
      expect.stringContaining("\ndown 2027-01-04 12:01-2027-01-07 12:01: 3 instants passed, 3 of them daily\n"),
    ]);
  });

  it("is told of although the job was made up for at once", async () => {
    await start();
    test.runner.auto = true;
    await test.add(dailyAt(13, { policy: { misfire: { mode: "run_once" } } }));
    await beDown(3 * DAY);
    await test.clock.advance(10 * MINUTE);
    expect(causes()).toEqual([]);
    expect(said()).toEqual([
      expect.stringMatching(
        /2 instants passed, 2 of them daily\n· backup 13 · 2 instants without a run; it has run since$/,
      ),
    ]);
  });

  it("is not told of what a clock saw and made up for that is set right again within the minute", async () => {
    await start();
    test.runner.auto = true;
    await test.add(dailyAt(13, { policy: { misfire: { mode: "run_once" } } }));
    await test.clock.advance(MINUTE);
    const wrongMs = 3 * DAY;
    test.clock.setWall(test.clock.nowMs() + wrongMs);
    await test.clock.advance(35_000);
    test.clock.setWall(test.clock.nowMs() - wrongMs);
    await test.clock.advance(4 * DAY);
    expect(said().filter((text) => text.includes("without a run"))).toEqual([]);
  });

  it("is one message for three hundred jobs", async () => {
    await start();
    for (let n = 0; n < 300; n += 1) await test.add(dailyAt(13, { name: `job ${n}` }));
    await beDown(2 * HOUR);
    await test.clock.advance(10 * MINUTE);
    expect(said()).toHaveLength(1);
    expect(said()[0]).toContain("⚠ 300 incidents");
    expect(said()[0]).toContain("… and 280 more");
  });

  it("is not told of where it comes hourly or oftener, nor where the job says no, but where it says yes", async () => {
    await start();
    await test.add({
      name: "hourly",
      schedule: { kind: "every", everyMs: HOUR },
      policy: { misfire: { mode: "skip" } },
    });
    await test.add(dailyAt(13, { policy: { misfire: { mode: "skip" }, expect: { missed: false } } }));
    await beDown(3 * HOUR);
    await test.clock.advance(5 * MINUTE);
    expect(said()).toEqual([]);
    await test.add({ name: "often", policy: { misfire: { mode: "skip" }, expect: { missed: true } } });
    await beDown(10 * MINUTE);
    await test.clock.advance(5 * MINUTE);
    expect(said()).toHaveLength(1);
  });

  it("is not what an edit of the schedule leaves behind", async () => {
    await start();
    test.runner.auto = true;
    const id = await test.add(dailyAt(13));
    await test.engine.updateJob(id, { schedule: { kind: "cron", expr: "0 3 * * *", tz: "UTC" } }, { label: "test" });
    await test.clock.advance(4 * HOUR);
    await test.engine.updateJob(id, { schedule: { kind: "cron", expr: "0 13 * * *", tz: "UTC" } }, { label: "test" });
    await test.clock.advance(DAY);
    expect(said()).toEqual([]);
    expect(causes()).toEqual([]);
  });

  it("is not what a clock saw that is set right again within the minute", async () => {
    await start();
    test.runner.auto = true;
    await test.add(dailyAt(13));
    await test.clock.advance(MINUTE);
    const wrongMs = 10 * HOUR;
    test.clock.setWall(test.clock.nowMs() + wrongMs);
    await test.clock.advance(35_000);
    expect(causes()).toEqual(["missed"]);
    test.clock.setWall(test.clock.nowMs() - wrongMs);
    await test.clock.advance(10 * MINUTE);
    expect(causes()).toEqual([]);
    expect(said().filter((text) => text.includes("without a run"))).toEqual([]);
  });

  it("is kept as a notice where there is nobody to tell, as long as the job is there", async () => {
    await start({ config: {} });
    const jobId = await test.add(dailyAt(13));
    await beDown(2 * HOUR);
    await test.clock.advance(5 * MINUTE);
    expect(said()).toEqual([]);
    expect(test.engine.status().notices).toMatchObject([
      { code: "JOB_OFF_TIME", message: expect.stringContaining("backup 13") },
    ]);
    await test.engine.removeJob(jobId, CALLER);
    expect(test.engine.status().notices).toEqual([]);
  });
});

describe("a run that does not start", () => {
  it("makes its pool a notice, not each job an incident, where the pool is full", async () => {
    await start({ config: { alerts: { destination: OPS }, concurrency: 1 } });
    const daily = { payload: ENDLESS };
    await test.add({ ...dailyAt(13), ...daily, name: "hog" });
    for (let n = 0; n < 5; n += 1) await test.add({ ...dailyAt(13), ...daily, name: `waits ${n}` });
    await test.clock.advance(HOUR + 20 * MINUTE);
    expect(causes()).toEqual([]);
    expect(said()).toEqual([expect.stringMatching(/^pool default is full, 1 of 1 running: 5 runs wait/)]);
    expect(test.engine.status().notices).toMatchObject([{ code: "POOL_FULL" }]);
    test.runner.auto = true;
    for (const key of test.runner.running.keys()) test.runner.end(key);
    await test.clock.advance(MINUTE);
    expect(test.engine.status().notices).toEqual([]);
    await test.clock.advance(20 * MINUTE);
    expect(said().filter((text) => text.includes("pool"))).toEqual([
      expect.stringMatching(/^pool default is full/),
      expect.stringMatching(/^✓ pool default is no longer full/),
    ]);
  });

  it("is late where a run of its own job is in its way, and is told of once, with its end", async () => {
    await start();
    const hourly = { name: "sync", schedule: { kind: "every", everyMs: HOUR } } as const;
    const payload = ENDLESS;
    await test.add({ ...hourly, payload, policy: { overlap: "buffer_one", expect: { startWithinSeconds: 300 } } });
    await test.clock.advance(2 * HOUR + 8 * MINUTE);
    expect(causes()).toContain("late");
    expect(said()).toEqual([expect.stringMatching(/^⚠ sync · late · due for \d min.* and not started\n/)]);
    await test.clock.advance(20 * MINUTE);
    expect(said()).toHaveLength(1);
    test.runner.end([...test.runner.running.keys()][0] ?? "");
    await test.clock.advance(2 * MINUTE);
    expect(said()).toHaveLength(2);
    expect(said()[1]).toMatch(/^✓ sync/);
    expect(causes()).toEqual([]);
  });
});

describe("a run that takes too long", () => {
  it("is told of while it goes on, once, and its end is told of", async () => {
    await start();
    const payload = ENDLESS;
    await test.add({ ...dailyAt(13), payload, policy: { expect: { maxSeconds: 600 } } });
    await test.clock.advance(HOUR + 9 * MINUTE);
    expect(said()).toEqual([]);
    await test.clock.advance(20 * MINUTE);
    expect(said()).toHaveLength(1);
    expect(said()[0]).toMatch(/^⚠ backup 13 · overrun · runs for 1\d min.*, expected at most 10 min\n/);
    expect(said()[0]).toContain("openclaw command-cron cancel ");
    test.runner.end([...test.runner.running.keys()][0] ?? "");
    await test.clock.advance(3 * MINUTE);
    expect(said()).toHaveLength(2);
    expect(said()[1]).toMatch(/^✓ backup 13 · well again/);
  });
});

describe("a job that is silent", () => {
  it("is told of when no run has succeeded for as long as was said, over a restart", async () => {
    await start();
    await test.add(dailyAt(3, { name: "dump", policy: { expect: { okWithinSeconds: 7_200 } } }));
    await test.clock.advance(HOUR);
    await test.restart();
    await test.clock.advance(50 * MINUTE);
    expect(said()).toEqual([]);
    await test.clock.advance(15 * MINUTE);
    expect(said()).toEqual([
      expect.stringMatching(/^⚠ dump · silent · no success for 2 h.*, expected within 2 h\nLast good run: none so far/),
    ]);
  });

  it("is left alone while it is off", async () => {
    await start();
    const id = await test.add(dailyAt(3, { policy: { expect: { okWithinSeconds: 7_200 } } }));
    await test.engine.updateJob(id, { enabled: false }, { label: "test" });
    await test.clock.advance(DAY);
    expect(said()).toEqual([]);
  });
});

describe("many failures at once", () => {
  it("are told one by one at first, then gathered", async () => {
    await start();
    const failureAlert = { after: 1 };
    for (let n = 0; n < 60; n += 1) await test.add(dailyAt(13, { name: `job ${n}`, failureAlert, policy: {} }));
    await test.clock.advance(HOUR);
    for (let round = 0; round < 60 && test.runner.running.size > 0; round += 1) {
      for (const key of [...test.runner.running.keys()]) test.runner.end(key, { exitCode: 1 });
      await test.clock.advance(100);
    }
    await test.clock.advance(3 * MINUTE);
    const alerts = test.sent.filter(({ text }) => /^[✗⚠]/.test(text));
    expect(alerts).toHaveLength(6);
    expect(alerts.at(-1)?.text).toContain("⚠ 55 incidents");
    expect(causes()).toHaveLength(60);
  });
});
