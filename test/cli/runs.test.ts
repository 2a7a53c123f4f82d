import { describe, expect, it } from "vitest";
import type { EngineApi, LogPage } from "../../src/engine/api.ts";
import { JOB } from "../rpc/recording-engine.ts";
import { run } from "./entries.ts";
import { command, NOW } from "./terminal.ts";

const page = { total: 1, offset: 0, limit: 50, hasMore: false, nextOffset: null };

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
    ["--poll-interval", "0"],
    ["--wait-timeout", "soon"],
  ])("refuses %s %s", async (flag, value) => {
    expect((await command(["run", "Disk", "--wait", flag, value])).code).toBe(2);
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

  it.each([
    [["runs", "a", "--id", "b"], "--id: "],
    [["runs", "--status", "great"], "--status: "],
    [["runs", "--since", "yesterday"], "--since: "],
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

describe("logs", () => {
  interface Piece {
    stream?: "stdout" | "stderr";
    text: string | Buffer;
  }
  /** A log of pieces; offsets count their bytes. */
  function log(pieces: Piece[], fields: Partial<LogPage> = {}, pageBytes = 1e9): Partial<EngineApi> {
    let offset = 0;
    const chunks = pieces.map(({ stream = "stdout", text }, index) => {
      const data = Buffer.from(text);
      const chunk = { stream, atMs: NOW + index * 1_000, offset, dataBase64: data.toString("base64") };
      offset += data.length;
      return chunk;
    });
    const endOffset = offset;
    return {
      log: async (_id, query) => {
        const from = query.tailBytes === undefined ? (query.offset ?? 0) : Math.max(0, endOffset - query.tailBytes);
        const shown = chunks.filter((chunk) => chunk.offset >= from && chunk.offset < from + pageBytes);
        const last = shown.at(-1);
        const nextOffset = last === undefined ? endOffset : last.offset + Buffer.from(last.dataBase64, "base64").length;
        return {
          runId: "run-1",
          attempt: 1,
          chunks: shown,
          nextOffset,
          endOffset,
          droppedBytes: 0,
          running: false,
          ...fields,
        };
      },
    };
  }

  it("writes every byte as it was, both streams in order, into a pipe", async () => {
    const raw = Buffer.from([0, 27, 91, 50, 74, 255, 10]);
    const answers = log([{ text: raw }, { text: "err\n", stream: "stderr" }, { text: "out" }]);
    expect((await command(["logs", "x"], { answers })).bytes).toEqual(Buffer.concat([raw, Buffer.from("err\nout")]));
  });

  it("is clean on a terminal, characters and sequences put together over pieces", async () => {
    const euro = Buffer.from("€");
    const answers = log([
      { text: "a\u001b[3" },
      { text: "1mred\u001b[0m " },
      { text: euro.subarray(0, 1) },
      { text: euro.subarray(1) },
      { text: "\rb\u0007\nlast" },
    ]);
    expect((await command(["logs", "x"], { answers, tty: true })).stdout).toBe("ared €\nb\nlast\n");
  });

  it("keeps the two streams apart line by line with --timestamps", async () => {
    const answers = log([{ text: "one\ntw" }, { text: "oops\n", stream: "stderr" }, { text: "o\n" }]);
    expect((await command(["logs", "x", "--timestamps"], { answers })).stdout.split("\n")).toEqual([
      "2027-01-15T12:00:00.000Z stdout | one",
      "2027-01-15T12:00:01.000Z stderr | oops",
      "2027-01-15T12:00:00.000Z stdout | two",
      "",
    ]);
  });

  it("shows one stream when asked", async () => {
    const answers = log([{ text: "out\n" }, { text: "err\n", stream: "stderr" }]);
    expect((await command(["logs", "x", "--stderr"], { answers })).stdout).toBe("err\n");
    expect((await command(["logs", "x", "--stdout"], { answers })).stdout).toBe("out\n");
    expect((await command(["logs", "x", "--stdout", "--stderr"], { answers })).code).toBe(2);
  });

  it.each([
    [1, "l9999\n"],
    [3, "l9997\nl9998\nl9999\n"],
  ])("--tail %i prints the last lines, however long the log", async (lines, text) => {
    const answers = log(Array.from({ length: 10_000 }, (_, line) => ({ text: `l${line}\n` })));
    const { stdout, asked } = await command(["logs", "x", "--tail", String(lines)], { answers });
    expect(stdout).toBe(text);
    expect(asked).toHaveLength(1);
  });

  it("--tail goes further back for one stream, and counts a last line without an end", async () => {
    const noise = Array.from({ length: 5_000 }, () => ({ text: "noise\n" }));
    const answers = log([{ text: "first\n", stream: "stderr" }, ...noise, { text: "second", stream: "stderr" }]);
    const { stdout, asked } = await command(["logs", "x", "--stderr", "--tail", "2"], { answers });
    expect(stdout).toBe("first\nsecond");
    expect(asked.length).toBeGreaterThan(1);
  });

  it("reads all pages of a long log", async () => {
    const answers = log(
      Array.from({ length: 100 }, (_, line) => ({ text: `${line}\n` })),
      {},
      30,
    );
    const { stdout } = await command(["logs", "x"], { answers });
    expect(stdout.trim().split("\n")).toEqual(Array.from({ length: 100 }, (_, line) => String(line)));
  });

  it("-f goes on until the run ends, and stays with that run", async () => {
    const parts = ["a\n", "b\n", "c\n"];
    let look = 0;
    const answers: Partial<EngineApi> = {
      log: async (_id, { offset = 0 }) => {
        look += 1;
        const text = parts.slice(0, look).join("").slice(offset);
        const chunks = text === "" ? [] : [{ stream: "stdout" as const, atMs: NOW, offset, dataBase64: btoa(text) }];
        const endOffset = offset + text.length;
        return {
          runId: "run-1",
          attempt: 2,
          chunks,
          nextOffset: endOffset,
          endOffset,
          droppedBytes: 0,
          running: look < 4,
        };
      },
    };
    const { stdout, asked, sleptMs } = await command(["logs", "Disk", "-f"], { answers });
    expect(stdout).toBe("a\nb\nc\n");
    expect(asked[0]).toEqual(["log", { id: "Disk", offset: 0 }]);
    expect(asked.slice(1).map(([, params]) => params)).toEqual(
      [2, 4, 6].map((offset) => ({ runId: "run-1", attempt: 2, offset })),
    );
    expect(sleptMs).toBe(1_500);
  });

  it("says once what is missing from the log, on stderr", async () => {
    const answers = log(
      Array.from({ length: 10 }, () => ({ text: "x\n" })),
      { droppedBytes: 5, cut: "disk full", gone: true },
      2,
    );
    const { stderr } = await command(["logs", "x"], { answers });
    expect(stderr.split("\n")).toEqual([
      "note: the log was removed to stay within the budget for all logs",
      "note: 5 bytes in the middle were dropped: the log's budget was used up",
      "note: the log is cut: disk full",
      "",
    ]);
  });

  it("tells that a run goes on when it is not followed", async () => {
    const { stderr, asked } = await command(["logs", JOB.id, "--attempt", "1"], {
      answers: log([{ text: "x\n" }], { running: true }),
    });
    expect(stderr).toBe("note: run run-1 goes on; -f follows it\n");
    expect(asked).toEqual([["log", { id: JOB.id, attempt: 1, offset: 0 }]]);
  });

  it("is one JSON object a piece with --json", async () => {
    const { stdout } = await command(["logs", "x", "--json"], {
      answers: log([{ text: "a" }, { text: "b", stream: "stderr" }]),
    });
    expect(
      stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).stream),
    ).toEqual(["stdout", "stderr"]);
  });
});
