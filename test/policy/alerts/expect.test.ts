import { describe, expect, it } from "vitest";
import {
  frequencyWord,
  gapAfter,
  hearsOfMissed,
  overrunReason,
  startLimitMs,
} from "../../../src/policy/alerts/index.ts";
import { compileSchedule } from "../../../src/policy/time/index.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2027, 0, 4, 12);
const gapOf = (expr: string) =>
  gapAfter(compileSchedule({ kind: "cron", expr }, { jobId: "j", hostTz: "UTC", anchorDefaultMs: 0 }), NOW);

describe("what is expected of a job in time", () => {
  it("a missed instant is heard of by default where the schedule is rarer than hourly", () => {
    expect(gapOf("0 3 * * *")).toBe(15 * HOUR);
    expect(hearsOfMissed(undefined, 2 * HOUR)).toBe(true);
    expect(hearsOfMissed(undefined, HOUR)).toBe(false);
    expect(hearsOfMissed({ missed: true }, MINUTE)).toBe(true);
    expect(hearsOfMissed({ missed: false }, DAY)).toBe(false);
    expect(startLimitMs(undefined)).toBe(10 * MINUTE);
  });

  it.each([
    [DAY, "daily"],
    [23 * HOUR, "daily"],
    [7 * DAY, "weekly"],
    [31 * DAY, "monthly"],
    [365 * DAY, "yearly"],
    [6 * HOUR, undefined],
    [Number.POSITIVE_INFINITY, undefined],
  ])("%i ms apart is %s", (gapMs, word) => {
    expect(frequencyWord(gapMs)).toBe(word);
  });

  const run = { expect: undefined, ranMs: 10 * MINUTE, attemptMs: 10 * MINUTE, timeoutMs: 0, earlierMs: [] };

  it("a run is too long at three times the 95th percentile of its last runs, and no sooner than a minute", () => {
    const earlierMs = Array.from({ length: 20 }, () => 3 * MINUTE);
    expect(overrunReason({ ...run, earlierMs })).toBe("runs for 10 min, usually at most 3 min");
    expect(overrunReason({ ...run, ranMs: 9 * MINUTE, earlierMs })).toBeUndefined();
    const oneOutlier = [...earlierMs.slice(1), DAY];
    expect(overrunReason({ ...run, earlierMs: oneOutlier })).toContain("usually at most 3 min");
    expect(overrunReason({ ...run, ranMs: 59_000, earlierMs: [1, 1, 1, 1, 1] })).toBeUndefined();
    expect(overrunReason({ ...run, ranMs: 61_000, earlierMs: [1, 1, 1, 1, 1] })).toBe(
      "runs for 1 min 1 s, usually at most 1 ms",
    );
  });

  it("too few runs are no measure", () => {
    expect(overrunReason({ ...run, ranMs: DAY, earlierMs: [1, 1, 1, 1] })).toBeUndefined();
  });

  it("its own limit goes before what is usual", () => {
    const earlierMs = Array.from({ length: 20 }, () => MINUTE);
    expect(overrunReason({ ...run, expect: { maxSeconds: 3_600 }, earlierMs })).toBeUndefined();
    expect(overrunReason({ ...run, expect: { maxSeconds: 300 } })).toBe("runs for 10 min, expected at most 5 min");
  });

  it("80 % of the time limit is a warning, where that leaves time to read it", () => {
    expect(overrunReason({ ...run, timeoutMs: 12 * MINUTE })).toBe(
      "runs for 10 min, and is ended at its limit of 12 min",
    );
    expect(overrunReason({ ...run, timeoutMs: 13 * MINUTE })).toBeUndefined();
    expect(overrunReason({ ...run, ranMs: 59_000, attemptMs: 59_000, timeoutMs: 60_000 })).toBeUndefined();
  });
});
