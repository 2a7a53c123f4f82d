import { describe, expect, it } from "vitest";
import { createLru } from "../../../src/policy/time/lru.ts";

describe("the cache of compiled things", () => {
  it("makes each thing once while it is kept, and forgets what was used least recently", () => {
    const made: string[] = [];
    const lru = createLru<string>(2);
    const get = (key: string) =>
      lru.get(key, () => {
        made.push(key);
        return key.toUpperCase();
      });
    for (const key of ["a", "b", "a", "c", "a", "b"]) expect(get(key)).toBe(key.toUpperCase());
    expect(made).toEqual(["a", "b", "c", "b"]);
  });

  it("keeps nothing of an attempt that fails", () => {
    const lru = createLru<number>(2);
    const failing = () => {
      throw new Error("no");
    };
    expect(() => lru.get("x", failing)).toThrow("no");
    expect(lru.get("x", () => 1)).toBe(1);
  });
});
