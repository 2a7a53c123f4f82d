import { beforeEach, describe, expect, it } from "vitest";
import { validateJob } from "../../src/rpc/index.ts";
import { settle } from "../helpers/clock.ts";
import { CALLER, startTestEngine, type TestEngine } from "../helpers/engine.ts";

const HOOK = "https://example.com/hook";
const LONG = {
  id: "export",
  name: "Export",
  kind: "long_running_read",
  risk: "read_only",
  enabled: true,
  cwd: "/srv",
  commands: { status: ["export", "status"], start: ["export", "start"], stop: ["export", "stop"] },
  policy: { autoResume: true, autoResumeBackoffSeconds: 900, stallSeconds: 300, reportEverySeconds: 1_800 },
};
const MINUTE = 60_000;

let test: TestEngine;
let now: object;
beforeEach(async () => {
  now = { running: true, completed: false };
  test = await startTestEngine({ config: { alerts: { destination: { mode: "webhook", to: `${HOOK}/alerts` } } } });
});

const jobs = () => test.engine.listJobs({ limit: 50, offset: 0, includeDisabled: true }).jobs;
const named = (name: string) => jobs().find((job) => job.name === name);
const runsOf = (name: string) => test.engine.runs({ jobId: named(name)?.id ?? "", limit: 200, offset: 0 }).entries;
const condition = () => named("Export")?.state.condition;

async function bring(...entries: unknown[]) {
  const file = { version: 1, jobs: entries };
  const report = await test.engine.importJobs(
    JSON.stringify(file),
    { format: "ops-jobs", apply: true, enable: true, validate: validateJob },
    CALLER,
  );
  for (const { id, schedule } of jobs()) {
    if (schedule.kind !== "after") await test.engine.updateJob(id, { delivery: { mode: "webhook", to: HOOK } }, CALLER);
  }
  return report;
}

/** Goes on by so many looks, each of them answered as `now` says. */
async function looks(count: number, answer: Parameters<TestEngine["runner"]["end"]>[1] = {}): Promise<void> {
  for (let look = 0; look < count; look += 1) {
    await test.clock.advance(MINUTE);
    for (const [key, { argv }] of test.runner.running) {
      if (argv[1] === "status") test.runner.end(key, { out: JSON.stringify(now), ...answer });
    }
    await settle(10);
  }
}
const starts = () => [...test.runner.running].filter(([, { argv }]) => argv[1] === "start");
const bodies = () => test.sent.map(({ to, body }) => ({ to, ...JSON.parse(body ?? "{}") }));
/** What was said as a run's own result, and as bad or good news. */
const said = () => bodies().flatMap(({ to, summary, error }) => (to === HOOK ? [summary || error] : []));
const alerts = () => bodies().filter(({ action }) => ["alert", "recovery"].includes(action));

describe("an ops-jobs.json that comes over", () => {
  it("is a status job each minute and a start after its failures; the start is on only where the file lets it", async () => {
    const held = { ...LONG, id: "held", name: "Held", policy: {} };
    const risky = { ...LONG, id: "risky", name: "Risky", risk: "write_local" };
    const report = await bring(LONG, held, risky);
    expect(report.plan.filter(({ action }) => action !== "create")).toEqual([]);
    expect(jobs().map(({ name, enabled }) => [name, enabled])).toEqual(
      expect.arrayContaining([
        ["Export", true],
        ["Export: start", true],
        ["Export: stop", false],
        ["Held", true],
        ["Held: start", false],
        ["Risky", true],
        ["Risky: start", false],
      ]),
    );
    expect(named("Export: start")).toMatchObject({
      schedule: { kind: "after", job: named("Export")?.id, on: "failure", minGapSeconds: 900 },
      payload: { argv: ["export", "start"], cwd: "/srv", timeoutSeconds: 60 },
    });
    expect(report.plan.find(({ name }) => name === "Risky: start")?.holds?.join()).toContain("blocked");
    expect(await bring(LONG, held, risky)).toMatchObject({ applied: true });
    expect(jobs()).toHaveLength(9);
  });

  it("makes each write wait for a person, with the read that checks it behind it; one without a check makes the file invalid", async () => {
    const write = { ...LONG, id: "push", name: "Push", kind: "one_shot_write", risk: "write_external" };
    const check = { ...LONG, id: "look", name: "Look", kind: "one_shot_read", commands: { run: ["look"] } };
    const pushes = { ...write, commands: { run: ["push"] }, after: [{ jobId: "look", delaySeconds: 5 }] };
    expect(await bring({ ...pushes, after: [] }, check, LONG)).toMatchObject({ applied: false });
    expect(jobs()).toEqual([]);
    await bring(pushes, check);
    expect(named("Push")?.policy).toMatchObject({ risk: "write_external", approval: { required: true } });
    expect(named("Look")).toMatchObject({ schedule: { kind: "after", job: named("Push")?.id, delaySeconds: 5 } });
    await test.engine.updateJob("Look", { enabled: true }, CALLER);
    await test.engine.updateJob("Push", { enabled: true }, CALLER);
    await test.engine.runJob("Push", CALLER, {});
    await settle(10);
    await test.clock.advance(10_000);
    expect(test.runner.started.map(({ argv }) => argv)).not.toContainEqual(["push"]);
    expect(runsOf("Push")[0]?.runStatus).toBe("awaiting_approval");
  });

  it("says nothing of a one-shot read but a failure and words that ask for a person", async () => {
    await bring({ ...LONG, id: "disk", name: "Disk", kind: "one_shot_read", commands: { run: ["df"] } });
    for (const out of ["all good", "ALERT: disk", "alert"]) {
      await test.engine.runJob("Disk", CALLER, {});
      await settle(10);
      test.runner.end([...test.runner.running.keys()][0] ?? "", { out });
      await settle(10);
    }
    expect(said()).toEqual(["ALERT: disk"]);
  });
});

describe("a long-running job", () => {
  it("is told of when its state or its step changes, and else when the report is due", async () => {
    await bring(LONG);
    now = { running: true, completed: false, progress: { done: 1 } };
    await looks(3);
    expect(said()).toEqual(["running\ndone 1"]);
    now = { running: true, completed: false, progress: { done: 2 } };
    await looks(2);
    expect(said()).toEqual(["running\ndone 1", "running\ndone 2"]);
    await looks(27);
    expect(said()).toHaveLength(2);
    await looks(2);
    expect(said()).toHaveLength(3);
    expect(runsOf("Export").every(({ runStatus }) => runStatus === "succeeded")).toBe(true);
  });

  it("that is done is told of once, and that is when what follows it runs", async () => {
    await bring(LONG);
    const follower = await test.add({ name: "Then", schedule: { kind: "after", job: "Export" } });
    await looks(2);
    now = { running: false, completed: true, message: "all of it" };
    await looks(10);
    expect(said()).toEqual(["running", "completed: all of it"]);
    expect(test.engine.runs({ jobId: follower, limit: 9, offset: 0 }).entries).toHaveLength(1);
  });

  it("that is neither running nor done has failed at the next look, with an alert", async () => {
    await bring(LONG);
    await looks(1);
    now = { running: false, completed: false, stopReason: "killed" };
    await looks(1);
    expect(runsOf("Export")[0]).toMatchObject({
      runStatus: "failed",
      outcome: "status_failed",
      exitCode: 0,
      error: "neither running nor completed: killed",
    });
    expect(alerts()).toMatchObject([{ action: "alert", jobName: "Export" }]);
  });

  it.each([
    ["exit code 1", { exitCode: 1, out: "", err: "x\nno such host\n" }, "no such host"],
    ["nothing", { out: "" }, "it printed nothing"],
    ["no JSON", { out: "ok" }, "it printed no JSON"],
    ["a number where a truth is asked", { out: '{"running":1,"completed":false}' }, "`running` is neither"],
  ])(
    "whose status breaks the contract with %s counts as stopped, alert, with the last line",
    async (_, answer, why) => {
      await bring(LONG);
      await looks(1, answer);
      expect(runsOf("Export")[0]).toMatchObject({ runStatus: "failed" });
      expect(condition()).toMatchObject({ running: false, completed: false, level: "alert" });
      expect(condition()?.message).toContain(why);
      expect(JSON.stringify(bodies())).toContain(why);
    },
  );

  it("that stands still for as long as it may is an incident, told once; a step ends it", async () => {
    await bring(LONG);
    now = { running: true, completed: false, progressKey: "3/9" };
    await looks(5);
    expect(alerts()).toEqual([]);
    await looks(3);
    expect(alerts()).toMatchObject([{ action: "alert" }]);
    expect(alerts()[0]?.text).toContain("no progress for");
    await looks(20);
    expect(alerts()).toHaveLength(1);
    now = { running: true, completed: false, progressKey: "4/9" };
    await looks(3);
    expect(alerts().map(({ action }) => action)).toEqual(["alert", "recovery"]);
  });

  it("that says itself that all is not well is an incident as long as it says so", async () => {
    await bring(LONG);
    now = { running: true, completed: false, level: "alert", message: "queue is full", progressKey: "1" };
    await looks(3);
    expect(alerts()).toMatchObject([{ action: "alert", text: expect.stringContaining("queue is full") }]);
    now = { running: true, completed: false, progressKey: "2" };
    await looks(3);
    expect(alerts().at(-1)).toMatchObject({ action: "recovery" });
  });

  it("that goes on failing in the same way is told of at once and then apart; well again, it is told of anew at once", async () => {
    await bring({ ...LONG, policy: { ...LONG.policy, autoResume: false, reportEverySeconds: 900 } });
    now = { running: false, completed: false, stopReason: "killed" };
    await looks(14);
    const before = said().length;
    expect(before).toBe(1);
    await looks(3);
    expect(said()).toHaveLength(before + 1);
    now = { running: true, completed: false };
    await looks(1);
    now = { running: false, completed: false, stopReason: "killed" };
    await looks(1);
    expect(said()).toHaveLength(before + 3);
    expect(alerts().map(({ action }) => action)).toEqual(["alert", "recovery", "alert"]);
  });

  it("is started again at most so often, and each time on record: started, failed, held back", async () => {
    await bring(LONG);
    now = { running: false, completed: false };
    await looks(1);
    expect(starts()).toHaveLength(1);
    test.runner.end(starts()[0]?.[0] ?? "", { exitCode: 3 });
    await settle(10);
    await looks(10);
    expect(starts()).toEqual([]);
    const [last, ...earlier] = runsOf("Export: start");
    expect(last).toMatchObject({ runStatus: "skipped", reason: "min_gap" });
    expect(earlier.at(-1)).toMatchObject({ runStatus: "failed", exitCode: 3, trigger: "after" });
    await looks(6);
    expect(starts()).toHaveLength(1);
    test.runner.end(starts()[0]?.[0] ?? "", { outcome: "timed_out", exitCode: null });
    await settle(10);
    expect(runsOf("Export: start").map(({ runStatus }) => runStatus)).toContain("timed_out");
  });

  it("that cannot even be started again says so: its program is gone", async () => {
    await bring(LONG);
    now = { running: false, completed: false };
    await looks(1);
    const error = { code: "PROGRAM_NOT_FOUND" as const, message: "the program is not there: export" };
    test.runner.end(starts()[0]?.[0] ?? "", { outcome: "spawn_failed", exitCode: null, error });
    await settle(10);
    expect(runsOf("Export: start")[0]).toMatchObject({
      runStatus: "failed",
      outcome: "spawn_failed",
      error: expect.stringContaining("the program is not there: export"),
    });
    expect(alerts().map(({ jobName }) => jobName)).toContain("Export");
  });

  it("that is wrong in another way is told of at once", async () => {
    await bring({ ...LONG, policy: { ...LONG.policy, autoResume: false } });
    now = { running: false, completed: false, stopReason: "killed" };
    await looks(3);
    const before = said().length;
    now = { running: false, completed: false, stopReason: "out of memory" };
    await looks(2);
    expect(said().slice(before)).toEqual([expect.stringContaining("out of memory")]);
  });

  it("is heard in quiet hours where something is wrong; what is routine waits", async () => {
    const quiet = { start: "00:00", end: "23:59", tz: "UTC" };
    await test.restart({ config: { delivery: { quietHours: [quiet] } } });
    await bring({ ...LONG, policy: {} });
    const delivery = { mode: "announce", channel: "irc", to: "#ops" } as const;
    await test.engine.updateJob("Export", { delivery }, CALLER);
    await looks(2);
    expect(test.sent).toEqual([]);
    now = { running: false, completed: false };
    await looks(1);
    expect(test.sent.map(({ text }) => text).join()).toContain("neither running nor completed");
  });

  it("shows how it is, through a restart", async () => {
    await bring(LONG);
    now = { running: true, completed: false, pid: 7, progress: { b: 2, a: 1 }, level: "warn" };
    await looks(2);
    await test.restart();
    expect(condition()).toMatchObject({ running: true, pid: 7, level: "warn", progress: { a: 1, b: 2 } });
    expect(condition()?.progressKey).toBe('{"a":1,"b":2}');
  });
});
