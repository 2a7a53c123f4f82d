import { describe, expect, it } from "vitest";
import { firstBytes, lastBytes, safeText } from "../../../src/policy/text/index.ts";

const safe = (text: string) => safeText(Buffer.from(text, "utf8"));

describe("safe text", () => {
  it("leaves ordinary text of any script byte for byte", () => {
    const text = "héllo\tשלום 👩‍👩‍👧 日本\nline two\n";
    expect(safe(text)).toBe(text);
  });

  it("replaces what is not UTF-8 and drops characters cut at either end", () => {
    expect(safeText(Buffer.from([0x61, 0xff, 0x62]))).toBe("a\ufffdb");
    const euro = Buffer.from("€€");
    expect(safeText(euro.subarray(1))).toBe("€");
    expect(safeText(euro.subarray(0, 5))).toBe("€");
    expect(safeText(Buffer.from("👍").subarray(0, 3))).toBe("");
    expect(safeText(Buffer.from([0x80, 0x80]))).toBe("");
    expect(safeText(Buffer.alloc(0))).toBe("");
  });

  it("removes colours, titles, links and other terminal sequences, and keeps what they surround", () => {
    expect(safe("\x1b[1;31mred\x1b[0m")).toBe("red");
    expect(safe("\x1b]0;title\x07text")).toBe("text");
    expect(safe("\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\")).toBe("link");
    expect(safe("\x1bPq#0;2\x1b\\after")).toBe("after");
    expect(safe("a\x1b(Bb\x1b7c\x1b=d")).toBe("abcd");
    expect(safe("\u009b31mred")).toBe("red");
    expect(safe("\x1b[?25l\x1b[2Kdone")).toBe("done");
  });

  it("loses at most its own line to a sequence that was cut off", () => {
    expect(safe("\x1b]0;never ends\nnext line")).toBe("\nnext line");
    expect(safe("\x1bPnever ends")).toBe("never ends");
    expect(safe("end\x1b[")).toBe("end");
    expect(safe("end\x1b")).toBe("end");
  });

  it("removes NUL and other controls but not tab and line feed", () => {
    expect(safe("a\0b\x07c\x7fd\u0085e\tf\n")).toBe("abcde\tf\n");
  });

  it("shows a redrawn line as it last looked", () => {
    expect(safe("one\r\ntwo\r\n")).toBe("one\ntwo\n");
    expect(safe(" 10%\r 50%\r100%\ndone")).toBe("100%\ndone");
    expect(safe("100%\r")).toBe("100%");
    expect(safe("a\r\r\nb")).toBe("a\nb");
    expect(safe("N\bNA\bA")).toBe("NA");
    expect(safe("\n\b\bx")).toBe("\nx");
  });

  it("takes time in proportion to its input, whatever is in it", () => {
    const time = (text: string) => {
      const bytes = Buffer.from(text);
      const began = performance.now();
      safeText(bytes);
      return performance.now() - began;
    };
    for (const unit of ["\x1b]", "\x1bP", "\x1b[", "\r", "\b", "\x1b", "\u009d", "\u0090", "\u009b0", "\x1b0 "]) {
      time(unit.repeat(1_000));
      expect(time(unit.repeat(400_000))).toBeLessThan(30_000);
    }
  });
});

describe("cutting text to bytes", () => {
  it("cuts between characters at either end", () => {
    expect(firstBytes("a€b", 3)).toBe("a");
    expect(firstBytes("a€b", 4)).toBe("a€");
    expect(lastBytes("a€b", 3)).toBe("b");
    expect(lastBytes("a€b", 4)).toBe("€b");
    expect(firstBytes("abc", 0)).toBe("");
    expect(lastBytes("abc", -1)).toBe("");
    expect(lastBytes("abc", 3)).toBe("abc");
  });
});
