import { describe, expect, it } from "vitest";
import {
  causeText,
  codeText,
  mattersOf,
  OVER,
  type Status,
  troubleText,
  urgent,
} from "../../../page/logic/attention.ts";
import { EVENTS } from "../../../src/engine/care/notices.ts";
import { job, run } from "./fixtures.ts";

const status = (change: Partial<Status> = {}): Status =>
  ({ problems: [], setAside: [], lanes: [], notices: [], ...change }) as unknown as Status;
const NOTHING = { nowMs: 10, status: status(), alerts: [], jobs: [], messages: [] };

describe("what waits for a person", () => {
  it("is nothing where nothing does, and nothing while nothing is known", () => {
    expect(mattersOf(NOTHING)).toEqual([]);
    expect(mattersOf({ ...NOTHING, status: undefined })).toEqual([]);
  });

  it("begins with the service, and says of each what, why, since when, and what to do", () => {
    const failing = job({ name: "Backup", state: { lastError: "exit code 1", consecutiveErrors: 3 } });
    const matters = mattersOf({
      nowMs: 10,
      status: status({
        problems: [{ code: "RUNNER_UNAVAILABLE", message: "nothing can be started", sinceMs: 5 }],
        lanes: [
          { lane: "irc #ops", pending: 2, pausedAtMs: 7, reason: "paused by cli" },
          { lane: "telegram x", pending: 1 },
        ] as Status["lanes"],
        notices: [{ code: "RESTORED", message: "a backup", firstAtMs: 1, lastAtMs: 9, times: 2 }],
      }),
      alerts: [{ id: "a", jobId: failing.id, cause: "exit:1", openedAtMs: 6, occurrences: 3 }] as never,
      jobs: [failing],
      messages: [{ deliveryId: "d1", state: "unknown", lane: "irc #ops", updatedAtMs: 8, reason: "cut off" } as never],
    });
    expect(matters.map(({ title, tone }) => [tone, title])).toEqual([
      ["bad", "The service has a problem"],
      ["bad", "Backup fails with exit code 1"],
      ["bad", "Nothing is sent to irc #ops: it is paused"],
      ["warn", "Did the message to irc #ops arrive?"],
      ["quiet", "Restored"],
    ]);
    expect(matters[1]).toMatchObject({
      text: "Happened 3 times. exit code 1\nNobody is told of it.",
      sinceMs: 6,
      jobId: failing.id,
    });
    expect(matters[1]?.deeds.map(({ label }) => label)).toEqual(["Acknowledge", "Snooze 1 h", "Run now", "Disable"]);
    expect(matters[2]).toMatchObject({ text: "2 messages waiting. paused by cli" });
    expect(urgent(matters)).toBe(4);
  });

  it("begins with the gravest, whenever it began", () => {
    const alert = (id: string, cause: string) => ({ id, jobId: id, cause, openedAtMs: 1, occurrences: 1 }) as never;
    const alerts = [alert("a", "missed"), alert("b", "exit:1"), alert("c", "late"), alert("d", "lost")];
    expect(mattersOf({ ...NOTHING, alerts }).map(({ jobId }) => jobId)).toEqual(["b", "d", "a", "c"]);
  });

  it("offers to stop what stands still, and says once that nobody knows of a message", () => {
    const stuck = job({ name: "Copy", state: { runningAtMs: 1 } });
    const alert = { id: "a", jobId: stuck.id, cause: "stalled", openedAtMs: 1, occurrences: 1 } as never;
    const [first] = mattersOf({ ...NOTHING, alerts: [alert], jobs: [stuck] });
    expect(first?.deeds.map(({ label }) => label)).toEqual(["Acknowledge", "Snooze 1 h", "Stop", "Disable"]);
    const notices = [{ code: "DELIVERY_UNKNOWN", message: "m", firstAtMs: 1, lastAtMs: 1, times: 1 }];
    const unknown = { deliveryId: "d", state: "unknown", lane: "announce/irc/#ops", updatedAtMs: 1 } as never;
    const titles = (messages: never[]) =>
      mattersOf({ ...NOTHING, status: status({ notices }), messages }).map(({ title }) => title);
    expect(titles([unknown])).toEqual(["Did the message to irc #ops arrive?"]);
    expect(titles([])).toEqual(["Delivery unknown"]);
  });

  it("says for how long there is no progress by now, not when the incident began", () => {
    const alert = { id: "a", jobId: "j", cause: "stalled", about: "no progress for 1 min", occurrences: 1 } as never;
    const progress = { atMs: 0, elapsedMs: 0, movedAtMs: 0, stalled: true, message: "mailbox 3" } as const;
    const running = [run({ jobId: "j", runStatus: "running", progress })];
    const textOf = (nowMs: number) => mattersOf({ ...NOTHING, nowMs, alerts: [alert], running })[0]?.text;
    expect(textOf(120_000)).toMatch(/^no progress for 2 min, at mailbox 3/);
    expect(textOf(960_000)).toMatch(/^no progress for 16 min, at mailbox 3/);
  });

  it("is why the service is degraded, in words", () => {
    const over = { code: "RESTORED", message: "a backup", firstAtMs: 1, lastAtMs: 1, times: 1 };
    const lasting = { ...over, code: "JOB_OFF_TIME", message: "mail queue: missed" };
    const degraded = (change: Partial<Status>) => troubleText(status({ state: "degraded", ...change }));
    expect(degraded({ notices: [over, lasting] })).toBe("service degraded: mail queue: missed");
    expect(degraded({ problems: [{ code: "X", message: "no runner", sinceMs: 1 }] })).toBe(
      "service degraded: no runner",
    );
    expect([codeText("JOB_OFF_TIME"), codeText("LEDGER_WAS_DOWN")]).toEqual(["Job not on time", "Ledger was down"]);
  });

  it("is not that a job has done its work", () => {
    const done = { reason: "until", atMs: 1, consecutiveErrors: 0 } as const;
    const gone = { reason: "consecutive-failures", atMs: 1, consecutiveErrors: 9 } as const;
    const jobs = [
      job({ name: "Done", enabled: false, state: { autoDisabled: done } }),
      job({ name: "Gone", enabled: false, state: { autoDisabled: gone } }),
    ];
    expect(mattersOf({ ...NOTHING, jobs }).map(({ title }) => title)).toEqual([
      "Gone was switched off after 9 failures",
    ]);
  });

  it("is no incident that somebody knows of; it stays to be read, with who knows and how long it is quiet", () => {
    const known = { id: "a", jobId: "j", cause: "exit:1", openedAtMs: 1, occurrences: 1, ackedAtMs: 2, ackedBy: "cli" };
    const matters = mattersOf({ ...NOTHING, alerts: [{ ...known, snoozedUntilMs: 3_600_000 } as never] });
    expect(urgent(matters)).toBe(0);
    expect(matters[0]?.text).toMatch(/^Known since .* \(cli\)\.\nQuiet until .*\.\nNobody is told of it\.$/);
    expect(matters[0]?.deeds.map(({ label }) => label)).toEqual(["Snooze 1 h"]);
  });

  it("is a job that was switched off, once, whether or not an incident is open", () => {
    const off = job({
      enabled: false,
      state: { autoDisabled: { reason: "consecutive-failures", atMs: 3, consecutiveErrors: 5 } },
    });
    const alert = { id: "a", jobId: off.id, cause: "lost", openedAtMs: 1, occurrences: 1 } as never;
    expect(mattersOf({ ...NOTHING, jobs: [off] })).toMatchObject([{ tone: "bad", sinceMs: 3 }]);
    expect(mattersOf({ ...NOTHING, jobs: [off], alerts: [alert] })).toHaveLength(1);
  });

  it.each([
    ["exit:3", "fails with exit code 3"],
    ["signal:SIGKILL", "is ended by SIGKILL"],
    ["timed_out", "runs into its time limit"],
    ["silent", "has not run well for too long"],
    ["missed:outside_window", "did not run when it should have"],
    ["skipped:overlap", "does not run: an earlier run still went on"],
    ["start:PROGRAM_NOT_FOUND", "cannot be started: program not found"],
    ["something_new", "something new"],
  ])("an incident by %s %s", (cause, text) => {
    expect(causeText(cause)).toBe(text);
  });

  it("that nobody is told of, is said once", () => {
    const failing = job({ name: "Backup" });
    const alert = { id: "a", jobId: failing.id, cause: "exit:1", openedAtMs: 1, occurrences: 1 } as never;
    const notice = { code: "JOB_FAILING", message: "Backup: exit code 1", lastAtMs: 2, times: 1 };
    const status = (message: string) => ({ ...NOTHING.status, notices: [{ ...notice, message }] }) as never;
    const titles = (message: string) =>
      mattersOf({ ...NOTHING, jobs: [failing], alerts: [alert], status: status(message) }).map(({ title }) => title);
    expect(titles("Backup: exit code 1")).toEqual(["Backup fails with exit code 1"]);
    expect(titles("Other: exit code 1")).toHaveLength(2);
  });

  it("is no notice of what is over, save a gap that nobody has filled", () => {
    expect([...OVER, "OCCURRENCE_GAP"].sort()).toEqual([...EVENTS].sort());
  });
});

describe("a run that asks to be approved", () => {
  const request = {
    runId: "7c1e0000-1111",
    attempt: 1,
    jobId: "a",
    jobName: "Deploy",
    state: "waiting",
    risk: "write_external",
    command: "./deploy.sh",
    hash: "3f9a0c12be77aaaa",
    plan: "3 files",
    requestedAtMs: 1,
    expiresAtMs: 3_600_000,
  } as const;

  it("waits for a person, with what is asked and the lines that decide it", () => {
    const [matter] = mattersOf({ ...NOTHING, approvals: [request] });
    expect(matter).toMatchObject({
      tone: "warn",
      title: "Deploy asks to be approved: it changes an external system",
      jobId: "a",
    });
    expect(matter?.command).toContain("./deploy.sh");
    expect(matter).toMatchObject({ quote: "3 files", untilMs: 3_600_000 });
    expect(matter?.deeds.map(({ method, command }) => [method, command])).toEqual([
      ["approve", "command-cron approve 7c1e0000 --hash 3f9a0c12be77"],
      ["reject", 'command-cron reject 7c1e0000 --reason "…"'],
    ]);
  });

  it("comes before everything else, what ends first at the top", () => {
    const failing = { id: "x", jobId: "x", cause: "exit:1", openedAtMs: 1, occurrences: 1 } as never;
    const soon = { ...request, jobName: "Soon", expiresAtMs: 1_000 };
    const matters = mattersOf({ ...NOTHING, alerts: [failing], approvals: [request, soon] });
    expect(matters.map(({ title }) => title.split(" ")[0])).toEqual(["Soon", "Deploy", "x"]);
  });

  it("has nothing to decide while its plan runs", () => {
    const { hash: _hash, ...preparing } = request;
    expect(mattersOf({ ...NOTHING, approvals: [{ ...preparing, state: "preparing" }] })[0]?.deeds).toEqual([]);
  });
});
