import { describe, expect, it } from "vitest";
import { created, RUN, refused } from "./create-line.ts";

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
    [["--deliver-match", "("], 1, "policy.deliver.match: the parameters do not fit. Expected a regular expression"],
  ])("%j is refused with exit %i", async (args, code, message) => {
    const answer = await refused(...AT, ...args);
    expect(answer.stderr).toContain(message);
    expect(answer.code).toBe(code);
  });
});

describe("exit codes and until", () => {
  const AT = ["20m", "--name", "x", ...RUN];

  it("are taken flag by flag", async () => {
    const job = await created(
      ...AT,
      ...["--exit-code", "75=retry", "--exit-code", "24 = OK", "--until-exit-code", "0", "--until-match", "done|gone"],
    );
    expect(job["policy"]).toEqual({
      exitCodes: { "75": "retry", "24": "ok" },
      until: { exitCode: 0, match: "done|gone" },
    });
  });

  it("have Nagios' meanings, which single codes may change", async () => {
    const job = await created(...AT, "--check", "--exit-code", "1=ok");
    expect(job["policy"]).toEqual({ exitCodes: { "0": "ok", "1": "ok", "2": "fail", "3": "retry" } });
  });

  it("have a check, as a shell line or exact argv, with limits of its own", async () => {
    const limits = [
      "--verify-timeout",
      "2m",
      "--verify-attempts",
      "3",
      "--verify-delay",
      "500ms",
      "--verify-cwd",
      "/srv",
    ];
    const job = await created(...AT, "--verify", "pg_restore --list dump", ...limits);
    expect(job["policy"]).toEqual({
      verify: {
        argv: ["sh", "-lc", "pg_restore --list dump"],
        cwd: "/srv",
        timeoutSeconds: 120,
        attempts: 3,
        delaySeconds: 0.5,
      },
    });
    expect((await created(...AT, "--verify-argv", '["test","-s","x"]'))["policy"]).toEqual({
      verify: { argv: ["test", "-s", "x"] },
    });
    expect((await refused(...AT, "--verify-timeout", "2m")).stderr).toContain("--verify, --verify-argv");
    expect((await refused(...AT, "--verify", " ")).stderr).toContain("--verify: ");
    expect((await refused(...AT, "--verify-argv", "[1]")).stderr).toContain("--verify-argv: ");
    expect((await refused(...AT, "--verify-argv", '[""]')).stderr).toContain("policy.verify.argv[0]");
  });

  it("keep a state, afresh each day if asked", async () => {
    expect((await created(...AT, "--state"))["policy"]).toEqual({ state: true });
    expect((await created(...AT, "--state-daily"))["policy"]).toEqual({ state: { resetDaily: true } });
    expect((await created(...AT, "--ttl-days", "1.5"))["policy"]).toEqual({ ttlDays: 1.5 });
    expect((await created(...AT, "--contract", "status"))["policy"]).toEqual({ contract: "status" });
  });

  it("say what is wrong with a meaning", async () => {
    expect((await refused(...AT, "--exit-code", "75=again")).stderr).toContain("such as `75=retry`");
    expect((await refused(...AT, "--exit-code", "x=ok")).stderr).toContain("x=ok");
  });

  it("say what is expected of the job in time, and in which form its output arrives", async () => {
    const flags = ["--expect-start", "5m", "--expect-max", "1h", "--expect-ok", "2d", "--deliver-as", "text"];
    const { policy } = await created(...AT, ...flags, "--expect-missed");
    expect(policy).toEqual({
      expect: { missed: true, startWithinSeconds: 300, maxSeconds: 3_600, okWithinSeconds: 172_800 },
      deliver: { as: "text" },
    });
    expect((await created(...AT, "--no-expect-missed")).policy).toEqual({ expect: { missed: false } });
    expect((await created(...AT, "--expect-max", "1h")).policy).toEqual({ expect: { maxSeconds: 3_600 } });
  });

  it("ask for approval, with a plan", async () => {
    const plain = await created(...AT, "--risk", "write-local", "--approval");
    expect(plain["policy"]).toEqual({ risk: "write_local", approval: { required: true } });
    const all = await created(
      ...AT,
      ...["--approval-expires", "2h", "--approval-reason", "it restarts the shop"],
      ...["--plan-argv", '["list"]', "--plan-timeout", "5m"],
    );
    expect(all["policy"]).toEqual({
      approval: {
        required: true,
        expiresSeconds: 7_200,
        reason: "it restarts the shop",
        plan: { argv: ["list"], timeoutSeconds: 300 },
      },
    });
    expect((await refused(...AT, "--plan-timeout", "5m")).stderr).toContain("--plan-timeout");
  });

  it("have an agent asked, in the words of an agent's own commands", async () => {
    const ask = ["--ask", "change", "--ask-agent", "ops", "--ask-message", "Why?", "--ask-timeout-seconds", "60"];
    const asked = { mode: "agent", when: "change", agentId: "ops", message: "Why?", timeoutSeconds: 60 };
    expect((await created(...AT, ...ask))["delivery"]).toEqual({ mode: "announce", also: [asked] });
    const silent = [
      ...AT,
      "--no-deliver",
      "--ask",
      "always",
      "--ask-session-key",
      "agent:ops:disk",
      "--ask-to",
      "@ops",
    ];
    expect((await created(...silent))["delivery"]).toEqual({
      mode: "none",
      also: [{ mode: "agent", when: "always", sessionKey: "agent:ops:disk", to: "@ops" }],
    });
    expect((await refused(...AT, "--ask-agent", "ops")).stderr).toContain("always, failure, change");
    expect((await refused(...AT, "--ask", "sometimes")).code).toBe(2);
  });
});
