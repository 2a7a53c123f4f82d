import { describe, expect, it } from "vitest";
import { parseDurationMs } from "../../../src/kernel/durations.ts";
import { compileSchedule, previewInstants } from "../../../src/policy/time/index.ts";

/** Days of the next runs after a day, as `MM-DD`. */
function days(expr: string, from: string, count: number): string[] {
  const compiled = compileSchedule(
    { kind: "cron", expr, tz: "UTC" },
    { jobId: "j", hostTz: "UTC", anchorDefaultMs: 0 },
  );
  return previewInstants(compiled, Date.parse(from), count).map(({ atMs }) =>
    new Date(atMs).toISOString().slice(5, 10),
  );
}

describe("what other programs read in another way", () => {
  it.each([
    ["0 0 * * SAT-SUN", "2026-02-02T12:00:00Z", ["02-07", "02-08", "02-14", "02-15"]],
    ["0 0 * * 1-7", "2026-02-06T12:00:00Z", ["02-07", "02-08", "02-09"]],
    ["0 0 * * 6#5", "2026-09-01T00:00:00Z", ["10-31", "01-30", "05-29", "07-31"]],
    ["0 0 31W * *", "2026-02-01T00:00:00Z", ["03-31", "05-29", "07-31", "08-31"]],
    ["0 0 LW * *", "2026-02-01T00:00:00Z", ["02-27", "03-31", "04-30", "05-29"]],
    ["0 0 31 * *", "2026-02-01T00:00:00Z", ["03-31", "05-31", "07-31"]],
    ["0 0 29 2 *", "2026-02-01T00:00:00Z", ["02-29", "02-29"]],
    ["0 0 1 * 1", "2026-02-16T12:00:00Z", ["02-23", "03-01", "03-02"]],
    ["0 0 * * 1-5/2", "2026-02-01T12:00:00Z", ["02-02", "02-04", "02-06", "02-09"]],
    ["0 0 * * MON#1", "2026-02-01T12:00:00Z", ["02-02", "03-02", "04-06"]],
    ["0 0 15W * *", "2026-02-01T00:00:00Z", ["02-16", "03-16", "04-15"]],
    ["0 0 0 ? * 2-6", "2026-02-01T12:00:00Z", ["02-03", "02-04", "02-05", "02-06", "02-07"]],
  ])("%s", (expr, from, expected) => {
    expect(days(expr, from, expected.length)).toEqual(expected);
  });

  it.each(["*/90 * * * *", "60 * * * *", "0 0 * * 6-2"])("%s is refused", (expr) => {
    expect(() => days(expr, "2026-02-01T00:00:00Z", 1)).toThrow(expect.objectContaining({ code: "SCHEDULE_INVALID" }));
  });

  it.each(["1,5h", "1:30", "1h-30m", "an hour", "half a day", "5 Minutes", "1 hr"])("%s is no duration", (text) => {
    expect(parseDurationMs(text)).toBeUndefined();
  });

  it("1.5h and 1h30m are", () => {
    expect([parseDurationMs("1.5h"), parseDurationMs("1h30m")]).toEqual([5_400_000, 5_400_000]);
  });
});
