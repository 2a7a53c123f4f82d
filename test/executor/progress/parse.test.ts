import { describe, expect, it } from "vitest";
import { parseProgress, placeOf } from "../../../src/executor/progress/parse.ts";

const read = (text: string) => parseProgress(text, (line) => line.replaceAll("s3cret", "***"));

describe("a word of progress", () => {
  it.each([
    ["3/6 copying", { done: 3, total: 6, percent: 50, message: "copying" }],
    ["  3 / 6  ", { done: 3, total: 6, percent: 50 }],
    ["7/6 more than all", { done: 7, total: 6, percent: 100, message: "more than all" }],
    ["1.5/3", { done: 1.5, total: 3, percent: 50 }],
    ["43% uploading", { percent: 43, message: "uploading" }],
    ["43.125 %", { percent: 43.13 }],
    ["120%", { percent: 100 }],
    ["copying tables", { message: "copying tables" }],
    ["3/0 of nothing", { message: "3/0 of nothing" }],
    ["3/6/2027 began", { message: "3/6/2027 began" }],
    ["1000% wrong", { message: "1000% wrong" }],
    [
      '{"done":3,"total":6,"message":"a","level":"warn","next":"b","key":"k"}',
      {
        done: 3,
        total: 6,
        percent: 50,
        message: "a",
        level: "warn",
        next: "b",
        key: "k",
      },
    ],
    ['{"percent":150,"done":-1,"level":"loud","message":7,"more":[1]}', { percent: 100 }],
    ['{"key":7}', { key: "7" }],
    ['{"done":1e400,"percent":"x"}', undefined],
    ["{}", undefined],
    ["   ", undefined],
    ["{half", { message: "{half" }],
    ["[1,2]", { message: "[1,2]" }],
  ])("%j is understood", (text, said) => {
    expect(read(text)).toEqual(said);
  });

  it("is one short line without what is not seen, and masked in every form", () => {
    expect(read("a\u001b[31mb\u0007c\u202ed")?.message).toBe("a b c d");
    expect(read(`100% ${"x".repeat(2_000)}`)?.message).toHaveLength(500);
    expect(read("key s3cret")?.message).toBe("key ***");
    expect(read('{"message":"\\u00733cret","next":"s3cret","key":"s3cret"}')).toEqual({
      message: "***",
      next: "***",
      key: "***",
    });
  });

  it("has moved when its key, else its number, else its text is another", () => {
    const place = (text: string) => placeOf(read(text) ?? {});
    expect(place('{"key":"a","done":1}')).toBe(place('{"key":"a","done":2}'));
    expect(place("3/6 a")).toBe(place("3/6 b"));
    expect(place("3/6")).not.toBe(place("4/6"));
    expect(place("a")).not.toBe(place("b"));
  });
});
