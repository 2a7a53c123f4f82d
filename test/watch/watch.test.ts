import { describe, expect, it } from "vitest";
import { createTeller, createWatch } from "../../src/watch/index.ts";
import { nextTryMs } from "../../src/watch/subject.ts";
import { settle } from "../helpers/clock.ts";
import { definition as baseDefinition } from "../helpers/ledger.ts";
import { OPS, startTestWatch as start } from "./fixture.ts";

const HOUR = 3_600_000;
describe("failure notices", () => {
  it("are one for an incident and one recovery note, however often the job fails", async () => {
    const test = start();
    const failed = await test.runs(Array.from({ length: 10 }, () => "failed"));
    expect(failed.map(({ kind }) => kind)).toEqual(["alert"]);
    expect(test.alerts()).toMatchObject([{ cause: "exit:1", occurrences: 9 }]);
    const well = await test.runs(["succeeded", "succeeded"]);
    expect(well.map(({ kind }) => kind)).toEqual(["recovery"]);
    expect(test.alerts()).toEqual([]);
    expect(test.alerts(false)).toHaveLength(1);
  });

  it("come with the second failure, unless the job or the config says otherwise", async () => {
    const byDefault = start();
    expect(await byDefault.run("failed")).toEqual([]);
    expect(await byDefault.run("failed")).toHaveLength(1);
    const byConfig = start({ after: 1 });
    expect(await byConfig.run("failed")).toHaveLength(1);
    const byJob = start({ after: 1 }, { delivery: OPS, failureAlert: { after: 3 } });
    expect(await byJob.runs(["failed", "failed"])).toEqual([]);
    expect(await byJob.run("failed")).toHaveLength(1);
  });

  it("tell a further cause once the cooldown is over, and only then", async () => {
    const test = start();
    expect(await test.runs(["failed", "failed"])).toHaveLength(1);
    expect(await test.run("timed_out")).toEqual([]);
    expect(test.alerts()).toHaveLength(2);
    const later = await test.run("timed_out", { afterMs: HOUR });
    expect(later).toMatchObject([{ kind: "alert" }]);
    expect(later[0]?.content.text).toContain("command timed out");
    const well = await test.run("succeeded");
    expect(well).toMatchObject([{ kind: "recovery" }]);
    expect(test.alerts()).toEqual([]);
  });

  it("come at once for a new failure after a recovery, once the cooldown is over", async () => {
    const test = start({ after: 1 });
    expect((await test.run("failed")).map(({ kind }) => kind)).toEqual(["alert"]);
    expect((await test.run("succeeded")).map(({ kind }) => kind)).toEqual(["recovery"]);
    expect((await test.run("failed", { afterMs: HOUR })).map(({ kind }) => kind)).toEqual(["alert"]);
  });

  it("are two an hour for a job that fails, fails and recovers each minute, also over a restart", async () => {
    const test = start();
    const found = await test.runs(Array.from({ length: 30 }, (_, n) => (n % 3 === 2 ? "succeeded" : "failed")));
    expect(found.map(({ kind }) => kind)).toEqual(["alert", "recovery"]);
    expect(test.alerts(false)).toHaveLength(10);
    const later = await test.run("failed", { afterMs: HOUR });
    expect(later).toEqual([]);
    expect((await test.run("failed")).map(({ kind }) => kind)).toEqual(["alert"]);
  });

  it("survive a restart: the incident is in the ledger", async () => {
    const test = start();
    await test.runs(["failed", "failed"]);
    const again = createWatch({ ...test.judging, config: {}, teller: createTeller(test.judging) });
    const job = test.ledger.jobs.get(test.jobId);
    expect(job?.consecutiveErrors).toBe(2);
    expect(again.noticeDeliveries({ code: "X", message: "x" })).toEqual([]);
    expect(await test.run("failed")).toEqual([]);
  });

  it("say what, why, how long, how often, when it last went well, the last lines, and where to look", async () => {
    const test = start();
    await test.run("succeeded");
    await test.run("failed", { exitCode: 3 });
    const [alert] = await test.run("failed", { exitCode: 3, text: "line 1\nno such table: users\npassword=hunter2" });
    const text = alert?.content.text ?? "";
    for (const part of [
      "✗ export on web-1 · exit 3 · 2nd in a row",
      "command exited with code 3",
      "1.5 s",
      "Last good run: 2027-01-04",
      "no such table: users",
      "openclaw command-cron logs ",
    ]) {
      expect(text).toContain(part);
    }
    expect(text).not.toContain("hunter2");
  });

  it("are not made of what a person canceled", async () => {
    const test = start({ after: 1 });
    expect(await test.runs(["canceled", "canceled"])).toEqual([]);
    expect(test.alerts()).toEqual([]);
  });

  it("can be switched off by the job; what was open still closes, in silence", async () => {
    const test = start({}, { delivery: OPS, failureAlert: false });
    expect(await test.runs(["failed", "failed", "failed", "succeeded"])).toEqual([]);
    const was = start();
    await was.runs(["failed", "failed"]);
    const job = was.ledger.jobs.get(was.jobId);
    if (job === undefined) throw new Error("no job");
    const definition = { ...job.definition, failureAlert: false as const };
    was.ledger.jobs.replace(job.id, { definition, enabled: true, updatedAtMs: 1, expectedRevision: job.revision });
    expect(await was.run("succeeded")).toEqual([]);
    expect(was.alerts()).toEqual([]);
  });

  it("are not made by default of a job whose delivery is best effort", async () => {
    const quiet = start({}, { delivery: { ...OPS, bestEffort: true } });
    expect(await quiet.runs(["failed", "failed", "failed"])).toEqual([]);
    const asked = start({}, { delivery: { ...OPS, bestEffort: true }, failureAlert: {} });
    expect(await asked.runs(["failed", "failed"])).toHaveLength(1);
  });

  it("are made of skipped and missed occurrences only where that was asked for", async () => {
    const without = start();
    expect(await without.runs(["skipped", "skipped", "missed"])).toEqual([]);
    const asked = start({}, { delivery: OPS, failureAlert: { includeSkipped: true } });
    await asked.run("skipped", { reason: "overlap" });
    const [alert] = await asked.run("skipped", { reason: "overlap" });
    expect(alert?.content.text).toContain("export on web-1 · skipped: overlap · 2nd in a row");
    const away = start({}, { delivery: OPS, failureAlert: { includeSkipped: true } });
    const [many] = await away.run("missed", { reason: "misfire_policy", covers: 12 });
    expect(many?.content.text).toContain("missed: misfire_policy · 12th in a row");
  });

  it("are kept as a notice where there is nobody to tell, and closed with it", async () => {
    const test = start({}, { delivery: { mode: "none" } });
    expect(await test.runs(["failed", "failed", "failed"])).toEqual([]);
    expect(test.ledger.notices.open()).toMatchObject([{ code: "JOB_FAILING", key: test.jobId }]);
    expect(await test.run("succeeded")).toEqual([]);
    expect(test.ledger.notices.open()).toEqual([]);
  });

  it("to a webhook carry the facts as JSON", async () => {
    const hook = { mode: "webhook", to: "https://example.com/alerts" } as const;
    const test = start({}, { delivery: OPS, failureAlert: hook });
    const [alert] = await test.runs(["failed", "failed"]);
    expect(alert?.destination).toEqual(hook);
    expect(JSON.parse(alert?.content.body ?? "")).toMatchObject({
      action: "alert",
      jobId: test.jobId,
      status: "error",
      error: "command exited with code 1",
      times: 2,
      text: alert?.content.text,
    });
  });

  it("are announced to listeners after the commit", async () => {
    const test = start({ after: 1 });
    const heard: string[] = [];
    test.events.on("alert-changed", ({ state }) => heard.push(state));
    await test.run("failed");
    await settle();
    await test.run("succeeded");
    await settle();
    expect(heard).toEqual(["open", "closed"]);
  });
});

describe("a job that is disabled by its failures", () => {
  it("is told of even where failure alerts are off", async () => {
    const policy = { autoDisable: { after: 2 } };
    const test = start({}, { delivery: OPS, failureAlert: false, policy });
    await test.run("failed", { trigger: "schedule" });
    const found = await test.run("failed", { trigger: "schedule" });
    expect(found).toMatchObject([{ kind: "notice", destination: { to: "#ops" } }]);
    expect(found[0]?.content.text).toContain(`openclaw command-cron enable ${test.jobId}`);
    expect(await test.run("failed", { trigger: "schedule" })).toEqual([]);
  });

  it("is not a further failure notice", async () => {
    const test = start({}, { delivery: OPS, policy: { autoDisable: { after: 4 } } });
    const found = [];
    for (let n = 0; n < 6; n += 1) found.push(...(await test.run("failed", { trigger: "schedule" })));
    expect(found.map(({ kind }) => kind)).toEqual(["alert", "notice"]);
  });
});

describe("news about the service itself", () => {
  it("goes to the configured destination", () => {
    const test = start({ destination: { mode: "announce", channel: "irc", to: "#owner" } });
    expect(test.watch.noticeDeliveries({ code: "RUNNER_LOST", message: "the runner ended" })).toMatchObject([
      { kind: "notice", required: false, destination: { to: "#owner" }, content: { text: "the runner ended" } },
    ]);
    const hook = start({ destination: { mode: "webhook", to: "https://example.com/x" } });
    const [notice] = hook.watch.noticeDeliveries({ code: "RUNNER_LOST", message: "the runner ended" });
    expect(JSON.parse(notice?.content.body ?? "")).toMatchObject({ action: "notice", code: "RUNNER_LOST" });
  });
});

describe("the next try of a job", () => {
  const definition = baseDefinition();
  const odd = baseDefinition({ schedule: { kind: "cron", expr: "* * * * *", tz: "Mars/Olympus" } });
  it.each([
    ["is due where it does not pause", definition, 60_000, undefined, 60_000],
    ["is due where its pause is over by then", definition, 60_000, 60_000, 60_000],
    ["is the first instant after its pause", definition, 60_000, 150_000, 180_000],
    ["is the end of its pause where that is an instant", definition, 60_000, 180_000, 180_000],
    ["never comes for a job without one", definition, undefined, 150_000, undefined],
    ["is not known where its schedule cannot be computed", odd, 60_000, 150_000, undefined],
  ])("%s", (_, job, nextDueMs, pausedUntilMs, tryMs) => {
    const due = nextDueMs === undefined ? {} : { nextDueMs };
    expect(nextTryMs({ id: "j", createdAtMs: 0, definition: job, ...due }, pausedUntilMs, "UTC")).toBe(tryMs);
  });
});
