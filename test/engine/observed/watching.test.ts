import { describe, expect, it } from "vitest";
import { settle } from "../../helpers/clock.ts";
import { DAY, HOUR, MINUTE, type Observing, observe } from "./gateway.ts";

let world: Observing;

const rows = () => world.test.engine.inside.ledger.observed.runs({ limit: 100, offset: 0 }).rows;
const jump = (ms: number): void => world.test.clock.setWall(world.test.clock.nowMs() + ms);
const jobOf = (id: string) => world.test.engine.inside.ledger.observed.job(id);

describe("an end of one of the gateway's own jobs", () => {
  it("is a row, once, whichever way it was heard of", async () => {
    world = await observe();
    const job = world.add("news", DAY);
    await world.look();
    await world.run(job);
    await world.run(job, { heard: false });
    await world.run(job);
    expect(rows().map(({ status, source }) => [status, source])).toEqual([
      ["succeeded", "event"],
      ["succeeded", "history"],
      ["succeeded", "event"],
    ]);
    expect(jobOf(job.id)).toMatchObject({ consecutiveOk: 3, totals: { runs: 3, ok: 3 }, lastStatus: "ok" });
  });

  it("is the truth: ran but not delivered is no success, and of the main session it is only known that it was told", async () => {
    world = await observe();
    const job = world.add("digest", DAY);
    const main = world.add("remind", DAY, { sessionTarget: "main", payload: { kind: "systemEvent" } });
    const old = world.add("old gateway", DAY);
    await world.look();
    await world.run(job, {
      ...{ completionStatus: "failed", deliveryStatus: "not-delivered", deliveryError: "chat not found" },
    });
    await world.run(main);
    const { completionStatus: _, ...end } = { completionStatus: undefined, deliveryStatus: "not-delivered" };
    await world.run(old, { ...end, completionStatus: undefined });
    expect(jobOf(job.id)).toMatchObject({
      lastStatus: "error",
      lastError: "it ran, and its message was not delivered: chat not found",
    });
    expect(jobOf(old.id)).toMatchObject({ lastStatus: "error" });
    expect(rows().find(({ jobId }) => jobId === main.id)).toMatchObject({ status: "succeeded", enqueued: true });
    expect(rows().find(({ jobId }) => jobId === job.id)).toMatchObject({
      status: "failed",
      said: "ok",
      enqueued: false,
    });
  });

  it("is nobody's matter where the gateway keeps the job for itself, or where the job is ours", async () => {
    world = await observe();
    const heartbeat = world.add("heartbeat-main", HOUR, { payload: { kind: "heartbeat" } });
    const review = world.add("review", HOUR, { declarationKey: "skill-collection-review:main" });
    const dreams = world.add("dreams", HOUR, { description: "[managed-by=memory-core.x] Promote" });
    const id = await world.test.add();
    const own = world.add("ours", HOUR, { id });
    await world.look();
    for (const job of [heartbeat, review, dreams, own]) await world.run(job, { status: "error", error: "x" });
    expect(rows()).toEqual([]);
    expect(world.test.engine.status().gatewayJobs).toEqual({ watched: 0, detail: "0 jobs are watched" });
  });

  it("of a job that is removed with it is kept as well", async () => {
    world = await observe();
    const job = world.add("once", DAY, { schedule: { kind: "at", at: "2027-01-04T13:00:00Z" } });
    world.gateway.jobs = [];
    const runAtMs = world.test.clock.nowMs();
    world.test.engine.gatewayJobChanged({ jobId: job.id, job, runAtMs, ts: runAtMs + 5, status: "ok", runId: "r1" });
    await world.look();
    expect(rows()).toMatchObject([{ jobId: job.id, jobName: "once", runId: "r1", status: "succeeded" }]);
    await world.look();
    expect(jobOf(job.id)).toBeUndefined();
  });

  it("and what passed without one wait for a ledger that cannot be written", async () => {
    let full = false;
    const at = (point: string): void => {
      if (full && point === "commit")
        throw Object.assign(new Error("disk full"), { errcode: 13, code: "ERR_SQLITE_ERROR" });
    };
    world = await observe({}, { ledgerFaults: { at } });
    const hourly = world.add("hourly", HOUR);
    const once = world.add("once", DAY, { schedule: { kind: "at", at: "2027-01-04T13:00:00Z" } });
    await world.look();
    full = true;
    world.gateway.jobs = [hourly];
    const runAtMs = world.test.clock.nowMs();
    world.test.engine.gatewayJobChanged({
      jobId: once.id,
      job: once,
      runAtMs,
      ts: runAtMs + 5,
      status: "ok",
      runId: "r1",
    });
    await world.look();
    await world.test.clock.advance(HOUR + 20 * MINUTE);
    hourly.state = { nextRunAtMs: world.test.clock.nowMs() + 40 * MINUTE };
    await world.look();
    expect(rows()).toEqual([]);
    expect(world.test.engine.status().gatewayJobs.detail).toMatch(/cannot be looked at/);
    full = false;
    await world.test.clock.advance(MINUTE);
    expect(rows()).toMatchObject([
      { jobId: hourly.id, status: "missed" },
      { jobId: once.id, runId: "r1", status: "succeeded" },
    ]);
  });
});

describe("failures", () => {
  it("are one incident, one message and one note of its end", async () => {
    world = await observe();
    const job = world.add("news", DAY);
    await world.look();
    for (let nth = 0; nth < 4; nth += 1) await world.run(job, { status: "error", error: "model answers 400" });
    await world.run(job);
    expect(world.said()).toEqual([
      expect.stringMatching(
        /^✗ news · failed · 2nd in a row\nCause: model answers 400\n[\s\S]*runs id-news --all-cron$/,
      ),
      expect.stringMatching(/^✓ news · well again · after 4 failed runs/),
    ]);
    expect(world.causes()).toEqual([]);
  });

  it("of a job with a failureAlert of its own are told by the gateway", async () => {
    world = await observe();
    const job = world.add("news", DAY, { failureAlert: { after: 1 } });
    await world.look();
    for (let nth = 0; nth < 3; nth += 1) await world.run(job, { status: "error", error: "no" });
    expect(world.said()).toEqual([]);
    expect(jobOf(job.id)).toMatchObject({ consecutiveErrors: 3 });
  });

  it("of before anybody watched are counted and not told", async () => {
    world = await observe();
    await world.test.engine.stop();
    const job = world.add("news", DAY);
    await world.test.restart();
    await world.look();
    expect(jobOf(job.id)).toMatchObject({ totals: { runs: 0 } });
    await world.test.engine.stop();
    for (let nth = 0; nth < 3; nth += 1) await world.run(job, { heard: false, status: "error", error: "no" });
    await world.test.restart();
    await world.look();
    expect(jobOf(job.id)).toMatchObject({ consecutiveErrors: 3 });
    expect(world.said()).toHaveLength(1);
  });
});

describe("what was not heard", () => {
  it("is read from the gateway's history after a time away, however it ended", async () => {
    world = await observe();
    const job = world.add("hourly", HOUR);
    await world.look();
    await world.test.engine.stop();
    for (let nth = 0; nth < 5; nth += 1) {
      await world.test.clock.advance(HOUR - 1_000);
      await world.run(job, { heard: false });
    }
    await world.test.restart();
    await world.look();
    expect(rows()).toHaveLength(5);
    expect(jobOf(job.id)).toMatchObject({ consecutiveOk: 5, totals: { runs: 5, ok: 5, missed: 0 } });
    expect(world.said()).toEqual([]);
  });

  it("is known by the last end of each job where the history cannot be read, and the status says so", async () => {
    world = await observe();
    const job = world.add("hourly", HOUR);
    await world.look();
    world.gateway.readable = false;
    await world.run(job, { heard: false, status: "error" });
    expect(rows()).toMatchObject([{ status: "failed", source: "state" }]);
    expect(world.test.engine.status().gatewayJobs.detail).toContain("the plugin cannot ask");
    world.gateway.readable = true;
    await world.run(job, { heard: false });
    expect(rows()).toMatchObject([{ source: "history" }, { source: "state" }]);
    expect(world.test.engine.status().gatewayJobs.detail).toBe("1 job is watched");
  });

  it("stays away until the gateway's cron can be reached", async () => {
    world = await observe();
    world.gateway.source.jobs = async () => {
      throw new Error("not yet");
    };
    await world.look();
    world.test.engine.gatewayJobChanged();
    await world.look();
    expect(world.test.engine.status().gatewayJobs.detail).toContain("not yet");
  });
});

describe("instants of the gateway's jobs", () => {
  it("that pass in a time down are one message with those of our own, whatever made up for them", async () => {
    world = await observe();
    const agent = world.add("agent", DAY);
    const main = world.add("main", DAY, { sessionTarget: "main", payload: { kind: "systemEvent" } });
    await world.test.add({
      name: "ours",
      schedule: { kind: "every", everyMs: DAY },
      policy: { misfire: { mode: "skip" } },
    });
    await world.look();
    await world.test.clock.advance(MINUTE);
    await world.test.engine.stop();
    await world.test.clock.advance(DAY + HOUR);
    await world.test.restart();
    await world.run(agent, { heard: true });
    main.state = { nextRunAtMs: world.test.clock.nowMs() + HOUR };
    await world.look();
    await world.test.clock.advance(3 * MINUTE);
    const [text = "", ...more] = world.said();
    expect(more).toEqual([]);
    expect(text).toMatch(/3 instants passed, 3 of them daily/);
    for (const name of ["agent", "main", "ours"]) expect(text).toContain(`· ${name} · 1 instant without a run`);
    expect(text).toContain(`openclaw cron run ${main.id}`);
    expect(world.causes().sort()).toEqual(["missed", "missed"]);
    expect(text).toContain("agent · 1 instant without a run; it has run since");
  });

  it("are not missed when the plugin alone was away", async () => {
    world = await observe();
    const job = world.add("daily", DAY);
    await world.look();
    await world.test.engine.stop();
    await world.test.clock.advance(DAY - 2_000);
    await world.run(job, { heard: false });
    await world.test.clock.advance(HOUR);
    await world.test.restart();
    await world.look();
    await world.test.clock.advance(3 * MINUTE);
    expect(world.said()).toEqual([]);
    expect(rows()).toMatchObject([{ status: "succeeded" }]);
  });

  it("are not missed because the clock jumped, or the schedule was edited", async () => {
    world = await observe();
    const job = world.add("daily", DAY);
    const edited = world.add("edited", DAY);
    const off = world.add("off", DAY);
    await world.look();
    jump(2 * DAY);
    await world.run(job);
    for (const one of [edited, off]) one.state = { nextRunAtMs: world.test.clock.nowMs() + DAY };
    edited.schedule = { kind: "every", everyMs: 2 * DAY };
    off.enabled = false;
    await world.look();
    jump(-DAY);
    job.state = { ...job.state, nextRunAtMs: world.test.clock.nowMs() + HOUR };
    await world.look();
    await world.test.clock.advance(30 * MINUTE);
    expect(world.said().filter((text) => !text.startsWith("the wall clock moved"))).toEqual([]);
    expect(world.causes()).toEqual([]);
  });

  it("that are due and do not begin are late, once, and no more when it runs", async () => {
    world = await observe();
    const job = world.add("daily", DAY);
    await world.look();
    await world.test.clock.advance(DAY + 15 * MINUTE);
    expect(world.said()).toEqual([
      expect.stringMatching(/^⚠ daily · late · due for 1[0-9] min[\s\S]*openclaw health$/),
    ]);
    await world.run(job);
    await world.test.clock.advance(3 * MINUTE);
    expect(world.causes()).not.toContain("late");
    expect(world.said().slice(1)).toEqual([expect.stringMatching(/daily · (late no more|.*well again)/)]);
  });

  it("bring silence and length where somebody expects otherwise", async () => {
    world = await observe({
      gatewayJobs: { expect: { quiet: { okWithinSeconds: 7_200 }, "id-long": { maxSeconds: 60 } } },
    });
    const long = world.add("long", DAY);
    world.add("quiet", 30 * DAY);
    await world.look();
    long.state = { ...long.state, runningAtMs: world.test.clock.nowMs() };
    await world.look();
    await world.test.clock.advance(3 * HOUR);
    expect(world.causes().sort()).toEqual(["overrun", "silent"]);
  });
});

it("watches nothing where the operator says so", async () => {
  world = await observe({ gatewayJobs: { watch: false } });
  const job = world.add("news", DAY);
  await world.run(job, { status: "error" });
  await settle();
  expect(rows()).toEqual([]);
  expect(world.gateway.asked).toBe(0);
  expect(world.test.engine.status().gatewayJobs.detail).toContain("`gatewayJobs.watch` is false");
});
