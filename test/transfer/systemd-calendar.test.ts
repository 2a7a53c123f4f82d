import { describe, expect, it } from "vitest";
import { compileSchedule, nextAfter } from "../../src/policy/time/index.ts";
import { readCalendar } from "../../src/transfer/readers/systemd/calendar.ts";
import { spanMs } from "../../src/transfer/readers/systemd/span.ts";

describe("OnCalendar=", () => {
  it.each([
    ["minutely", "* * * * *"],
    ["hourly", "0 * * * *"],
    ["daily", "0 0 * * *"],
    ["weekly", "0 0 * * 1"],
    ["monthly", "0 0 1 * *"],
    ["quarterly", "0 0 1 1,4,7,10 *"],
    ["yearly", "0 0 1 1 *"],
    ["*-*-* 04:30:00", "30 4 * * *"],
    ["04:30", "30 4 * * *"],
    ["*-*-* *:0/15", "0-59/15 * * * *"],
    ["*:5/20:00", "5-59/20 * * * *"],
    ["*-*-* 06,18:00:00", "0 6,18 * * *"],
    ["*-*-* 8..17/2:00", "0 8-16/2 * * *"],
    ["Mon..Fri 09:00", "0 9 * * 1,2,3,4,5"],
    ["Mon,Wednesday,fri *-*-* 09:00:00", "0 9 * * 1,3,5"],
    ["Sat,Sun,Mon 10:00", "0 10 * * 0,1,6"],
    ["Wed, 17:48", "48 17 * * 3"],
    ["Mon,Tue, 10:00", "0 10 * * 1,2"],
    ["*-*~1 10:00", "0 10 L * *"],
    ["Mon..Sun 10:00", "0 10 * * *"],
    ["*-*-1,15 00:00:00", "0 0 1,15 * *"],
    ["*-02-28", "0 0 28 2 *"],
    ["03-01", "0 0 1 3 *"],
    ["*-*-1/10 00:00:00", "0 0 1-31/10 * *"],
    ["Mon *-*-1..7 00:00:00", "0 0 1-7 * +1"],
    ["*-*-* 00:00:30", "30 0 0 * * *"],
    ["*-*-* *:*:0/10", "0-59/10 * * * * *"],
  ])("%j is cron %j", (expression, expr) => {
    expect(readCalendar(expression)).toEqual({ kind: "cron", expr });
    // Whatever is written here must be read by the policy room.
    compileSchedule({ kind: "cron", expr }, { jobId: "j", hostTz: "UTC", anchorDefaultMs: 0 });
  });

  it("needs both day and weekday where both are given", () => {
    const schedule = readCalendar("Mon *-*-1..7 12:00:00 UTC");
    const compiled = compileSchedule(schedule, { jobId: "j", hostTz: "UTC", anchorDefaultMs: 0 });
    const first = nextAfter(compiled, Date.UTC(2026, 5, 1, 13));
    expect(new Date(first ?? 0).toISOString()).toBe("2026-07-06T12:00:00.000Z");
  });

  it("keeps a time zone", () => {
    expect(readCalendar("daily Europe/Berlin")).toEqual({ kind: "cron", expr: "0 0 * * *", tz: "Europe/Berlin" });
    expect(readCalendar("*-*-* 12:00:00 UTC")).toEqual({ kind: "cron", expr: "0 12 * * *", tz: "UTC" });
    expect(readCalendar("*-*-1 utc")).toEqual({ kind: "cron", expr: "0 0 1 * *", tz: "UTC" });
    for (const tz of ["GMT", "CET", "EST5EDT", "Japan", "Etc/GMT-2", "America/Port-au-Prince"]) {
      expect(readCalendar(`07:00 ${tz}`)).toEqual({ kind: "cron", expr: "0 7 * * *", tz });
    }
  });

  it("is a single instant when it names a year and UTC", () => {
    expect(readCalendar("2027-3-1 4:05 UTC")).toEqual({ kind: "at", at: "2027-03-01T04:05:00Z" });
  });

  it.each(["2027-03-01 04:05", "2026..2028-*-* 00:00", "*-02~03", "*-*-* 00:00:00.5"])(
    "has no counterpart for %j",
    (expression) => {
      expect(() => readCalendar(expression)).toThrow(/no exact counterpart/);
    },
  );

  it.each([
    "Foo 10:00",
    "25:00",
    "10:61",
    "a b c d",
    "*-*-* 00:00 Mars/Olympus extra",
    "5..2:00",
    "*:*/15",
    "*/6:00:00",
    "Fri..Mon 10:00",
    "tues 1:00",
    "23/2:00",
    "*:59/5",
    "00:00 europe/berlin",
  ])("refuses %j, as systemd does", (expression) => {
    expect(() => readCalendar(expression)).toThrow(/systemd refuses/);
  });

  it("refuses the abbreviation of a zone that only its own host knows", () => {
    expect(() => readCalendar("07:00 CEST")).toThrow(/`CEST` is not known here/);
  });
});

describe("a time span", () => {
  it.each([
    ["90", 90_000],
    ["1h 30min", 5_400_000],
    ["5min 20s", 320_000],
    ["1.5h", 5_400_000],
    ["250ms", 250],
    ["2d", 172_800_000],
    ["1w", 604_800_000],
    ["infinity", Number.POSITIVE_INFINITY],
    [" 1y 12month ", 63_115_200_000],
    ["55s500ms", 55_500],
    ["5m5", 305_000],
    [".5h", 1_800_000],
    ["2000us", 2],
    ["2000µs", 2],
    ["1M", 2_629_800_000],
  ])("%j is %d ms", (text, ms) => expect(spanMs(text)).toBe(ms));
  it.each(["", "soon", "5 parsecs", "5min!", "5.", "3ns", "1 mon", "5 Sec", "1h,2min", "-5"])(
    "%j cannot be read",
    (text) => expect(() => spanMs(text)).toThrow(),
  );
});
