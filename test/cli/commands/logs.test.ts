import { describe, expect, it } from "vitest";
import type { EngineApi, LogPage } from "../../../src/engine/api.ts";
import { JOB } from "../../rpc/recording-engine.ts";
import { command, NOW } from "../terminal.ts";

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
          attempts: 1,
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
          attempts: 2,
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
    expect(asked[0]).toEqual(["log", { ref: "Disk", offset: 0 }]);
    expect(asked.slice(1).map(([, params]) => params)).toEqual(
      [2, 4, 6].map((offset) => ({ runId: "run-1", attempt: 2, offset })),
    );
    expect(sleptMs).toBe(1_500);
  });

  it("-f shows a line that has no end yet on a terminal, once, and holds back half a sequence", async () => {
    const parts = ["Continue? ", "\u001b[3", "1my\u001b[0m\n", "\rprogress 1", "\rprogress 2", "\r\nend"];
    let look = 0;
    const shown: string[] = [];
    const answers: Partial<EngineApi> = {
      log: async (_id, { offset = 0 }) => {
        const data = parts[look] ?? "";
        look += 1;
        const chunks = [{ stream: "stdout" as const, atMs: NOW, offset, dataBase64: btoa(data) }];
        const nextOffset = offset + data.length;
        const ends = { nextOffset, endOffset: nextOffset, droppedBytes: 0, running: look < parts.length };
        return { runId: "run-1", attempt: 1, attempts: 1, chunks, ...ends };
      },
    };
    const { stdout } = await command(["logs", "Disk", "-f"], { answers, tty: true, wrote: (text) => shown.push(text) });
    expect(shown[0]).toBe("Continue? ");
    expect(stdout).toBe("Continue? y\n\nprogress 1\nprogress 2\nend\n");
  });

  it("says once what is missing from the log, on stderr", async () => {
    const answers = log(
      Array.from({ length: 10 }, () => ({ text: "x\n" })),
      { droppedBytes: 5, cut: "disk full", gone: true, unstarted: "working directory does not exist" },
      2,
    );
    const { stderr } = await command(["logs", "x"], { answers });
    expect(stderr.split("\n")).toEqual([
      "note: the log, or its end, was removed: by the budget for all logs, or by somebody",
      "note: nothing was started: working directory does not exist",
      "note: 5 bytes in the middle were dropped: the log's budget was used up",
      "note: the log is cut: disk full",
      "",
    ]);
  });

  it("does not say that nothing was written where the whole log was removed", async () => {
    const { stderr } = await command(["logs", "x"], { answers: log([], { gone: true }) });
    expect(stderr).toBe("note: the log, or its end, was removed: by the budget for all logs, or by somebody\n");
  });

  it("tells that a run goes on when it is not followed", async () => {
    const { stderr, asked } = await command(["logs", JOB.id, "--attempt", "1"], {
      answers: log([{ text: "x\n" }], { running: true }),
    });
    expect(stderr).toBe("note: run run-1 goes on; -f follows it\n");
    expect(asked).toEqual([["log", { ref: JOB.id, attempt: 1, offset: 0 }]]);
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
