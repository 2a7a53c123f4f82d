import { describe, expect, it } from "vitest";
import { compileSchedule, describeInstant, parseAt, previewInstants } from "../../../src/policy/time/index.ts";

const preview = (expr: string, tz: string, afterMs: number, count: number) =>
  previewInstants(
    compileSchedule({ kind: "cron", expr, tz }, { jobId: "job", hostTz: "UTC", anchorDefaultMs: 0 }),
    afterMs,
    count,
  ).map(({ utc, local, offset, change }) => [utc.slice(5, 16), local.slice(5, 16), offset, change]);

describe("showing instants", () => {
  it("gives UTC, local time and offset", () => {
    expect(describeInstant(Date.UTC(2026, 10, 21, 6, 30), "Asia/Kolkata")).toEqual({
      atMs: Date.UTC(2026, 10, 21, 6, 30),
      utc: "2026-11-21T06:30:00.000Z",
      local: "2026-11-21 12:00:00",
      offset: "+05:30",
    });
    expect(describeInstant(1, "UTC")).toMatchObject({ local: "1970-01-01 00:00:00.001", offset: "+00:00" });
    expect(describeInstant(0, "Africa/Monrovia").offset).toBe("-00:44:30");
  });

  it("shows the last instant of all in every zone", () => {
    expect(describeInstant(8.64e15, "Asia/Tokyo")).toMatchObject({ local: "+275760-09-13 00:00:00", offset: "+09:00" });
    expect(describeInstant(8.64e15, "America/New_York").local).toBe("+275760-09-12 20:00:00");
    const rule = { kind: "every" as const, everyMs: 1_000, anchorMs: 8.64e15 };
    const compiled = compileSchedule(rule, { jobId: "job", hostTz: "Europe/Berlin", anchorDefaultMs: 0 });
    expect(previewInstants(compiled, 0, 3).map(({ atMs }) => atMs)).toEqual([8.64e15]);
  });

  it("marks the end of a gap and the days after it", () => {
    expect(preview("30 2 * * *", "Europe/Berlin", Date.UTC(2027, 2, 27), 3)).toEqual([
      ["03-27T01:30", "03-27 02:30", "+01:00", undefined],
      ["03-28T01:00", "03-28 03:00", "+02:00", "gap"],
      ["03-29T00:30", "03-29 02:30", "+02:00", undefined],
    ]);
  });

  it("tells the two passings of a repeated hour apart", () => {
    expect(preview("30 * * * *", "America/New_York", Date.UTC(2027, 10, 7, 4, 45), 4)).toEqual([
      ["11-07T05:30", "11-07 01:30", "-04:00", "overlap-first"],
      ["11-07T06:30", "11-07 01:30", "-05:00", "overlap-second"],
      ["11-07T07:30", "11-07 02:30", "-05:00", undefined],
      ["11-07T08:30", "11-07 03:30", "-05:00", undefined],
    ]);
    expect(preview("30 1 * * *", "America/New_York", Date.UTC(2027, 10, 6, 12), 2)).toEqual([
      ["11-07T05:30", "11-07 01:30", "-04:00", "overlap-first"],
      ["11-08T06:30", "11-08 01:30", "-05:00", "offset"],
    ]);
  });

  it("shows intervals in the host's zone and stops where a schedule ends", () => {
    const at = compileSchedule(
      { kind: "at", at: "2027-01-01" },
      { jobId: "j", hostTz: "Asia/Tokyo", anchorDefaultMs: 0 },
    );
    expect(previewInstants(at, 0, 5).map(({ local }) => local)).toEqual(["2027-01-01 09:00:00"]);
    expect(previewInstants(at, Date.UTC(2027, 0, 1), 5)).toEqual([]);
  });
});

describe("what an operator types for a one-shot", () => {
  const now = Date.UTC(2026, 10, 21, 6);

  it("is a delay or an instant", () => {
    expect(parseAt("20m", now)).toBe("2026-11-21T06:20:00.000Z");
    expect(parseAt("+1h30m", now)).toBe("2026-11-21T07:30:00.000Z");
    expect(parseAt("2027-01-31T09:00", now)).toBe("2027-01-31T09:00:00.000Z");
    expect(parseAt("2027-01-31T09:00+01:00", now)).toBe("2027-01-31T08:00:00.000Z");
    expect(() => parseAt("soon", now)).toThrow(/schedule\.at/);
    expect(() => parseAt("20", now)).toThrow(/schedule\.at/);
  });

  it("is read in a zone when one is named and the text names none", () => {
    expect(parseAt("2027-07-01T09:00", now, "America/New_York")).toBe("2027-07-01T13:00:00.000Z");
    expect(parseAt("2027-07-01T09:00Z", now, "America/New_York")).toBe("2027-07-01T09:00:00.000Z");
    expect(parseAt("2027-10-31T02:30", now, "Europe/Berlin")).toBe("2027-10-31T00:30:00.000Z");
    expect(parseAt("2027-03-28T02:30", now, "Europe/Berlin")).toBe("2027-03-28T01:00:00.000Z");
    expect(() => parseAt("2027-07-01T09:00", now, "Nowhere")).toThrow(/time zone/);
  });
});
