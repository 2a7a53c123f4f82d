import { describe, expect, it } from "vitest";
import type { EngineApi } from "../../../src/engine/api.ts";
import { page, run } from "../entries.ts";
import { command, NOW } from "../terminal.ts";

/** Answers the run as it is at each look; the last one for good. */
const looks = (...states: ReturnType<typeof run>[]): Partial<EngineApi> => {
  let look = 0;
  return {
    runs: () => {
      const entry = states[Math.min(look, states.length - 1)];
      look += 1;
      return { entries: entry === undefined ? [] : [entry], ...page };
    },
  };
};
const RUNNING = (() => {
  const {
    status: _status,
    completionStatus: _completion,
    durationMs: _took,
    ...rest
  } = run({ action: "started", runStatus: "running" });
  return rest;
})();

describe("run", () => {
  it("answers with the run's id at once", async () => {
    const { stdout, code, asked } = await command(["run", "Disk", "--idempotency-key", "k"]);
    expect(stdout).toBe("Started run run-1.\n");
    expect(code).toBe(0);
    expect(asked).toEqual([["run", { id: "Disk", mode: "force", idempotencyKey: "k" }]]);
  });

  it("that was not started says why and fails", async () => {
    const runJob = async () => ({ ok: true as const, enqueued: false, reason: "already-running" });
    const { stderr, code } = await command(["run", "Disk", "--due", "--wait"], { answers: { runJob } });
    expect(stderr).toBe("error: not started: already-running\n");
    expect(code).toBe(1);
  });

  it("--wait ends with 0 when the command succeeded", async () => {
    const answers = looks(RUNNING, RUNNING, run({ runId: "run-1", stdout: "hello\n" }));
    const { stdout, code, sleptMs } = await command(["run", "Disk", "--wait"], { answers });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^status: +succeeded \(exit 0\)$/m);
    expect(stdout).toMatch(/^processes: none left$/m);
    expect(stdout).toContain("stdout:\n  hello\n");
    expect(sleptMs).toBeGreaterThan(0);
  });

  it.each([
    [
      run({ status: "error", runStatus: "failed", exitCode: 3, error: "command exited with code 3" }),
      "failed (exit 3)",
    ],
    [
      run({ status: "error", runStatus: "timed_out", outcome: "timed_out", exitCode: null, signal: "SIGTERM" }),
      "timed_out (time limit)",
    ],
    [
      run({ status: "error", runStatus: "failed", outcome: "signaled", exitCode: null, signal: "SIGSEGV" }),
      "failed (SIGSEGV)",
    ],
    [
      run({ status: "error", runStatus: "failed", outcome: "silent", exitCode: null, signal: "SIGTERM" }),
      "failed (no output)",
    ],
    [run({ status: "error", runStatus: "lost", outcome: "lost", exitCode: null }), "lost (lost)"],
    [
      run({ status: "skipped", runStatus: "skipped", outcome: null, exitCode: null, reason: "overlap" }),
      "skipped (overlap)",
    ],
  ])("--wait ends with 1 when it did not", async (entry, text) => {
    const { stdout, code } = await command(["run", "Disk", "--wait"], { answers: looks(entry) });
    expect(stdout).toContain(text);
    expect(code).toBe(1);
  });

  it("--wait gives up after its time limit and leaves the run alone", async () => {
    const args = ["run", "Disk", "--wait", "--wait-timeout", "3s", "--poll-interval", "1000"];
    const { stderr, code, sleptMs, asked } = await command(args, { answers: looks(RUNNING) });
    expect(stderr).toBe("error: run run-1 did not finish within 3.0 s; it goes on\n");
    expect(code).toBe(1);
    expect(sleptMs).toBe(3_000);
    expect(asked.filter(([method]) => method === "runs").length).toBeLessThan(10);
  });

  it("--wait --json is the gateway's shape", async () => {
    const { stdout } = await command(["run", "Disk", "--wait", "--json"], { answers: looks(run()) });
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      enqueued: true,
      runId: "run-1",
      completed: true,
      status: "ok",
      completionStatus: "succeeded",
      run: { exitCode: 0 },
    });
  });

  it.each([
    ["--wait", "--poll-interval", "0"],
    ["--wait", "--wait-timeout", "5x"],
    ["--wait-timeout", "soon"],
    ["--poll-interval", "-1"],
  ])("refuses %s %s %s before anything runs", async (...flags) => {
    expect(await command(["run", "Disk", ...flags])).toMatchObject({ code: 2, asked: [] });
  });
});

describe("runs", () => {
  it("is one aligned line a run", async () => {
    const entries = [
      run(),
      run({
        trigger: "manual",
        scheduledForMs: null,
        runStatus: "failed",
        status: "error",
        exitCode: 3,
        deliveryStatus: "not-delivered",
      }),
    ];
    const { stdout } = await command(["runs"], { answers: { runs: () => ({ entries, ...page }) } });
    expect(stdout.split("\n")).toEqual([
      "Run       Job   Due                   Started   Late    Took   Status     End     Left  Delivery",
      "7c1e54d0  Disk  2027-01-15 11:59:00Z  60 s ago  100 ms  1.5 s  succeeded  exit 0  0     delivered",
      "7c1e54d0  Disk  manual                60 s ago  100 ms  1.5 s  failed     exit 3  0     not-delivered",
      "",
    ]);
  });

  it("hands over filters; times may be durations back from now", async () => {
    const flags = [
      "--status",
      "error",
      "--delivery-status",
      "unknown",
      "--query",
      "x",
      "--since",
      "2h",
      "--until",
      "2027-01-15T11:00:00Z",
    ];
    const { asked } = await command(["runs", "Disk", ...flags, "--sort", "asc", "--limit", "5", "--offset", "1"]);
    expect(asked).toEqual([
      [
        "runs",
        {
          id: "Disk",
          status: "error",
          deliveryStatus: "unknown",
          query: "x",
          sinceMs: NOW - 7_200_000,
          untilMs: NOW - 3_600_000,
          sortDir: "asc",
          limit: 5,
          offset: 1,
        },
      ],
    ]);
  });

  it.each([
    ["2027-01-15", "2027-01-15T00:00:00Z"],
    ["2027-01-15T09:30:00.5+05:30", "2027-01-15T04:00:00.500Z"],
    ["2027-01-15 09:30Z", "2027-01-15T09:30:00Z"],
  ])("--since %s is an ISO time", async (text, instant) => {
    expect((await command(["runs", "--since", text])).asked).toEqual([["runs", { sinceMs: Date.parse(instant) }]]);
  });

  it("takes our finer status words too", async () => {
    expect((await command(["runs", "--status", "timed_out"])).asked).toEqual([
      ["runs", { runStatuses: ["timed_out"] }],
    ]);
    expect((await command(["runs", "--status", "all"])).asked).toEqual([["runs", { status: "all" }]]);
  });

  it("shows one run with its output", async () => {
    const entry = run({
      stdout: "out\u001b[31m\n",
      stderr: `${"e\n".repeat(30)}`,
      cleanup: { method: ["group", "cookie"], found: 3, ended: 3, left: [] },
    });
    const { stdout } = await command(["runs", "--run-id", "7c1e"], {
      answers: { runs: () => ({ entries: [entry], ...page }) },
    });
    expect(stdout).toMatch(/^processes: none left \(3 found, 3 ended by group, cookie\)$/m);
    expect(stdout).toContain("stdout:\n  out\n");
    expect(stdout).toContain("stderr:\n  … 10 more lines\n  e\n");
  });

  it("says what a run said, to whom, and what became of it", async () => {
    const message = { deliveryId: "d", kind: "result" as const, state: "sent" as const, lane: "irc #ops", attempts: 1 };
    const rest = {
      destination: { mode: "announce" as const },
      createdAtMs: 1,
      updatedAtMs: 1,
      text: "all\nfine\u001b[31m",
    };
    const said = async (deliveryStatus: "delivered" | "not-requested") =>
      command(["runs", "--run-id", "7c1e"], {
        answers: {
          runs: () => ({ entries: [run({ deliveryStatus })], ...page }),
          listDeliveries: () => ({ deliveries: [{ ...message, ...rest }], ...page }),
        },
      });
    const { stdout, asked } = await said("delivered");
    expect(asked[1]).toEqual(["deliveries", { runId: run().runId, limit: 20, sortDir: "asc" }]);
    expect(stdout).toContain("result to irc #ops, sent:\nall\nfine\n");
    expect((await said("not-requested")).asked).toHaveLength(1);
  });

  it("takes a day in words, and says which instant that is", async () => {
    const midnight = new Date(NOW);
    midnight.setHours(0, 0, 0, 0);
    const since = async (word: string) => {
      const { asked, stderr } = await command(["runs", "--since", word]);
      return { sinceMs: (asked[0]?.[1] as { sinceMs: number } | undefined)?.sinceMs, stderr };
    };
    expect((await since("today")).sinceMs).toBe(midnight.getTime());
    midnight.setDate(midnight.getDate() - 1);
    expect(await since("Yesterday")).toEqual({
      sinceMs: midnight.getTime(),
      stderr: `--since Yesterday: ${midnight.toISOString().slice(0, 19).replace("T", " ")}Z\n`,
    });
    const { asked } = await command(["runs", "--until", "tomorrow"]);
    midnight.setDate(midnight.getDate() + 2);
    expect(asked[0]?.[1]).toMatchObject({ untilMs: midnight.getTime() });
    expect((await since("2 hours ago")).sinceMs).toBe(NOW - 7_200_000);
    expect(await since("2h")).toEqual({ sinceMs: NOW - 7_200_000, stderr: "" });
  });

  it.each([
    [["runs", "a", "--id", "b"], "--id: "],
    [["runs", "--status", "great"], "--status: "],
    [["runs", "--since", "someday"], "--since: "],
    [["runs", "--since", "constructor"], "--since: "],
    [
      ["runs", "--since", "10"],
      'Expected an ISO time, `today`, `yesterday`, `tomorrow`, or a duration back from now such as `2h`. Got "10".',
    ],
    [["runs", "--since", "Jan 5"], "--since: "],
    [["runs", "--until", "2027-02-31"], "--until: "],
    [["runs", "--limit", "0"], "--limit: "],
  ])("%j is refused", async (args, message) => {
    const { stderr, code } = await command(args);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  it("without any says so", async () => {
    expect((await command(["runs", "--id", "Disk"])).stdout).toBe("No runs.\n");
  });
});

describe("cancel", () => {
  it("says what was ended and that nothing is left", async () => {
    const { stdout, code } = await command(["cancel", "7c1e"]);
    expect(stdout).toBe("Ended run run-1: no process left.\n");
    expect(code).toBe(0);
  });

  it("fails when something is left, and not when nothing ran", async () => {
    const left = { cancel: async () => ({ canceled: [{ runId: "r", left: 2 }] }) };
    expect(await command(["cancel", "x"], { answers: left })).toMatchObject({
      code: 1,
      stdout: "Ended run r: 2 processes left.\n",
    });
    const none = { cancel: async () => ({ canceled: [] }) };
    expect(await command(["cancel", "x"], { answers: none })).toMatchObject({
      code: 0,
      stdout: "Nothing was running or waiting.\n",
    });
  });
});
