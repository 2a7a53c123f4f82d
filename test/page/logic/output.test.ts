import { describe, expect, it } from "vitest";
import { findLines, LogLines, lastLine, piecesOf, readable, readableLine } from "../../../page/logic/output.ts";

const chunk = (text: string | Buffer, stream: "stdout" | "stderr" = "stdout", atMs = 0) => ({
  stream,
  atMs,
  dataBase64: Buffer.from(text).toString("base64"),
});
const linesOf = (...chunks: ReturnType<typeof chunk>[]) => {
  const log = new LogLines();
  for (const one of chunks) log.add([one]);
  return log.lines.map(({ text }) => text);
};

describe("what a job printed", () => {
  it.each([
    ["\u001b[1;31mred\u001b[0m", "red"],
    ["\u001b]0;title\u0007text", "text"],
    ["\u001b]8;;https://x.example\u001b\\link\u001b]8;;\u001b\\", "link"],
    ["a\u0000b\u0008c", "a⟨U+0000⟩b⟨U+0008⟩c"],
    ["pay \u202e001\u202c now", "pay ⟨U+202E⟩001⟨U+202C⟩ now"],
    ["<script>alert(1)</script>", "<script>alert(1)</script>"],
    ["tab\tstays", "tab\tstays"],
  ])("%j reads %j", (printed, read) => {
    expect(readable(printed)).toBe(read);
  });

  it("is a line as a terminal leaves it: what a progress bar overwrote is gone", () => {
    expect(readableLine("10 %\r20 %\r100 %\r")).toBe("100 %");
    expect(lastLine("first\nlast \u001b[0m\n\n")).toBe("last");
  });
});

describe("a log in pages", () => {
  it("puts lines together over chunks, letters of several bytes too", () => {
    const bytes = Buffer.from("grüße\nzwei");
    expect(linesOf(chunk(bytes.subarray(0, 3)), chunk(bytes.subarray(3)), chunk(" und drei\n"))).toEqual([
      "grüße",
      "zwei und drei",
    ]);
  });

  it("keeps the streams apart and a blank line a line", () => {
    expect(linesOf(chunk("out 1"), chunk("err\n", "stderr"), chunk(" goes on\n\nend\n"))).toEqual([
      "out 1 goes on",
      "err",
      "",
      "end",
    ]);
  });

  it("cuts a line of ten million letters and says how many are left out", () => {
    const log = new LogLines();
    for (let part = 0; part < 10; part += 1) log.add([chunk("x".repeat(1_000_000))]);
    expect(log.lines).toHaveLength(1);
    expect(log.lines[0]).toMatchObject({ more: 9_996_000 });
    expect(log.lines[0]?.text).toHaveLength(4_000);
  });

  it("keeps the newest twenty thousand lines", () => {
    const log = new LogLines();
    for (let page = 0; page < 3; page += 1) log.add([chunk(`${"line\n".repeat(9_999)}last ${page}\n`)]);
    expect(log.lines).toHaveLength(20_000);
    expect(log.forgotten).toBe(10_000);
    expect(log.lines.at(-1)?.text).toBe("last 2");
  });
});

describe("a search in a log", () => {
  const lines = ["one", "Two TWO", "three"].map((text) => ({ stream: "stdout" as const, atMs: 0, text, more: 0 }));
  it("finds lines in any letter case", () => {
    expect(findLines(lines, "two")).toEqual([1]);
    expect(findLines(lines, "T")).toEqual([1, 2]);
    expect(findLines(lines, "")).toEqual([]);
  });

  it("marks what was found and loses no letter, whatever is looked for", () => {
    expect(piecesOf("Two TWO", "two")).toEqual([
      { text: "Two", hit: true },
      { text: " ", hit: false },
      { text: "TWO", hit: true },
    ]);
    for (const text of ["İstanbul ISTANBUL", "", "aaa", "<b>"]) {
      for (const wanted of ["", "i", "a", "aa", "<"]) {
        expect(
          piecesOf(text, wanted)
            .map((piece) => piece.text)
            .join(""),
        ).toBe(text);
      }
    }
  });
});
