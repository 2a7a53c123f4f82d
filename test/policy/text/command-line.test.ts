import { describe, expect, it } from "vitest";
import { commandLine, isLongInline, onlyRuns } from "../../../src/policy/text/index.ts";

describe("a message to an agent that only asks for a command", () => {
  it.each([
    ["Run `df -h` and report the output.", "df -h"],
    ["Please execute:\n```sh\n/opt/backup.sh --all\n```", "/opt/backup.sh --all"],
    ["run `make`", "make"],
  ])("%j is one", (message, command) => expect(onlyRuns(message)).toBe(command));

  it.each([
    ["Run `df -h` and if the disk is full, tell me what to delete."],
    ["Run `git log` and summarize what changed."],
    ["Run `a` and `b`."],
    ["Look at the news."],
    ["The command `df` exists."],
    [`Run \`df\`. ${"It matters a lot. ".repeat(10)}`],
    ["Run ``"],
  ])("%j is none", (message) => expect(onlyRuns(message)).toBeUndefined());
});

describe("a command", () => {
  it("is one line, whichever shell it was given", () => {
    expect(commandLine(["sh", "-lc", "a  b"])).toBe("a b");
    expect(commandLine(["/bin/bash", "-c", "a b"])).toBe("a b");
    expect(commandLine(["a", "b"])).toBe("a b");
    expect(commandLine(["sh", "-x", "a"])).toBe("sh -x a");
  });

  it("is long where a script stands in it", () => {
    expect(isLongInline(["sh", "-lc", "x".repeat(301)])).toBe(true);
    expect(isLongInline(["sh", "-lc", "a\nb\nc\nd"])).toBe(true);
    expect(isLongInline(["sh", "-lc", "a\nb\nc\n"])).toBe(false);
    expect(isLongInline(["program", "x".repeat(400)])).toBe(false);
  });
});
