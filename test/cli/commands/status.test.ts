import { describe, expect, it } from "vitest";
import type { EngineApi, StatusReport, StoppedReport } from "../../../src/engine/api.ts";
import { CommandCronError } from "../../../src/kernel/errors.ts";
import { JOB } from "../../rpc/recording-engine.ts";
import { page } from "../entries.ts";
import { command, NOW } from "../terminal.ts";

describe("status", () => {
  const status: StatusReport = {
    enabled: true,
    state: "running",
    version: "1.2.3",
    jobs: 4,
    enabledJobs: 3,
    nextWakeAtMs: NOW + 60_000,
    storePath: "/state/ledger.sqlite",
    setAside: [],
    problems: [],
    runs: { queued: 1, awaiting: 0, running: 2 },
    approvals: { asks: false, detail: "not asked" },
    deliveries: { pending: 2, sent: 9, dead: 0 },
    lanes: [{ lane: "irc #ops", pending: 0 }],
    alerts: 0,
    notices: [],
    audit: { atMs: NOW - 60_000, jobs: 4, gaps: 0 },
    runner: { state: "connected", pid: 42, running: 2, rssBytes: 41 * 1_048_576, draining: 0, unresponsive: [] },
    routing: { mode: "route", active: true, detail: "cron.add" },
    gatewayJobs: { watched: 2, detail: "2 jobs are watched" },
    gatewayClient: { mode: "read", state: "idle", detail: "operator.read; connects when it is needed" },
    page: { tab: true, detail: 'tab "Command Cron" of the Control UI, at /command-cron' },
    concurrency: 8,
    pools: { heavy: 1 },
  };
  const of = (fields: Partial<StatusReport> = {}): Partial<EngineApi> => ({ status: () => ({ ...status, ...fields }) });

  it("is the service on one page", async () => {
    const { stdout, code } = await command(["status"], { answers: of() });
    expect(code).toBe(0);
    for (const line of [
      /^service: +running \(version 1.2.3\)$/m,
      /^jobs: +4, 3 enabled$/m,
      /^next: +in 1 min \(2027-01-15 12:01:00Z\)$/m,
      /^runs: +2 running, 1 queued, at most 8 at a time$/m,
      /^pools: +heavy 1$/m,
      /^deliveries: +2 pending, 9 sent$/m,
      /^audit: +1 min ago, 4 jobs, no gap$/m,
      /^runner: +connected \(pid 42\), 41 MiB$/m,
      /^openclaw cron: +routed here: cron.add$/m,
    ]) {
      expect(stdout).toMatch(line);
    }
  });

  it("tells of a service that could not start, and ends with 1", async () => {
    const problem = { code: "STATE_OWNED", message: "another gateway owns it. Stop it.", sinceMs: NOW - 60_000 };
    const stopped: StoppedReport = { enabled: true, state: "stopped", version: "1.2.3", problems: [problem] };
    const { stdout, code } = await command(["status"], { answers: { status: () => stopped as never } });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^service: +could not start \(version 1.2.3\); it tries again by itself$/m);
    expect(stdout).toMatch(/^problem: +STATE_OWNED: another gateway owns it. Stop it. \(since 1 min ago\)$/m);
  });

  it("says what needs a look and ends with 1", async () => {
    const notice = {
      code: "OCCURRENCE_GAP",
      key: "k",
      message: "one instant",
      firstAtMs: 1,
      lastAtMs: NOW - 60_000,
      times: 3,
    };
    const { stdout, code } = await command(["status"], {
      answers: of({
        state: "degraded",
        problems: [{ code: "STARTING_STUCK", message: "nothing is started: disk is full", sinceMs: NOW - 120_000 }],
        nextWakeAtMs: null,
        notices: [notice],
        audit: { atMs: NOW, jobs: 4, gaps: 2 },
        setAside: [{ id: "x", name: "Bad", reason: "row cannot be read" }],
        lanes: [
          { lane: "irc #ops", pending: 3, oldestAtMs: NOW - 60_000, pausedAtMs: NOW },
          { lane: "https://x", pending: 0, disabledAtMs: NOW, reason: "410 Gone" },
        ],
        runner: { state: "down", running: 0, draining: 1, unresponsive: [], sharesServiceCgroup: true },
        routing: { mode: "off", active: false, detail: "by config" },
      }),
    });
    expect(code).toBe(1);
    for (const line of [
      /^problem: +STARTING_STUCK: nothing is started: disk is full \(since 2 min ago\)$/m,
      /^next: +nothing due$/m,
      /^audit: +now, 4 jobs, 2 gaps$/m,
      /^lane: +irc #ops: 3 waiting, oldest 1 min ago, paused$/m,
      /^lane: +https:\/\/x: 0 waiting, disabled by its receiver \(410 Gone\)$/m,
      /^set aside: +Bad \(x\): row cannot be read$/m,
      /^notice: +OCCURRENCE_GAP: one instant \(3 times, last 1 min ago\)$/m,
      /^runner: +down, 1 older still finishing$/m,
      /^runner: +ends with the gateway's service; see `command-cron doctor`$/m,
      /^openclaw cron: +off: by config$/m,
    ]) {
      expect(stdout).toMatch(line);
    }
  });

  it("says that the runner starts commands itself, and why", async () => {
    const runner = {
      state: "connected" as const,
      pid: 7,
      running: 0,
      draining: 0,
      unresponsive: [],
      withoutStarter: "no perl",
    };
    const { stdout, code } = await command(["status"], { answers: of({ runner }) });
    expect(stdout).toMatch(/^runner: +connected \(pid 7\); starts commands itself: no perl$/m);
    expect(code).toBe(0);
  });

  it("says so when the ledger cannot be read", async () => {
    const unreadable = (): never => {
      throw new CommandCronError("LEDGER_UNAVAILABLE", { got: "SQLITE_IOERR (disk I/O error)" });
    };
    const session = await command(["status"], { answers: { status: unreadable } });
    expect(session).toMatchObject({ code: 1, stdout: "" });
    expect(session.stderr).toMatch(
      /^error: the ledger cannot be read or written. Got SQLITE_IOERR \(disk I\/O error\)/,
    );
  });

  it("is the whole report with --json", async () => {
    expect(JSON.parse((await command(["status", "--json"], { answers: of() })).stdout)).toEqual(status);
  });
});

describe("doctor and alerts", () => {
  it("ends with 1 when there is an error, with the way out beside it", async () => {
    const findings = [
      { check: "ledger", level: "ok" as const, detail: "sound" },
      { check: "disk", level: "error" as const, detail: "5 bytes free", action: "free disk space" },
    ];
    const { stdout, code } = await command(["doctor"], { answers: { doctor: async () => findings } });
    expect(stdout).toContain("error  disk    5 bytes free -> free disk space");
    expect(code).toBe(1);
    expect(await command(["doctor"])).toMatchObject({ code: 0, stdout: "Nothing found.\n" });
    expect(JSON.parse((await command(["doctor", "--json"])).stdout)).toEqual({ findings: [] });
  });

  it("lists open alerts, closed ones on request", async () => {
    const alert = {
      id: "a",
      jobId: JOB.id,
      cause: "exit 3",
      openedAtMs: NOW - 60_000,
      occurrences: 4,
      notifiedAtMs: NOW - 30_000,
    };
    const answers: Partial<EngineApi> = { alerts: () => ({ alerts: [alert, { ...alert, closedAtMs: NOW }], ...page }) };
    const { stdout, asked } = await command(["alerts", "Disk", "--all", "--limit", "2", "--offset", "0"], { answers });
    expect(stdout).toMatch(/^a {6}open {4}5b1c0f6e {2}exit 3 {2}4 {6}1 min ago {2}- {7}30 s ago {2}-$/m);
    expect(asked).toEqual([["alerts", { id: "Disk", openOnly: false, limit: 2, offset: 0 }]]);
    expect((await command(["alerts"])).stdout).toBe("No alerts.\n");
  });

  it("says of an alert whose it is, where it goes, and when nobody was told", async () => {
    const alert = { id: "a", jobId: JOB.id, jobName: "Disk", cause: "exit 3", openedAtMs: NOW, occurrences: 4 };
    const route = { mode: "announce" as const, channel: "irc", to: "#ops" };
    const answers: Partial<EngineApi> = { alerts: () => ({ alerts: [alert, { ...alert, route }], ...page }) };
    const { stdout } = await command(["alerts"], { answers });
    expect(stdout).toMatch(/^a +open +Disk +exit 3 .* nobody +-$/m);
    expect(stdout).toMatch(/^a +open +Disk +exit 3 .* not yet +announce irc #ops$/m);
  });

  it("says that an alert is known, or to be quiet, and until when", async () => {
    const alert = {
      id: "5b1c0f6e-1",
      jobId: JOB.id,
      jobName: "Disk",
      cause: "exit 3",
      openedAtMs: NOW,
      occurrences: 4,
    };
    const acked = { ...alert, ackedAtMs: NOW, ackedBy: "mia" };
    const known = await command(["alerts", "ack", "Disk"], { answers: { ackAlerts: () => ({ alerts: [acked] }) } });
    expect(known.stdout).toBe("Disk, exit 3: known to mia.\n");
    expect(known.asked).toEqual([["alerts.ack", { ref: "Disk" }]]);
    const snoozed = { ...alert, snoozedUntilMs: NOW + 3_600_000 };
    const answers: Partial<EngineApi> = { snoozeAlerts: () => ({ alerts: [snoozed] }) };
    const quiet = await command(["alerts", "snooze", "5b1c0f6e", "--for", "1h"], { answers });
    expect(quiet.stdout).toBe("Disk, exit 3: quiet, in 1 h.\n");
    expect(quiet.asked).toEqual([["alerts.snooze", { ref: "5b1c0f6e", untilMs: NOW + 3_600_000 }]]);
    const { asked } = await command(["alerts", "snooze", "Disk", "--until", "08:00"], { answers });
    const { untilMs } = (asked[0]?.[1] ?? {}) as { untilMs: number };
    expect(new Date(untilMs).getHours()).toBe(8);
    expect(untilMs - NOW).toBeGreaterThan(0);
    expect(untilMs - NOW).toBeLessThanOrEqual(25 * 3_600_000);
    for (const flags of [[], ["--for", "1h", "--until", "08:00"]])
      expect((await command(["alerts", "snooze", "Disk", ...flags], { answers })).code).toBe(2);
  });
});
