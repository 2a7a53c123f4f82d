import { describe, expect, it } from "vitest";
import { payloadsOf } from "../../../src/host/delivery/exact.ts";

const all = (text: string): [number, number] => [0, text.length];
const texts = (channel: string, text: string, code: [number, number] | null = all(text)): string[] =>
  payloadsOf({ channel, text, ...(code === null ? {} : { code }) }).map((payload) => payload.text);

describe("what a command printed", () => {
  it("is a fenced block, with a fence that nothing within ends", () => {
    expect(texts("telegram", "a  b\n  __init__.py\n")).toEqual(["```\na  b\n  __init__.py\n```"]);
    expect(texts("slack", "```\nx\n````")).toEqual(["`````\n```\nx\n````\n`````"]);
  });

  it("is a block between what we say before and after it", () => {
    const text = "✗ site · exit 7\nLast words:\n**no**\n  route\nNext try: 01:35";
    expect(texts("telegram", text, [text.indexOf("**"), text.indexOf("\nNext")])).toEqual([
      "✗ site · exit 7\nLast words:\n```\n**no**\n  route\n```\nNext try: 01:35",
    ]);
  });

  it("is no block where it is one line that nothing could change, or nothing", () => {
    expect(texts("telegram", "backup finished: 12 files, 4.2 GB")).toEqual(["backup finished: 12 files, 4.2 GB"]);
    expect(texts("telegram", "the command succeeded again", [0, 0])).toEqual(["the command succeeded again"]);
  });

  it("is the channel's to render where that was asked for", () => {
    expect(texts("telegram", "**bold**", null)).toEqual(["**bold**"]);
    expect(texts("irc", "a\nb", null)).toEqual(["a\nb"]);
  });

  it("is a message a line where a channel knows no lines, each as it is", () => {
    expect(texts("irc", "plain\n\n  __init__.py\n`a` **b**\nC:\\new")).toEqual([
      "plain",
      "`\u200b  __init__.py`",
      "`` `a` **b** ``",
      "`C:\\u005cnew`",
    ]);
  });

  it("is no flood there: many lines end with how many there are more, long ones go on in the next", () => {
    const lines = texts("irc", Array.from({ length: 100 }, (_, n) => `line ${n}`).join("\n"));
    expect(lines).toHaveLength(41);
    expect(lines.at(-1)).toBe("[... 60 more lines]");
    const long = texts("irc", "x".repeat(700));
    expect(long.map((line) => line.length)).toEqual([300, 300, 100]);
  });
});
