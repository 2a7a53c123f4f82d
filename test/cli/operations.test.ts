import { describe, expect, it } from "vitest";
import type { EngineApi, StatusReport } from "../../src/engine/api.ts";
import { CommandCronError } from "../../src/kernel/errors.ts";
import { JOB } from "../rpc/recording-engine.ts";
import { delivery } from "./entries.ts";
import { command, NOW } from "./terminal.ts";

const page = { total: 1, offset: 0, limit: 50, hasMore: false, nextOffset: null };

describe("next", () => {
  const instants = [
    { atMs: NOW, utc: "", local: "2027-03-28 03:00:00", offset: "+02:00", change: "gap" },
    { atMs: NOW + 60_000, utc: "", local: "2027-03-28 03:01:00", offset: "+02:00" },
  ];
  const answers: Partial<EngineApi> = { next: () => ({ instants, timeZone: "Europe/Berlin" }) };

  it("marks clock changes and names the zone", async () => {
    const { stdout, stderr } = await command(["next", "Disk"], { answers });
    expect(stdout.split("\n")).toEqual([
      "  2027-03-28 03:00:00 +02:00  2027-01-15 12:00:00Z  now  the clock has gone forward",
      "  2027-03-28 03:01:00 +02:00  2027-01-15 12:01:00Z  in 1 min",
      "",
    ]);
    expect(stderr).toBe("time zone: Europe/Berlin\n");
  });

  it.each([
    ["*/5 * * * *", { schedule: { kind: "cron", expr: "*/5 * * * *" } }],
    ["0 0 3 * * MON", { schedule: { kind: "cron", expr: "0 0 3 * * MON" } }],
    ["every 10m", { schedule: { kind: "every", everyMs: 600_000 } }],
    ["20m", { schedule: { kind: "at", at: new Date(NOW + 1_200_000).toISOString() } }],
    ["2027-02-01T09:00:00Z", { schedule: { kind: "at", at: "2027-02-01T09:00:00Z" } }],
    ["Disk", { id: "Disk" }],
    ["5b1c0f6e", { id: "5b1c0f6e" }],
    ["Check all of the disks", { id: "Check all of the disks" }],
    ["every day", { id: "every day" }],
  ])("tells that %j is %j", async (text, params) => {
    expect((await command(["next", text])).asked).toEqual([["next", params]]);
  });

  it("takes count and zone", async () => {
    const { asked } = await command(["next", "30 2 * * *", "--tz", "Europe/Berlin", "--count", "3"]);
    expect(asked).toEqual([
      ["next", { schedule: { kind: "cron", expr: "30 2 * * *", tz: "Europe/Berlin" }, count: 3 }],
    ]);
  });

  it("says when nothing comes any more", async () => {
    const none: Partial<EngineApi> = { next: () => ({ instants: [], timeZone: "UTC" }) };
    expect((await command(["next", "Disk"], { answers: none })).stdout).toBe("Never again.\n");
    expect(JSON.parse((await command(["next", "Disk", "--json"], { answers: none })).stdout)).toEqual({
      instants: [],
      timeZone: "UTC",
    });
  });
});

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
    runs: { queued: 1, running: 2 },
    deliveries: { pending: 2, sent: 9, dead: 0 },
    lanes: [{ lane: "irc #ops", pending: 0 }],
    alerts: 0,
    notices: [],
    audit: { atMs: NOW - 60_000, jobs: 4, gaps: 0 },
    runner: { state: "connected", pid: 42, running: 2, rssBytes: 41 * 1_048_576, draining: 0 },
    routing: { mode: "route", active: true, detail: "cron.add" },
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
      /^openclaw cron: routed here: cron.add$/m,
    ]) {
      expect(stdout).toMatch(line);
    }
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
        nextWakeAtMs: null,
        notices: [notice],
        audit: { atMs: NOW, jobs: 4, gaps: 2 },
        setAside: [{ id: "x", name: "Bad", reason: "row cannot be read" }],
        lanes: [
          { lane: "irc #ops", pending: 3, oldestAtMs: NOW - 60_000, pausedAtMs: NOW },
          { lane: "https://x", pending: 0, disabledAtMs: NOW, reason: "410 Gone" },
        ],
        runner: { state: "down", running: 0, draining: 1, sharesServiceCgroup: true },
        routing: { mode: "off", active: false, detail: "by config" },
      }),
    });
    expect(code).toBe(1);
    for (const line of [
      /^next: +nothing due$/m,
      /^audit: +now, 4 jobs, 2 gaps$/m,
      /^lane: +irc #ops: 3 waiting, oldest 1 min ago, paused$/m,
      /^lane: +https:\/\/x: 0 waiting, disabled by its receiver \(410 Gone\)$/m,
      /^set aside: +Bad \(x\): row cannot be read$/m,
      /^notice: +OCCURRENCE_GAP: one instant \(3 times, last 1 min ago\)$/m,
      /^runner: +down, 1 older still finishing$/m,
      /^runner: +ends with the gateway's service; see `command-cron doctor`$/m,
      /^openclaw cron: off: by config$/m,
    ]) {
      expect(stdout).toMatch(line);
    }
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
    expect(stdout).toMatch(/^open {4}5b1c0f6e {2}exit 3 {2}4 {6}1 min ago {2}- {7}30 s ago$/m);
    expect(asked).toEqual([["alerts", { id: "Disk", openOnly: false, limit: 2, offset: 0 }]]);
    expect((await command(["alerts"])).stdout).toBe("No alerts.\n");
  });
});

describe("deliveries and lanes", () => {
  const answers: Partial<EngineApi> = {
    listDeliveries: () => ({ deliveries: [delivery(), delivery({ state: "sent", custody: "gateway" })], ...page }),
    getDelivery: () => delivery({ state: "sent", messageIds: ["m-1"], text: "disk full\u001b[2J\n" }),
    dropDelivery: () => delivery({ state: "dead" }),
    settleDelivery: () => delivery({ state: "sent" }),
  };

  it("list state, tries, age and reason", async () => {
    const flags = [
      "--job",
      "Disk",
      "--run-id",
      "7c",
      "--state",
      "open",
      "--to",
      "irc #ops",
      "--limit",
      "5",
      "--offset",
      "1",
    ];
    const { stdout, asked } = await command(["deliveries", "list", ...flags], { answers });
    expect(stdout).toMatch(
      /^91b0aa12 {2}result {2}pending {9}2 {6}2 min ago {2}in 30 s {3}7c1e54d0 {2}announce irc #ops {2}connection refused$/m,
    );
    expect(stdout).toContain("sent (gateway)");
    expect(asked).toEqual([
      ["deliveries", { id: "Disk", runId: "7c", state: "open", destination: "irc #ops", limit: 5, offset: 1 }],
    ]);
    expect((await command(["deliveries", "list"])).stdout).toBe("No deliveries.\n");
  });

  it("show one with text and receipts, safe to print", async () => {
    const { stdout } = await command(["deliveries", "show", "91b0"], { answers });
    expect(stdout).toMatch(/^message ids: m-1$/m);
    expect(stdout).toContain("text:\n  disk full\n");
    expect(JSON.parse((await command(["deliveries", "show", "91b0", "--json"], { answers })).stdout)).toMatchObject({
      state: "sent",
    });
  });

  it("are retried one by one, by destination or all", async () => {
    expect(await command(["deliveries", "retry", "91b0"])).toMatchObject({
      stdout: "Trying 1 delivery now.\n",
      code: 0,
    });
    expect((await command(["deliveries", "retry", "--to", "irc #ops"])).asked).toEqual([
      ["deliveries.retry", { destination: "irc #ops" }],
    ]);
    expect((await command(["deliveries", "retry", "--all"])).asked).toEqual([["deliveries.retry", { all: true }]]);
    expect((await command(["deliveries", "retry"])).code).toBe(2);
    expect((await command(["deliveries", "retry", "91b0", "--all"])).code).toBe(2);
  });

  it("are dropped, and settled as sent or resend only", async () => {
    expect((await command(["deliveries", "drop", "91b0"], { answers })).stdout).toMatch(/^state: +dead$/m);
    const settled = await command(["deliveries", "settle", "91b0", "sent"], { answers });
    expect(settled.asked).toEqual([["deliveries.settle", { deliveryId: "91b0", as: "sent" }]]);
    const lost = await command(["deliveries", "settle", "91b0", "lost"], { answers });
    expect(lost).toMatchObject({ code: 2, asked: [] });
  });

  it.each(["deliveries", "lanes"])("%s pause and resume a destination", async (group) => {
    expect(await command([group, "pause", "irc #ops"])).toMatchObject({
      stdout: "Paused irc #ops.\n",
      asked: [["lanes.pause", { destination: "irc #ops" }]],
    });
    expect((await command([group, "resume", "irc #ops"])).stdout).toBe("Resumed irc #ops.\n");
  });

  it("lanes are listed with their state", async () => {
    expect((await command(["lanes", "list"])).stdout).toMatch(/^irc #ops {2}open {3}0 /m);
  });
});

describe("report", () => {
  const WHO = ["--team", "core", "--worker", "w1", "--task-id", "T-17"];

  it("hands every field over byte for byte", async () => {
    const fields = [
      "--progress",
      "3 of 7",
      "--done",
      "完成 ✅ ",
      "--next",
      "النص",
      "--status",
      "blocked",
      "--source",
      "checkpoint-complete",
    ];
    const target = ["--channel", "IRC", "--to", "#ops", "--account", "a", "--thread-id", "5"];
    const { asked, stdout } = await command(["report", ...WHO, ...fields, ...target]);
    expect(asked).toEqual([
      [
        "report",
        {
          team: "core",
          worker: "w1",
          taskId: "T-17",
          progress: "3 of 7",
          done: "完成 ✅ ",
          next: "النص",
          status: "blocked",
          source: "checkpoint-complete",
          to: { mode: "announce", channel: "irc", to: "#ops", accountId: "a", threadId: "5" },
        },
      ],
    ]);
    expect(stdout).toBe("Queued delivery d-1.\n");
  });

  it("dry run prints the text and names what would go first", async () => {
    const answers: Partial<EngineApi> = { report: async () => ({ text: "the report", wouldSendFirst: "d-0" }) };
    const { stdout, stderr, asked } = await command(["report", ...WHO, "--dry-run"], { answers });
    expect(stdout).toBe("the report\n");
    expect(stderr).toBe("Would send first: d-0\n");
    expect(asked[0]?.[1]).toMatchObject({ dryRun: true, status: "normal", source: "manual-checkpoint" });
  });

  it("needs to know who reports, and one kind of destination", async () => {
    expect((await command(["report", "--team", "core"])).stderr).toContain("--worker: ");
    const both = await command(["report", ...WHO, "--webhook", "https://x", "--to", "#ops"]);
    expect(both).toMatchObject({ code: 2, asked: [] });
    expect((await command(["report", ...WHO, "--webhook", "https://x"])).asked[0]?.[1]).toMatchObject({
      to: { mode: "webhook", to: "https://x" },
    });
  });
});

describe("export and import", () => {
  it("export prints, or writes a new file", async () => {
    expect(JSON.parse((await command(["export"])).stdout)).toEqual({ version: 1, jobs: [] });
    const written = await command(["export", "--output", "jobs.json"]);
    expect(JSON.parse(written.files["jobs.json"] ?? "")).toEqual({ version: 1, jobs: [] });
    expect(written.stdout).toBe("Wrote 0 jobs to jobs.json.\n");
  });

  const plan = [
    { action: "create" as const, name: "Disk", detail: "" },
    { action: "refused" as const, name: "", detail: "payload.argv: …" },
  ];

  it("import plans first, and fails when something is refused", async () => {
    const answers: Partial<EngineApi> = { importJobs: async (_file, { apply }) => ({ plan, applied: apply }) };
    const files = { "jobs.json": '{"version": 1, "jobs": [ /* none */ ], }' };
    const session = await command(["import", "jobs.json"], { answers, files });
    expect(session.asked).toEqual([["import", { file: { version: 1, jobs: [] }, format: "jobs" }]]);
    expect(session.stdout).toMatch(/^create {3}Disk {2}-$/m);
    expect(session.stderr).toBe("Nothing was changed; --apply does it.\n");
    expect(session.code).toBe(1);
    const applied = await command(["import", "jobs.json", "--apply"], { answers, files });
    expect(applied).toMatchObject({ stderr: "", asked: [["import", { apply: true }]] });
  });

  it("import hands other formats over as text", async () => {
    const files = { tab: "* * * * * true\n" };
    const { asked, stdout } = await command(["import", "tab", "--format", "crontab"], { files });
    expect(asked).toEqual([["import", { file: "* * * * * true\n", format: "crontab" }]]);
    expect(stdout).toBe("Nothing to do.\n");
  });

  it.each([
    [["import", "jobs.json"], "Expected JSON."],
    [["import", "x", "--format", "yaml"], "--format: "],
  ])("%j of a file that cannot be read is refused", async (args, message) => {
    const { stderr, code, asked } = await command(args, { files: { "jobs.json": "jobs: []" } });
    expect(stderr).toContain(message);
    expect({ code, asked }).toEqual({ code: 2, asked: [] });
  });
});

describe("adopt and release", () => {
  const report = { plan: [{ action: "move", id: JOB.id, name: "Disk", detail: "" }], applied: false };
  const call = async () => report;

  it("dry runs change nothing and say how to go on", async () => {
    const { asked, stdout, stderr } = await command(["adopt", "--all", "--dry-run"], { call });
    expect(asked).toEqual([["adopt", { all: true, apply: false }]]);
    expect(stdout).toMatch(/^move {4}5b1c0f6e Disk {2}-$/m);
    expect(stderr).toBe("Nothing was changed; the same without --dry-run does it.\n");
  });

  it("move what is named", async () => {
    expect((await command(["release", "Disk"], { call })).asked).toEqual([["release", { id: "Disk", apply: true }]]);
    expect((await command(["release"], { call })).code).toBe(2);
    expect((await command(["release", "Disk", "--all"], { call })).code).toBe(2);
  });
});

describe("backup, check and restore", () => {
  it("backup names the file it wrote", async () => {
    expect(await command(["backup"])).toMatchObject({ stdout: "Wrote 1 bytes to /backup.\n", asked: [["backup", {}]] });
    expect((await command(["backup", "/b.sqlite"])).asked).toEqual([["backup", { file: "/b.sqlite" }]]);
  });

  it("check ends with 1 when something is wrong", async () => {
    expect(await command(["check"])).toMatchObject({ code: 0, stdout: "The ledger is sound.\n" });
    const broken: Partial<EngineApi> = { checkLedger: async () => ({ problems: ["row 5 is missing"] }) };
    expect(await command(["check"], { answers: broken })).toMatchObject({ code: 1, stdout: "row 5 is missing\n" });
  });

  it("restore asks no gateway, and names what it put in place and what it kept", async () => {
    const files: string[] = [];
    const restore = async (file: string) => {
      files.push(file);
      return { restored: "/state/ledger.sqlite", replaced: "/state/ledger.replaced.sqlite" };
    };
    const { code, stdout, asked } = await command(["restore", "/b.sqlite"], { restore });
    expect({ code, asked, files }).toEqual({ code: 0, asked: [], files: ["/b.sqlite"] });
    expect(stdout).toBe("restored: /state/ledger.sqlite\nkept:     /state/ledger.replaced.sqlite\n");
    expect(JSON.parse((await command(["restore", "/b.sqlite", "--json"], { restore })).stdout)).toHaveProperty(
      "replaced",
    );
  });

  it("restore is refused while a gateway runs on the state directory", async () => {
    const restore = async () => {
      throw new CommandCronError("STATE_OWNED");
    };
    expect(await command(["restore", "/b"], { restore })).toMatchObject({ code: 1, stdout: "" });
  });
});

describe("what goes wrong on the way", () => {
  it("is told once, with the exit code of a failure", async () => {
    const call = async () => {
      throw new CommandCronError("GATEWAY_UNREACHABLE", { got: "nothing listens at ws://127.0.0.1:1" });
    };
    const { code, stderr, stdout } = await command(["list"], { call });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: the gateway does not answer\. Got nothing listens/);
    expect(stdout).toBe("");
  });

  it("names the plugin when the gateway has never heard of it", async () => {
    const call = async () => {
      throw Object.assign(new Error("unknown method: cron.command.list"), { gatewayCode: "INVALID_REQUEST" });
    };
    expect((await command(["list"], { call })).stderr).toContain("the gateway does not know command-cron.");
  });

  it("keeps the gateway's own words and code", async () => {
    const call = async () => {
      throw Object.assign(new Error("missing scope: operator.admin"), {
        gatewayCode: "FORBIDDEN",
        details: { code: "MISSING_SCOPE" },
      });
    };
    const { stdout, stderr } = await command(["rm", "x", "--json"], { call });
    expect(stderr).toBe("error: missing scope: operator.admin\n");
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: "MISSING_SCOPE" } });
  });

  it("cannot smuggle control sequences into the terminal", async () => {
    const call = async () => {
      throw new Error("bad \u001b[2Jthing\nerror: fake");
    };
    expect((await command(["list"], { call })).stderr).toBe("error: bad thing error: fake\n");
  });
});

describe("JSON", () => {
  it("has nothing in it that a terminal might act on, and is still the same value", async () => {
    const name = "a\u009b31m\u202e\u007f\u001b[2J";
    const { stdout } = await command(["get", "x"], { answers: { getJob: () => ({ ...JOB, name }) } });
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(JSON.parse(stdout).name).toBe(name);
  });
});

describe("the command line", () => {
  it("hands connection flags to the gateway client", async () => {
    const flags = ["--url", "ws://x", "--port", "5", "--token", "t", "--password", "p", "--timeout", "1500"];
    expect((await command(["list", ...flags])).connections).toEqual([
      { url: "ws://x", port: "5", token: "t", password: "p", timeoutMs: 1_500 },
    ]);
    expect((await command(["list"])).connections).toEqual([{ timeoutMs: 30_000 }]);
  });

  it.each([["cancel", "x"], ["rm", "x"], ["disable", "x"], ["backup"], ["adopt", "--all"]])(
    "%s %s waits longer: it answers when all is done",
    async (...args) => {
      expect((await command(args)).connections).toEqual([{ timeoutMs: 600_000 }]);
    },
  );

  it.each([
    [["lst"], "error: unknown command 'lst'"],
    [["list", "--nope"], "error: unknown option '--nope'"],
    [["get"], "error: missing required argument 'id'"],
    [["get", "a", "b"], "error: too many arguments"],
    [["list", "--timeout", "soon"], "error: --timeout: "],
    [["deliveries", "frobnicate"], "error: unknown command 'frobnicate'"],
  ])("%j ends with 2", async (args, message) => {
    const { code, stderr, asked } = await command(args);
    expect(stderr).toContain(message);
    expect({ code, asked }).toEqual({ code: 2, asked: [] });
  });

  it("--help ends with 0", async () => {
    const { code, stdout } = await command(["--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain("Usage: command-cron");
  });
});
