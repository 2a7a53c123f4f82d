import { describe, expect, it } from "vitest";
import { formatDurationMs, parseDurationMs } from "../../src/kernel/durations.ts";

describe("durations", () => {
  it("reads units alone and joined, and refuses a bare number", () => {
    expect(parseDurationMs("20m")).toBe(1_200_000);
    expect(parseDurationMs("1h30m")).toBe(5_400_000);
    expect(parseDurationMs("500ms")).toBe(500);
    expect(parseDurationMs("1.5s")).toBe(1_500);
    expect(parseDurationMs("20")).toBeUndefined();
    expect(parseDurationMs("soon")).toBeUndefined();
  });

  it("shows two units at most", () => {
    expect(formatDurationMs(850)).toBe("850 ms");
    expect(formatDurationMs(4_200)).toBe("4.2 s");
    expect(formatDurationMs(185_000)).toBe("3 min 5 s");
    expect(formatDurationMs(7_200_000)).toBe("2 h");
    expect(formatDurationMs(277_200_000)).toBe("3 d 5 h");
  });
});
