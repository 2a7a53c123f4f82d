import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import type { Job } from "../../../schema/wire/job.ts";
import type { EngineApi } from "../../../src/engine/api.ts";
import { JOB, jobNotFound } from "../../rpc/recording-engine.ts";
import { page, run } from "../entries.ts";
import { command, NOW } from "../terminal.ts";

const listing = (...jobs: Job[]): Partial<EngineApi> => ({ listJobs: () => ({ jobs, ...page }) });

describe("list", () => {
  it("is one aligned line a job", async () => {
    const { stdout, stderr } = await command(["list"], {
      answers: listing(
        { ...JOB, state: { nextRunAtMs: NOW + 240_000, lastRunAtMs: NOW - 5_000, lastRunStatus: "ok" } },
        {
          ...JOB,
          id: "b".repeat(36),
          name: "Backup",
          enabled: false,
          delivery: { mode: "announce", channel: "irc", to: "#ops" },
        },
      ),
    });
    expect(stdout.split("\n")).toEqual([
      "ID        Name    Schedule     Next      Last       Status    Delivery",
      "5b1c0f6e  Disk    every 1 min  in 4 min  5.0 s ago  ok        none",
      "bbbbbbbb  Backup  every 1 min  -         -          disabled  announce irc #ops",
      "",
    ]);
    expect(stderr).toBe("");
  });

  it.each<[Partial<Job>, string]>([
    [{ state: { runningAtMs: 1 } }, "running"],
    [{ state: { lastRunStatus: "error", consecutiveErrors: 3 } }, "error (3x)"],
    [{ state: { lastRunStatus: "error", consecutiveErrors: 1 } }, "error"],
    [{ state: { lastRunStatus: "ok", lastDeliveryStatus: "not-delivered" } }, "ok (not delivered)"],
    [{ state: {} }, "idle"],
    [
      { enabled: false, state: { autoDisabled: { reason: "consecutive-failures", atMs: 1, consecutiveErrors: 10 } } },
      "disabled (10x)",
    ],
  ])("tells the state of %j as the gateway does", async (fields, status) => {
    const { stdout } = await command(["list"], { answers: listing({ ...JOB, ...fields }) });
    expect(stdout).toContain(status);
    const json = await command(["list", "--json"], { answers: listing({ ...JOB, ...fields }) });
    expect(JSON.parse(json.stdout).jobs[0].status).toBe(status.split(" ")[0]);
  });

  it("hands over which jobs are meant, and shows their tags when they are asked about", async () => {
    const flags = ["--tag", "nightly", "--tag", "db", "--failing", "--slow", "--flaky", "--never-ran"];
    const more = ["--owner", "main", "--command", "dump", "--to", "#ops"];
    const { asked, stdout } = await command(["list", ...flags, ...more], {
      answers: listing({ ...JOB, tags: ["db", "nightly"] }),
    });
    const filter = { tags: ["nightly", "db"], failing: true, slow: true, flaky: true, neverRan: true };
    expect(asked).toEqual([["list", { ...filter, owner: "main", command: "dump", to: "#ops" }]]);
    expect(stdout).toMatch(/ Tags +Delivery\n.* db nightly +none\n/);
    expect((await command(["list"], { answers: listing({ ...JOB, tags: ["db"] }) })).stdout).not.toContain("db");
    expect((await command(["list", "--tag", " "])).code).toBe(2);
  });

  it("hands filters and paging to the gateway", async () => {
    const flags = [
      "--all",
      "--query",
      "x",
      "--status",
      "error",
      "--schedule-kind",
      "cron",
      "--sort",
      "updated",
      "--desc",
      "--limit",
      "5",
      "--offset",
      "10",
    ];
    const { asked } = await command(["list", ...flags]);
    expect(asked).toEqual([
      [
        "list",
        {
          includeDisabled: true,
          query: "x",
          lastRunStatus: "error",
          scheduleKind: "cron",
          sortBy: "updatedAtMs",
          sortDir: "desc",
          limit: 5,
          offset: 10,
        },
      ],
    ]);
  });

  it("says when there is more, and when there is nothing", async () => {
    const more = { listJobs: () => ({ jobs: [JOB], ...page, total: 70, hasMore: true, nextOffset: 1 }) };
    expect((await command(["list"], { answers: more })).stderr).toBe("1 of 70 jobs; more with --offset 1\n");
    expect((await command(["list"], { answers: listing() })).stdout).toBe("No command jobs.\n");
  });

  it("lets no job name move the cursor, change colours or break the table", async () => {
    const name = "\u001b[2J\u001b]0;title\u0007evil\r\nname\u202e\u0000 🧨";
    const { stdout } = await command(["list"], { answers: listing({ ...JOB, name }) });
    expect(stdout).toContain("evil name 🧨");
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f\u202e]/);
    expect(stdout.split("\n")).toHaveLength(3);
  });

  it("cuts long names at a character and keeps columns aligned with wide ones", async () => {
    const { stdout } = await command(["list"], {
      answers: listing({ ...JOB, name: "👩‍👩‍👧".repeat(40) }, { ...JOB, name: "监控".repeat(4) }, JOB),
      tty: true,
      columns: 80,
      env: { NO_COLOR: "1" },
    });
    const [, emoji = "", wide = ""] = stdout.split("\n");
    expect(emoji).toMatch(/👩‍👩‍👧… {1,3}every 1 min/);
    expect(wide).toMatch(/监控 +every 1 min/);
    expect(stringWidth(wide.slice(0, wide.indexOf("every")))).toBe(stringWidth(emoji.slice(0, emoji.indexOf("every"))));
  });

  it("is coloured on a terminal only, and never against NO_COLOR", async () => {
    const answers = listing({ ...JOB, state: { lastRunStatus: "error" } });
    expect((await command(["list"], { answers, tty: true })).stdout).toContain("\u001b[31merror\u001b[0m");
    expect((await command(["list"], { answers })).stdout).not.toContain("\u001b");
    expect((await command(["list"], { answers, tty: true, env: { NO_COLOR: "1" } })).stdout).not.toContain("\u001b");
    expect((await command(["list"], { answers, tty: true, env: { TERM: "dumb" } })).stdout).not.toContain("\u001b");
    expect((await command(["list"], { answers, env: { FORCE_COLOR: "1" } })).stdout).toContain("\u001b[31m");
  });
});

describe("get", () => {
  it("prints the job as JSON with or without --json", async () => {
    expect(JSON.parse((await command(["get", "Disk"])).stdout)).toEqual(JOB);
    expect(JSON.parse((await command(["get", "Disk", "--json"])).stdout)).toEqual(JOB);
  });

  it("of a job that does not exist fails with the reason", async () => {
    const { code, stderr, stdout } = await command(["get", "x"], { answers: { getJob: jobNotFound } });
    expect(code).toBe(1);
    expect(stderr).toBe(
      "error: there is no command job with this id. List the jobs with `openclaw command-cron list --all`.\n",
    );
    expect(stdout).toBe("");
  });
});

describe("show", () => {
  const job: Job = {
    ...JOB,
    description: "Looks after the disk",
    payload: {
      kind: "command",
      argv: ["sh", "-lc", "df -h | tail"],
      cwd: "/srv",
      env: { TOKEN: "hunter2" },
      input: "secret",
    },
    delivery: {
      mode: "webhook",
      to: "https://ops.example/hook?key=hunter2",
      also: [
        { mode: "announce", channel: "irc", to: "#ops" },
        { mode: "agent", when: "change", agentId: "ops", to: "@oncall" },
      ],
    },
    failureAlert: { after: 3, cooldownMs: 3_600_000 },
    policy: { overlap: "buffer_one", retry: { maxAttempts: 3 }, env: { pass: ["A"] } },
    state: {
      lastRunAtMs: NOW - 60_000,
      lastRunStatus: "error",
      lastDurationMs: 1_500,
      lastError: "command exited with code 3",
      lastOkAtMs: NOW - 3_600_000,
      totals: { runs: 20, ok: 15, error: 5, skipped: 2, missed: 1 },
    },
  };
  const left = { method: ["group", "cookie"], found: 2, ended: 1, left: [{ pid: 42, command: "sleep 1d" }] };
  const answers: Partial<EngineApi> = {
    getJob: () => job,
    runs: () => ({ entries: [run({ runStatus: "failed", status: "error", exitCode: 3, cleanup: left })], ...page }),
  };

  it("has the policies in force, next instants, last runs and what they left", async () => {
    const { stdout } = await command(["show", "Disk"], { answers });
    for (const line of [
      /^status: +error$/m,
      /^command: +sh -lc "df -h \| tail"$/m,
      /^variables: +TOKEN$/m,
      /^input: +6 bytes$/m,
      /^limits: +time limit 10 min, silence allowed, keeps 16 MiB a stream$/m,
      /^delivery: +webhook https:\/\/ops.example\/hook\?…\n +also announce irc #ops\n +also agent ops about changes, answer to @oncall$/m,
      /^alerts: +after 3, at most one in 1 h$/m,
      /^overlap: +buffer_one$/m,
      /^missed: +run_once within 1 d$/m,
      /^retries: +up to 3 attempts on every failure; 30 s x 2, at most 1 h$/m,
      /^failing: +pause 30 s, 1 min, 5 min, 15 min, 1 h; disabled after 10, one trial after 1 h$/m,
      /^stopping: +SIGTERM, SIGKILL after 5.0 s$/m,
      /^environment: +minimal and A$/m,
      /^last run: +error, 1 min ago \(2027-01-15 11:59:00Z\), took 1.5 s$/m,
      /^last error: +command exited with code 3$/m,
      /^last ok: +1 h ago$/m,
      /^totals: +20 runs: 15 ok, 5 failed; 2 skipped, 1 missed$/m,
      /^processes: +1 still alive: 42 sleep 1d$/m,
    ]) {
      expect(stdout).toMatch(line);
    }
    expect(stdout).toMatch(/\nNext\n {2}1970-01-01 00:01:00 \+00:00 {2}/);
    expect(stdout).toMatch(/\nLast runs\nRun +Job /);
  });

  it("shows no value that may be a secret", async () => {
    expect((await command(["show", "Disk"], { answers })).stdout).not.toMatch(/hunter2|secret/);
  });

  it("asks for three instants and five runs of exactly this job", async () => {
    const { asked } = await command(["show", "Di"], { answers });
    expect(asked).toEqual([
      ["get", { id: "Di" }],
      ["next", { id: JOB.id, count: 3 }],
      ["runs", { id: JOB.id, limit: 5 }],
    ]);
  });

  it("shows nothing to come for a disabled job, and its first run as none", async () => {
    const { stdout } = await command(["show", "Disk"], { answers: { getJob: () => ({ ...JOB, enabled: false }) } });
    expect(stdout).toContain("Next\n  none");
    expect(stdout).toContain("Last runs\n  none");
    expect(stdout).toMatch(/^processes: +no run yet$/m);
  });

  it("is one JSON object with --json", async () => {
    const { stdout } = await command(["show", "Disk", "--json"], { answers });
    expect(JSON.parse(stdout)).toMatchObject({
      id: JOB.id,
      status: "error",
      next: [{ atMs: 60_000 }],
      runs: [{ exitCode: 3 }],
    });
  });
});

describe("enable, disable and rm", () => {
  it("change the one field", async () => {
    expect((await command(["enable", "Disk"])).asked).toEqual([["update", { id: "Disk", patch: { enabled: true } }]]);
    expect((await command(["disable", "Disk", "--stop"])).asked).toEqual([
      ["update", { id: "Disk", patch: { enabled: false }, stop: true }],
    ]);
    expect((await command(["rm", "Disk", "--stop"])).asked).toEqual([["remove", { id: "Disk", stop: true }]]);
  });

  it("say what happens to a running run", async () => {
    const updateJob = async () => ({ ...JOB, enabled: false, state: { runningAtMs: NOW } });
    expect((await command(["disable", "Disk"], { answers: { updateJob } })).stderr).toContain(
      "Its running run finishes",
    );
    expect((await command(["disable", "Disk", "--stop"], { answers: { updateJob } })).stderr).toBe("");
    const removeJob = async () => ({ removed: true, runningRunId: "r-1" });
    expect((await command(["rm", "Disk"], { answers: { removeJob } })).stderr).toBe(
      "Run r-1 finishes; `cancel` would end it.\n",
    );
    expect((await command(["rm", "Disk", "--stop"], { answers: { removeJob } })).stderr).toBe("Run r-1 was ended.\n");
  });

  it("answer the gateway's JSON", async () => {
    expect(JSON.parse((await command(["rm", "Disk", "--json"])).stdout)).toEqual({ ok: true, removed: true });
    expect(JSON.parse((await command(["enable", "Disk", "--json"])).stdout)).toEqual({
      ...JOB,
      warnings: [],
    });
  });
});
