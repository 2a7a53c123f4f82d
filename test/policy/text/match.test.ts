import { afterEach, describe, expect, it, vi } from "vitest";
import { findsMatch } from "../../../src/policy/text/match.ts";

afterEach(() => vi.restoreAllMocks());

describe("a search that takes too long", () => {
  const endless = /^(a+)+$/;
  const text = `${"a".repeat(40)}!`;
  /** What the process has used, in microseconds, each time somebody asks. */
  function used(each: number) {
    let user = 0;
    return vi.spyOn(process, "cpuUsage").mockImplementation((before) => {
      if (before !== undefined) return { user: user - before.user, system: 0 };
      const now = { user, system: 0 };
      user += each;
      return now;
    });
  }

  it("is given up once it had its time", () => {
    const asked = used(100_000);
    expect([findsMatch(endless, text), findsMatch(endless, text, false)]).toEqual([true, false]);
    expect(asked).toHaveBeenCalledTimes(4);
  });

  it("is begun again where the host was busy with others, and given up after the third time", () => {
    const asked = used(0);
    expect(findsMatch(endless, text, false)).toBe(false);
    expect(asked).toHaveBeenCalledTimes(6);
  });
});
