import { describe, expect, it } from "vitest";
import type { Schedule } from "../../../schema/wire/schedule.ts";
import { CommandCronError } from "../../../src/kernel/errors.ts";
import {
  assertCanFire,
  compileSchedule,
  countBetween,
  lastAtOrBefore,
  nextAfter,
  occurrencesBetween,
  refuseYears,
  staggerOffsetMs,
} from "../../../src/policy/time/index.ts";

const NOW = Date.UTC(2026, 10, 21, 6, 30);
const HOUR = 3_600_000;

const compile = (schedule: Schedule, anchorDefaultMs = NOW) =>
  compileSchedule(schedule, { jobId: "job-1", hostTz: "Europe/Berlin", anchorDefaultMs });
const cron = (expr: string, tz?: string) => compile({ kind: "cron", expr, ...(tz === undefined ? {} : { tz }) });
const iso = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms).toISOString());
const refusal = (act: () => unknown): CommandCronError => {
  try {
    act();
  } catch (error) {
    if (error instanceof CommandCronError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
};

describe("at", () => {
  it("names one instant, with the zone it gives, else in UTC", () => {
    const at = (text: string) => iso(nextAfter(compile({ kind: "at", at: text }), 0));
    expect(at("2027-01-31T09:00:00Z")).toBe("2027-01-31T09:00:00.000Z");
    expect(at("2027-01-31T09:00:00+02:00")).toBe("2027-01-31T07:00:00.000Z");
    expect(at("2027-01-31T09:00:00.250-0330")).toBe("2027-01-31T12:30:00.250Z");
    expect(at("2027-01-31T09:00")).toBe("2027-01-31T09:00:00.000Z");
    expect(at("2027-01-31 09:00:00")).toBe("2027-01-31T09:00:00.000Z");
    expect(at("2027-01-31")).toBe("2027-01-31T00:00:00.000Z");
    expect(at("1800000000000")).toBe("2027-01-15T08:00:00.000Z");
  });

  it("has nothing after its instant", () => {
    const compiled = compile({ kind: "at", at: "2027-01-31T09:00:00Z" });
    const atMs = Date.UTC(2027, 0, 31, 9);
    expect(nextAfter(compiled, atMs)).toBeUndefined();
    expect(countBetween(compiled, atMs - 1, atMs)).toBe(1);
    expect(countBetween(compiled, atMs, atMs + 1)).toBe(0);
    expect(lastAtOrBefore(compiled, atMs)).toBe(atMs);
    expect(lastAtOrBefore(compiled, atMs - 1)).toBeUndefined();
  });

  it.each([
    "",
    "tomorrow",
    "2027-02-30",
    "2027-13-01T00:00:00Z",
    "2027-01-31T25:00",
    "09:00",
    "2027-01-31T09:00+99:99",
  ])("refuses %j by name", (text) => {
    const error = refusal(() => compile({ kind: "at", at: text }));
    expect(error.code).toBe("SCHEDULE_INVALID");
    expect(error.details["field"]).toBe("schedule.at");
  });
});

describe("every", () => {
  it("keeps its anchor whatever the time it is asked at", () => {
    const compiled = compile({ kind: "every", everyMs: 7_000, anchorMs: 1_000 });
    expect(nextAfter(compiled, 0)).toBe(1_000);
    expect(nextAfter(compiled, 1_000)).toBe(8_000);
    expect(nextAfter(compiled, 7_999)).toBe(8_000);
    expect(nextAfter(compiled, 1_000 + 7_000 * 1e9)).toBe(1_000 + 7_000 * (1e9 + 1));
  });

  it("is anchored at the job's creation when it names no anchor, and first runs one interval later", () => {
    expect(nextAfter(compile({ kind: "every", everyMs: HOUR }), NOW)).toBe(NOW + HOUR);
  });

  it("counts and finds its newest instant without walking", () => {
    const compiled = compile({ kind: "every", everyMs: 1, anchorMs: 0 });
    expect(countBetween(compiled, 0, NOW)).toBe(NOW);
    expect(countBetween(compiled, -1, NOW)).toBe(NOW + 1);
    expect(lastAtOrBefore(compiled, NOW)).toBe(NOW);
    const later = compile({ kind: "every", everyMs: 1_000, anchorMs: NOW + 5_000 });
    expect(lastAtOrBefore(later, NOW + 4_999)).toBeUndefined();
    expect(lastAtOrBefore(compile({ kind: "every", everyMs: 1_000, anchorMs: 0 }), 5_500, 5_000)).toBeUndefined();
  });

  it("begins at an anchor after the job's creation; an earlier one is its phase", () => {
    expect(nextAfter(compile({ kind: "every", everyMs: HOUR, anchorMs: NOW + 5 * HOUR }), 0)).toBe(NOW + 5 * HOUR);
    // Created by a clock that was two days ahead.
    const created = NOW + 48 * HOUR + 1;
    expect(nextAfter(compile({ kind: "every", everyMs: HOUR }, created), NOW)).toBe(NOW + 1);
    expect(nextAfter(compile({ kind: "every", everyMs: HOUR, anchorMs: created - 7 }, created), NOW)).toBe(
      NOW + HOUR - 6,
    );
  });

  it("refuses an interval below a millisecond and one that leaves the calendar", () => {
    expect(refusal(() => compile({ kind: "every", everyMs: 0.5 })).code).toBe("SCHEDULE_INVALID");
    expect(refusal(() => compile({ kind: "every", everyMs: Number.NaN })).details["field"]).toBe("schedule.everyMs");
    const endless = compile({ kind: "every", everyMs: 8.64e15, anchorMs: 1_000 });
    expect(refusal(() => assertCanFire(endless, NOW)).code).toBe("SCHEDULE_NEVER_FIRES");
  });
});

describe("cron", () => {
  it("reads five fields, six with seconds first, names and nicknames, in the host's zone by default", () => {
    const next = (expr: string, tz?: string) => iso(nextAfter(cron(expr, tz), NOW));
    expect(next("*/15 * * * *")).toBe("2026-11-21T06:45:00.000Z");
    expect(next("20 */15 * * * *")).toBe("2026-11-21T06:30:20.000Z");
    expect(next("0 9 * * *")).toBe("2026-11-21T08:00:00.000Z");
    expect(next("0 9 * * *", "UTC")).toBe("2026-11-21T09:00:00.000Z");
    expect(next("0 9 * * *", " ")).toBe("2026-11-21T08:00:00.000Z");
    expect(next("0 9 * DEC MON-FRI", "UTC")).toBe("2026-12-01T09:00:00.000Z");
    expect(next("@daily", "UTC")).toBe("2026-11-22T00:00:00.000Z");
    expect(next("  0  9 * * *  ", "UTC")).toBe("2026-11-21T09:00:00.000Z");
  });

  it("takes either day field when both are restricted, both with a plus sign", () => {
    expect(iso(nextAfter(cron("0 9 15 * 1", "UTC"), NOW))).toBe("2026-11-23T09:00:00.000Z");
    expect(iso(nextAfter(cron("0 9 15 * +1", "UTC"), NOW))).toBe("2027-02-15T09:00:00.000Z");
  });

  it("knows last days, nearest weekdays and the nth weekday", () => {
    expect(iso(nextAfter(cron("0 0 L 2 *", "UTC"), NOW))).toBe("2027-02-28T00:00:00.000Z");
    expect(iso(nextAfter(cron("0 0 15W 8 *", "UTC"), NOW))).toBe("2027-08-16T00:00:00.000Z");
    expect(iso(nextAfter(cron("0 0 * * 5#2", "UTC"), NOW))).toBe("2026-12-11T00:00:00.000Z");
    expect(iso(nextAfter(cron("0 0 29 2 *", "UTC"), NOW))).toBe("2028-02-29T00:00:00.000Z");
  });

  it.each([
    "",
    "* * * *",
    "61 * * * *",
    "* 24 * * *",
    "* * 0 * *",
    "* * * 13 *",
    "* * * * 8",
    "5/10 * * * *",
    "*/90 * * * *",
    "a b c d e",
    "* * * * * * * *",
    "0 0 * * MONDAY",
    "2027-01-31T09:00:00Z",
  ])("refuses %j by name, with the reason", (expr) => {
    const error = refusal(() => cron(expr));
    expect(error.code).toBe("SCHEDULE_INVALID");
    expect(error.details["field"]).toBe("schedule.expr");
    expect(error.details["reason"]).toBeTruthy();
  });

  it("refuses a zone nobody knows", () => {
    const error = refusal(() => cron("* * * * *", "Mars/Olympus"));
    expect(error.code).toBe("TIME_ZONE_UNKNOWN");
    expect(error.message).toContain("schedule.tz");
    expect(error.message).toContain("Mars/Olympus");
  });

  it("refuses what never fires, and only that", () => {
    for (const expr of ["0 0 30 2 *", "0 0 31 4,6,9,11 *"]) {
      expect(refusal(() => assertCanFire(cron(expr), NOW)).code).toBe("SCHEDULE_NEVER_FIRES");
    }
    for (const expr of ["0 0 29 2 *", "* * * * *"]) assertCanFire(cron(expr), NOW);
    const past = compile({ kind: "at", at: "2026-11-21T06:30:00Z" });
    expect(refusal(() => assertCanFire(past, NOW)).details["field"]).toBe("schedule.at");
    assertCanFire(past, NOW - 1);
  });

  it("counts years of seconds in the time of a few questions", () => {
    const everySecond = cron("* * * * * *", "UTC");
    expect(countBetween(everySecond, Date.UTC(2000, 0, 1), Date.UTC(2030, 0, 1))).toBe(10_958 * 86_400);
    const weekdays = cron("0 9 * * 1-5", "America/New_York");
    expect(countBetween(weekdays, Date.UTC(2026, 0, 1), Date.UTC(2027, 0, 1))).toBe(261);
    expect(countBetween(cron("0 0 30 2 *"), 0, Date.UTC(2030, 0, 1))).toBe(0);
  });

  it("finds the newest instant of a range in the middle of nowhere", () => {
    expect(iso(lastAtOrBefore(cron("0 9 * * 1", "UTC"), NOW))).toBe("2026-11-16T09:00:00.000Z");
    expect(iso(lastAtOrBefore(cron("0 0 29 2 *", "UTC"), NOW))).toBe("2024-02-29T00:00:00.000Z");
    expect(lastAtOrBefore(cron("0 9 * * 1", "UTC"), NOW, NOW - HOUR)).toBeUndefined();
  });

  it("stops at the limit and says that more follows", () => {
    const compiled = cron("* * * * *");
    expect(occurrencesBetween(compiled, NOW, NOW + HOUR, 3)).toEqual({
      instants: [1, 2, 3].map((minute) => NOW + minute * 60_000),
      more: true,
    });
    expect(occurrencesBetween(compiled, NOW, NOW + 180_000, 3).more).toBe(false);
  });
});

describe("stagger", () => {
  const staggered = (jobId: string, staggerMs: number) =>
    compileSchedule(
      { kind: "cron", expr: "0 * * * *", tz: "UTC", staggerMs },
      { jobId, hostTz: "UTC", anchorDefaultMs: 0 },
    );

  it("is exact unless asked for", () => {
    expect(cron("0 * * * *").staggerOffsetMs).toBe(0);
    expect(staggerOffsetMs("job", 0)).toBe(0);
    expect(staggerOffsetMs("job", 1)).toBe(0);
  });

  it("moves every instant by the job's own offset, the same each time it is asked", () => {
    const compiled = staggered("job-1", 300_000);
    const offset = staggerOffsetMs("job-1", 300_000);
    expect(compiled.staggerOffsetMs).toBe(offset);
    expect(offset).toBeGreaterThan(0);
    expect(nextAfter(compiled, Date.UTC(2026, 0, 1) - 1)).toBe(Date.UTC(2026, 0, 1) + offset);
    expect(nextAfter(compiled, Date.UTC(2026, 0, 1) + offset)).toBe(Date.UTC(2026, 0, 1, 1) + offset);
    expect(nextAfter(compiled, Date.UTC(2026, 0, 1, 1))).toBe(Date.UTC(2026, 0, 1, 1) + offset);
    expect(countBetween(compiled, Date.UTC(2026, 0, 1) + offset - 1, Date.UTC(2026, 0, 1) + offset)).toBe(1);
  });

  it("spreads jobs over the whole window", () => {
    const offsets = Array.from({ length: 2_000 }, (_, index) => staggerOffsetMs(`job-${index}`, 300_000));
    const quarters = [0, 1, 2, 3].map((quarter) => offsets.filter((o) => Math.floor(o / 75_000) === quarter).length);
    for (const count of quarters) expect(count).toBeGreaterThan(400);
  });
});

describe("a question mark", () => {
  it.each([
    ["0 10 * * ? *", "month"],
    ["15 12 1 * ? *", "month"],
    ["0 18 ? * 2-6 *", "hour"],
    ["0 ? * * *", "hour"],
    ["? * * * *", "minute"],
    ["0 0 1 ? *", "month"],
  ])("in another field than the days is refused by name: %s", (expr, field) => {
    const thrown = expect.objectContaining({
      code: "SCHEDULE_INVALID",
      message: expect.stringMatching(new RegExp(`AWS puts the year last.*\`\\?\` in the ${field} field`)),
    });
    expect(() => refuseYears({ kind: "cron", expr })).toThrow(thrown);
  });

  it.each(["0 10 ? * MON", "0 10 1 * ?", "0 0 10 ? * MON", "0 0 10 1 * ?", "@daily", "0 10 * * *"])(
    "in a field of days stands for one that is not named: %s",
    (expr) => {
      expect(() => refuseYears({ kind: "cron", expr })).not.toThrow();
      expect(nextAfter(cron(expr), NOW)).toBeGreaterThan(NOW);
    },
  );
});
