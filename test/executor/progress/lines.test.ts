import { describe, expect, it } from "vitest";
import { createProgressLines } from "../../../src/executor/progress/lines.ts";

const told = (...chunks: string[]): string | undefined => {
  const lines = createProgressLines();
  for (const chunk of chunks) lines.push(Buffer.from(chunk));
  return lines.take();
};

describe("a progress line in the output", () => {
  it.each([
    [["::progress 3/6 a\n"], "3/6 a"],
    [["text\n::progress 1/6\nmore\n::progress 2/6\ntext\n"], "2/6"],
    [["::prog", "ress 3/", "6 a", "\nx"], "3/6 a"],
    [["x\n::progress 1\n::pro", "gress 2", "\n"], "2"],
    [["::progress 1\n::progress 2"], "1"],
    [["not ::progress 1\n"], undefined],
    [["half", "::progress 1\n"], undefined],
    [["::progress\n", "::progressing 1\n", ":progress 1\n"], undefined],
    [["::progress \n"], undefined],
    [["::progress a\0b\n"], undefined],
    [["::progress 1\r\n"], "1\r"],
    [[`::progress ${"x".repeat(4_096)}\n`], "x".repeat(4_096)],
    [[`::progress ${"x".repeat(4_097)}\n`], undefined],
    [["::progress ", "x".repeat(1_048_576), "\n::progress 7\n"], "7"],
  ])("is found in %j", (chunks, line) => {
    expect(told(...chunks)).toBe(line);
  });

  it("is told once", () => {
    const lines = createProgressLines();
    lines.push(Buffer.from("::progress 1\n"));
    expect([lines.take(), lines.take()]).toEqual(["1", undefined]);
  });

  it("is the same however the output is cut", () => {
    const text = Buffer.from("a\n::progress 1/9 one\nbb ::progress no\n\n::progress 2/9 two\n::progres\nlast\n");
    for (let first = 0; first <= text.length; first += 1) {
      for (let second = first; second <= text.length; second += 3) {
        const lines = createProgressLines();
        for (const part of [text.subarray(0, first), text.subarray(first, second), text.subarray(second)])
          lines.push(part);
        expect(lines.take()).toBe("2/9 two");
      }
    }
  });

  it("costs little where an output is a flood of them", () => {
    const flood = Buffer.from("::progress 12345/100000 copying files\n".repeat(1_700));
    const lines = createProgressLines();
    const since = process.cpuUsage();
    for (let n = 0; n < 600; n += 1) lines.push(flood);
    // A million lines; a slow machine has ten times as long as it needs.
    expect(process.cpuUsage(since).user).toBeLessThan(5_000_000);
    expect(lines.take()).toBe("12345/100000 copying files");
  });
});
