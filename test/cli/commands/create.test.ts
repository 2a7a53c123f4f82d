import { describe, expect, it } from "vitest";
import { JOB } from "../../rpc/recording-engine.ts";
import { created, RUN, refused } from "../create-line.ts";
import { command, NOW } from "../terminal.ts";

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
    [[], undefined],
    [["--to", "C1"], { mode: "announce", to: "C1" }],
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
    expect(JSON.parse(stdout)).toEqual({ ...JOB, next, warnings: [] });
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
