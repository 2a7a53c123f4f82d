import { describe, expect, it } from "vitest";
import { JOB } from "../rpc/recording-engine.ts";
import { command, NOW } from "./terminal.ts";

/** The job a command line asks for, as the engine gets it. */
async function created(...args: string[]): Promise<Record<string, unknown>> {
  const session = await command(["create", ...args]);
  expect(session.stderr).toBe("");
  expect(session.code).toBe(0);
  return session.calls[0]?.args[0] as Record<string, unknown>;
}

const refused = async (...args: string[]) => {
  const session = await command(["create", ...args]);
  expect(session.calls).toEqual([]);
  return { code: session.code, stderr: session.stderr };
};

const RUN = ["--command", "true"];

describe("the gateway's own create line", () => {
  it("becomes the same job here", async () => {
    const job = await created(
      "*/15 * * * *",
      "--name",
      "Queue depth probe",
      "--command",
      "scripts/check-queue.sh",
      "--command-cwd",
      "/srv/app",
      "--webhook",
      "https://ops.example/hook",
    );
    expect(job).toEqual({
      name: "Queue depth probe",
      enabled: true,
      schedule: { kind: "cron", expr: "*/15 * * * *" },
      sessionTarget: "isolated",
      wakeMode: "now",
      payload: { kind: "command", argv: ["sh", "-lc", "scripts/check-queue.sh"], cwd: "/srv/app" },
      delivery: { mode: "webhook", to: "https://ops.example/hook" },
    });
  });

  it("takes every flag of a command job", async () => {
    const job = await created(
      ...["Probe", "--cron", "0 0 3 * * *", "--tz", "Europe/Berlin", "--stagger", "1m30s"],
      ...["--display-name", "The probe", "--description", "Looks", "--declaration-key", "probe", "--disabled"],
      ...[
        "--command-argv",
        '["printf","%s",""]',
        "--command-env",
        "A=1",
        "--command-env",
        "B=x=y",
        "--command-input",
        " in ",
      ],
      ...["--timeout-seconds", "0", "--no-output-timeout-seconds", "5.5", "--output-max-bytes", "1000"],
      ...[
        "--announce",
        "--channel",
        "IRC",
        "--to",
        "#ops",
        "--account",
        "work",
        "--thread-id",
        "17",
        "--best-effort-deliver",
      ],
      ...[
        "--delete-after-run",
        "--agent",
        "Main",
        "--session",
        "session:agent:main:x",
        "--session-key",
        "k",
        "--wake",
        "next-heartbeat",
      ],
    );
    expect(job).toEqual({
      name: "Probe",
      displayName: "The probe",
      description: "Looks",
      declarationKey: "probe",
      enabled: false,
      deleteAfterRun: true,
      agentId: "main",
      sessionKey: "k",
      sessionTarget: "session:agent:main:x",
      wakeMode: "next-heartbeat",
      schedule: { kind: "cron", expr: "0 0 3 * * *", tz: "Europe/Berlin", staggerMs: 90_000 },
      payload: {
        kind: "command",
        argv: ["printf", "%s", ""],
        env: { A: "1", B: "x=y" },
        input: " in ",
        timeoutSeconds: 0,
        noOutputTimeoutSeconds: 5.5,
        outputMaxBytes: 1_000,
      },
      delivery: { mode: "announce", channel: "irc", to: "#ops", accountId: "work", threadId: 17, bestEffort: true },
    });
  });
});

describe("a schedule", () => {
  it.each([
    [["0 3 * * *", "--name", "x"], { kind: "cron", expr: "0 3 * * *" }],
    [["0 0 3 * * *", "--name", "x", "--exact"], { kind: "cron", expr: "0 0 3 * * *", staggerMs: 0 }],
    [["every 10m", "--name", "x"], { kind: "every", everyMs: 600_000 }],
    [["x", "--every", "1h30m"], { kind: "every", everyMs: 5_400_000 }],
    [["20m", "--name", "x"], { kind: "at", at: new Date(NOW + 1_200_000).toISOString() }],
    [["x", "--at", "+2d"], { kind: "at", at: new Date(NOW + 172_800_000).toISOString() }],
    [["2027-02-01T09:00:00Z", "--name", "x"], { kind: "at", at: "2027-02-01T09:00:00Z" }],
    [["x", "--at", "2027-02-01T09:00:00"], { kind: "at", at: "2027-02-01T09:00:00" }],
    [["x", "--at", "2027-02-01T09:00:00", "--tz", "Europe/Berlin"], { kind: "at", at: "2027-02-01T08:00:00.000Z" }],
    [["x", "--at", "2027-07-01", "--tz", "America/New_York"], { kind: "at", at: "2027-07-01T04:00:00.000Z" }],
    [
      ["x", "--at", "2027-02-01T09:00:00+05:00", "--tz", "Europe/Berlin"],
      { kind: "at", at: "2027-02-01T09:00:00+05:00" },
    ],
    [["x", "--at", "1801000000000"], { kind: "at", at: new Date(1_801_000_000_000).toISOString() }],
  ])("%j is read as the gateway reads it", async (args, schedule) => {
    expect((await created(...args, ...RUN))["schedule"]).toEqual(schedule);
  });

  it.each([
    [
      ["x", "--at", "2027-03-28T02:30:00", "--tz", "Europe/Berlin"],
      "2027-03-28T01:30:00.000Z",
      "skipped: later by the change",
    ],
    [
      ["x", "--at", "2027-10-31T02:30:00", "--tz", "Europe/Berlin"],
      "2027-10-31T00:30:00.000Z",
      "doubled: its first passing",
    ],
  ])("inside a clock change is one instant", async (args, at) => {
    expect((await created(...args, ...RUN))["schedule"]).toEqual({ kind: "at", at });
  });

  it.each([
    [["--name", "x"], "Expected a schedule"],
    [
      ["x", "--every", "10m", "--cron", "* * * * *"],
      "--cron, --every: the command line cannot be read. Expected exactly one schedule. Got 2.",
    ],
    [
      ["tomorrow", "--name", "x"],
      'Expected an ISO time such as `2027-01-31T09:00:00Z`, or a duration such as `20m`. Got "tomorrow".',
    ],
    [["x", "--every", "10"], 'Expected a duration such as `500ms`, `30s`, `20m`, `1h30m` or `2d`. Got "10".'],
    [
      ["x", "--every", "0s"],
      "--every: the command line cannot be read. Expected a duration longer than nothing. Got 0.",
    ],
    [
      ["x", "--every", "10m", "--tz", "UTC"],
      "--tz: the command line cannot be read. Expected --cron, or an --at without a zone. Got --every.",
    ],
    [["x", "--every", "10m", "--exact"], "Expected a cron schedule. Got --every."],
    [["20m", "--name", "x", "--stagger", "1m"], 'Expected a cron schedule. Got "20m".'],
    [["* * * * *", "--name", "x", "--stagger", "1m", "--exact"], "--stagger, --exact: "],
    [["x", "--at", " "], "--at: the command line cannot be read. Expected a text that is not blank."],
    [["x", "--at", "2027-02-31T09:00:00", "--tz", "Mars/Olympus"], "--tz: the time zone is unknown."],
  ])("%j is refused with exit 2 or 1 and a reason", async (args, message) => {
    const { code, stderr } = await refused(...args, ...RUN);
    expect(code).toBe(message.includes("time zone is unknown") ? 1 : 2);
    expect(stderr).toContain(`error: `);
    expect(stderr).toContain(message);
  });
});

describe("a command", () => {
  const AT = ["20m", "--name", "x"];
  it.each([
    [[], "--command, --command-argv: the command line cannot be read. Expected exactly one of them. Got neither."],
    [["--command", "a", "--command-argv", '["a"]'], "Expected exactly one of them. Got both."],
    [["--command", " "], "--command: the command line cannot be read. Expected a shell line. Got a blank text."],
    [["--command-argv", "ls"], "--command-argv: the command line cannot be read. Expected valid JSON."],
    [["--command-argv", "[]"], "Expected a JSON list of texts"],
    [["--command-argv", '["a",5]'], "Expected a JSON list of texts"],
    [
      ["--command", "a", "--command-env", "NOEQUALS"],
      "--command-env: the command line cannot be read. Expected KEY=VALUE. Got no `=`.",
    ],
    [["--command", "a", "--command-env", "=x"], "Expected KEY=VALUE. Got an empty name."],
    [["--command", "a", "--timeout-seconds", "-1"], 'Expected a number of at least 0. Got "-1".'],
    [["--command", "a", "--timeout-seconds", "Infinity"], 'Expected a number of at least 0. Got "Infinity".'],
    [["--command", "a", "--output-max-bytes", "0"], 'Expected a whole number of at least 1. Got "0".'],
    [["--command", "a", "--command-cwd", " "], "--command-cwd: "],
  ])("%j is refused with exit 2", async (args, message) => {
    const { code, stderr } = await refused(...AT, ...args);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  it("that the gateway refuses ends with exit 1 and its reason", async () => {
    const { code, stderr } = await refused(...AT, "--command-argv", '[""]');
    expect(code).toBe(1);
    expect(stderr).toBe(
      "error: payload.argv[0]: the parameters do not fit. Expected a program. Got an empty text. Correct the named field; `docs/rpc.md` lists the accepted ones.\n",
    );
  });

  it("needs a name, said once", async () => {
    expect((await refused("20m", ...RUN)).stderr).toContain(
      "--name: the command line cannot be read. Expected a job name. Got nothing.",
    );
    expect((await refused("x", "--every", "1m", "--name", "y", ...RUN)).stderr).toContain('Got "y" and "x".');
  });
});

describe("delivery", () => {
  const AT = ["20m", "--name", "x", ...RUN];
  it.each([
    [[], { mode: "announce" }],
    [["--no-deliver"], { mode: "none" }],
    [["--deliver"], { mode: "announce" }],
    [
      ["--channel", "slack", "--to", "C1", "--thread-id", "abc"],
      { mode: "announce", channel: "slack", to: "C1", threadId: "abc" },
    ],
  ])("%j becomes %j", async (args, delivery) => {
    expect((await created(...AT, ...args))["delivery"]).toEqual(delivery);
  });

  it.each([
    [
      ["--announce", "--no-deliver"],
      "--announce, --no-deliver: the command line cannot be read. Expected at most one of them. Got 2.",
    ],
    [["--webhook", "https://x", "--to", "#ops"], "--webhook: the command line cannot be read."],
    [["--delete-after-run", "--keep-after-run"], "--delete-after-run, --keep-after-run: "],
  ])("%j contradicts itself", async (args, message) => {
    const { code, stderr } = await refused(...AT, ...args);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  it.each([
    ["ftp://x", 'Got the scheme "ftp:".'],
    ["https://user:pass@x", "Got a URL with user name or password."],
    ["nonsense", "Got a text that is no URL."],
  ])("to %s is refused", async (address, message) => {
    const { code, stderr } = await refused(...AT, "--webhook", address);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("pass@");
    expect(code).toBe(1);
  });
});

describe("failure alerts and policies", () => {
  const AT = ["20m", "--name", "x", ...RUN];

  it("are taken flag by flag", async () => {
    const job = await created(
      ...AT,
      ...[
        "--failure-alert-after",
        "3",
        "--failure-alert-cooldown",
        "30m",
        "--failure-alert-channel",
        "IRC",
        "--failure-alert-to",
        "#ops",
      ],
      ...["--failure-alert-mode", "announce", "--failure-alert-account-id", "a", "--failure-alert-include-skipped"],
      ...[
        "--overlap",
        "buffer-one",
        "--misfire",
        "run_all",
        "--misfire-window",
        "2h",
        "--misfire-max",
        "5",
        "--pool",
        "heavy",
      ],
      ...[
        "--retry-max",
        "3",
        "--retry-delay",
        "1m",
        "--retry-factor",
        "1.5",
        "--retry-max-delay",
        "1h",
        "--retry-jitter",
        "0.2",
      ],
      ...["--retry-on", "1, timed_out", "--retry-deadline", "2h", "--auto-disable-after", "0"],
      ...["--stop-signal", "int", "--stop-grace-seconds", "2.5", "--leftovers", "report", "--on-gateway-exit", "stop"],
      ...[
        "--deliver-on",
        "failure",
        "--deliver-match",
        "ERR",
        "--deliver-stream",
        "stderr",
        "--env-inherit",
        "gateway",
      ],
      ...[
        "--env-pass",
        "A",
        "--env-pass",
        "B",
        "--policy",
        '{"limits":{"nice":5},"retry":{"maxAttempts":9,"factor":9}}',
      ],
    );
    expect(job["failureAlert"]).toEqual({
      after: 3,
      cooldownMs: 1_800_000,
      channel: "irc",
      to: "#ops",
      mode: "announce",
      accountId: "a",
      includeSkipped: true,
    });
    expect(job["policy"]).toEqual({
      overlap: "buffer_one",
      misfire: { mode: "run_all", windowSeconds: 7_200, max: 5 },
      pool: "heavy",
      retry: {
        maxAttempts: 3,
        delaySeconds: 60,
        factor: 1.5,
        maxDelaySeconds: 3_600,
        jitter: 0.2,
        on: [1, "timed_out"],
        deadlineSeconds: 7_200,
      },
      autoDisable: false,
      stopSignal: "SIGINT",
      stopGraceSeconds: 2.5,
      leftovers: "report",
      onGatewayExit: "stop",
      deliver: { on: "failure", match: "ERR", stream: "stderr" },
      env: { inherit: "gateway", pass: ["A", "B"] },
      limits: { nice: 5 },
    });
  });

  it("are absent when no flag asks for them, and off when asked", async () => {
    expect(await created(...AT)).not.toHaveProperty("policy");
    expect(await created(...AT)).not.toHaveProperty("failureAlert");
    expect((await created(...AT, "--no-failure-alert"))["failureAlert"]).toBe(false);
    expect((await created(...AT, "--failure-alert"))["failureAlert"]).toEqual({});
  });

  it.each([
    [["--retry-delay", "1m"], 2, "--retry-max: the command line cannot be read. Expected how many attempts"],
    [["--policy", "[]"], 2, "--policy: the command line cannot be read. Expected a JSON object. Got a list."],
    [["--policy", "{"], 2, "--policy: the command line cannot be read. Expected valid JSON."],
    [["--leftovers", "eat"], 2, "--leftovers: the command line cannot be read. Expected `kill`, `report`, `allow`."],
    [["--failure-alert-mode", "pigeon"], 2, "Expected `announce`, `webhook`."],
    [["--failure-alert-include-skipped", "--failure-alert-exclude-skipped"], 2, "Expected at most one of them."],
    [["--no-failure-alert", "--failure-alert-after", "2"], 2, "--no-failure-alert: "],
    [["--overlap", "maybe"], 1, "policy.overlap: the parameters do not fit."],
    [["--policy", '{"overlapp":"skip"}'], 1, "Expected a known field, perhaps `overlap`."],
    [["--deliver-match", "("], 1, "policy.deliver.match: the parameters do not fit. Expected a regular expression."],
  ])("%j is refused with exit %i", async (args, code, message) => {
    const answer = await refused(...AT, ...args);
    expect(answer.stderr).toContain(message);
    expect(answer.code).toBe(code);
  });
});

describe("what create prints", () => {
  const next = [1, 2, 3, 4].map((minute) => ({
    atMs: NOW + minute * 60_000,
    utc: `2027-01-15 12:0${minute}:00Z`,
    local: `2027-01-15 13:0${minute}:00`,
    offset: "+01:00",
  }));
  const addJob = async () => ({ job: JOB, created: true, updated: false, next });

  it("shows the job and its next three instants", async () => {
    const { stdout } = await command(["create", "every 1m", "--name", "Disk", ...RUN], { answers: { addJob } });
    expect(stdout).toMatch(new RegExp(`^id: +${JOB.id}$`, "m"));
    expect(stdout).toMatch(/^schedule: every 1 min$/m);
    expect(stdout).toMatch(/^command: +df -h$/m);
    expect(stdout.split("\n").filter((line) => line.startsWith("  2027-01-15"))).toEqual([
      "  2027-01-15 13:01:00 +01:00  2027-01-15 12:01:00Z  in 1 min",
      "  2027-01-15 13:02:00 +01:00  2027-01-15 12:02:00Z  in 2 min",
      "  2027-01-15 13:03:00 +01:00  2027-01-15 12:03:00Z  in 3 min",
    ]);
  });

  it("answers the method's JSON with --json", async () => {
    const { stdout } = await command(["create", "every 1m", "--name", "Disk", ...RUN, "--json"], {
      answers: { addJob },
    });
    expect(JSON.parse(stdout)).toEqual({ ...JOB, next });
  });

  it("tells a new declaration from a changed and an unchanged one", async () => {
    const declared = (made: boolean, updated: boolean) =>
      command(["create", "every 1m", "--name", "x", ...RUN, "--declaration-key", "k"], {
        answers: { addJob: async () => ({ job: JOB, created: made, updated, next }) },
      });
    expect((await declared(true, false)).stdout).toMatch(/^Created:/);
    expect((await declared(false, true)).stdout).toMatch(/^Updated:/);
    expect((await declared(false, false)).stdout).toMatch(/^Unchanged:/);
    const [call] = (await declared(true, false)).calls;
    expect(call?.args[0]).not.toHaveProperty("enabled");
  });

  it("puts a refusal into JSON as well, with the field", async () => {
    const { stdout, stderr, code } = await command([
      "create",
      "20m",
      "--name",
      "x",
      "--command-argv",
      '[""]',
      "--json",
    ]);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      error: { code: "INVALID_PARAMS", details: { field: "payload.argv[0]" } },
    });
    expect(stderr).toMatch(/^error: payload\.argv\[0\]/);
    expect(code).toBe(1);
  });
});
