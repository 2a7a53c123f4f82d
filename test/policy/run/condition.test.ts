import { describe, expect, it } from "vitest";
import type { Condition } from "../../../schema/wire/condition.ts";
import { conditionAt, conditionText, isNews, readStatus, stoppedError } from "../../../src/policy/run/index.ts";

const said = (value: object) => {
  const read = readStatus(JSON.stringify({ running: true, completed: false, ...value }));
  if ("problem" in read) throw new Error(read.problem);
  return read;
};
const problem = (text: string) => (readStatus(text) as { problem: string }).problem;

describe("what a status command prints", () => {
  it("is one JSON object with two booleans; anything else breaks the contract", () => {
    expect(said({})).toEqual({ running: true, completed: false, level: "ok" });
    expect(problem('{"running":1,"completed":false}')).toContain("`running` is neither true nor false");
    expect(problem('{"running":true}')).toContain("`completed`");
    expect(["", " \n", "running", "[]", "3", '{"running":true'].map(problem)).toEqual([
      "it printed nothing",
      "it printed nothing",
      "it printed no JSON",
      "it printed no JSON object",
      "it printed no JSON object",
      "it printed no JSON",
    ]);
  });

  it("has optional fields, each shown when it is there and left out when it is of another type", () => {
    const all = { pid: 12, stopReason: "done", progress: { n: 1 }, progressKey: "k", level: "warn", message: "slow" };
    expect(said(all)).toMatchObject(all);
    const wrong = { pid: "12", stopReason: 3, progress: [1], progressKey: {}, level: "loud", message: null };
    expect(said(wrong)).toEqual({ running: true, completed: false, level: "ok" });
    for (const pid of [-1, 0, 1.5]) expect(said({ pid })).not.toHaveProperty("pid");
  });

  it("moves by its key, else by its progress in whatever order that is written", () => {
    const one = said({ progress: { b: { y: 1, x: 2 }, a: [1] } });
    expect(said({ progress: { a: [1], b: { x: 2, y: 1 } } }).progressKey).toBe(one.progressKey);
    expect(said({ progress: { a: [1], b: { x: 2, y: 3 } } }).progressKey).not.toBe(one.progressKey);
    expect(said({ progressKey: "own", progress: { a: 1 } }).progressKey).toBe("own");
  });

  it("is said in at most 800 bytes and six plain values, by name", () => {
    const names = ["j", "i", "h", "g", "f", "e", "d", "c", "b", "a"];
    const progress = { ...Object.fromEntries(names.map((name, n) => [name, n])), aa: { deep: 1 } };
    expect(conditionText(said({ progress }))).toBe("running\na 9, b 8, c 7, d 6, e 5, f 4");
    expect(said({ message: "x".repeat(2_000) }).message).toHaveLength(800);
    expect(said({ message: "a\nb\u001b[2J" }).message).toBe("a b");
  });

  it("is in one line what it is, how it is, and why it stopped", () => {
    expect(conditionText(said({ pid: 7, level: "warn", message: "slow" }))).toBe("running (process 7), warn: slow");
    expect(conditionText(said({ running: false, completed: true }))).toBe("completed");
    expect(stoppedError(said({ running: false, stopReason: "killed" }))).toBe("neither running nor completed: killed");
    expect(stoppedError(said({ running: false, completed: true }))).toBeUndefined();
  });
});

describe("what is news of it", () => {
  const at = (value: object, before?: Condition, atMs = 0) => conditionAt(said(value), before, atMs);
  const told = (value: object): Condition => ({ ...at(value), toldAtMs: 0 });

  it.each([
    ["another state", { running: false }, 1, true],
    ["another step", { progressKey: "2" }, 1, true],
    ["another level", { level: "warn", progressKey: "1" }, 1, true],
    ["other words while all is well", { message: "new", progressKey: "1" }, 1, false],
    ["the same before the report is due", { progressKey: "1" }, 1_799_999, false],
    ["the same once the report is due", { progressKey: "1" }, 1_800_000, true],
  ])("%s", (_, value, atMs, news) => {
    const before = told({ progressKey: "1" });
    expect(isNews(at(value, before, atMs), before, 1_800)).toBe(news);
  });

  it("is a fault said again no sooner than after a quarter of an hour, other words at once", () => {
    const before = told({ running: false, message: "gone" });
    const now = (atMs: number, message = "gone") => isNews(at({ running: false, message }, before, atMs), before, 60);
    expect([now(899_999), now(900_000), now(1, "other")]).toEqual([false, true, true]);
  });

  it("is that it is done, once", () => {
    const before = told({ running: false, completed: true });
    expect(isNews(at({ running: false, completed: true }, before, 1e9), before, 1)).toBe(false);
  });
});
