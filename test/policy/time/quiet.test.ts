import { describe, expect, it } from "vitest";
import { quietUntil } from "../../../src/policy/time/index.ts";

const until = (start: string, end: string, now: string, tz?: string, hostTz?: string) => {
  const ms = quietUntil({ start, end, ...(tz === undefined ? {} : { tz }) }, Date.parse(now), hostTz);
  return ms === undefined ? undefined : new Date(ms).toISOString().slice(0, 16);
};

describe("quiet hours", () => {
  it("hold from their start to their end", () => {
    expect(until("13:00", "14:30", "2026-11-21T12:59:59Z")).toBeUndefined();
    expect(until("13:00", "14:30", "2026-11-21T13:00:00Z")).toBe("2026-11-21T14:30");
    expect(until("13:00", "14:30", "2026-11-21T14:29:59Z")).toBe("2026-11-21T14:30");
    expect(until("13:00", "14:30", "2026-11-21T14:30:00Z")).toBeUndefined();
  });

  it("wrap over midnight", () => {
    expect(until("22:00", "07:00", "2026-11-21T23:10:00Z")).toBe("2026-11-22T07:00");
    expect(until("22:00", "07:00", "2026-11-22T06:59:00Z")).toBe("2026-11-22T07:00");
    expect(until("22:00", "07:00", "2026-11-22T12:00:00Z")).toBeUndefined();
    expect(until("22:00", "00:00", "2026-11-22T23:00:00Z")).toBe("2026-11-23T00:00");
  });

  it("are read in their zone, else in the host's", () => {
    expect(until("22:00", "07:00", "2026-11-21T05:00:00Z", "America/New_York")).toBe("2026-11-21T12:00");
    expect(until("22:00", "07:00", "2026-11-21T05:00:00Z", undefined, "America/New_York")).toBe("2026-11-21T12:00");
    expect(() => until("22:00", "07:00", "2026-11-21T05:00:00Z", "Nowhere")).toThrow(/time zone/);
  });

  it("mean none when they are equal", () => {
    expect(until("07:00", "07:00", "2026-11-21T07:00:00Z")).toBeUndefined();
  });

  it("go on where a gap takes the whole pause between their end and their start", () => {
    expect(until("02:56", "02:39", "2032-03-27T06:32:44Z", "Europe/Berlin")).toBe("2032-03-29T00:39");
    expect(until("02:30", "01:59", "2032-03-28T00:10:00Z", "Europe/Berlin")).toBe("2032-03-28T00:59");
  });

  it("end at the gap's end when the clock leaves their end out, and always in the future when it comes twice", () => {
    expect(until("22:00", "02:30", "2027-03-28T00:30:00Z", "Europe/Berlin")).toBe("2027-03-28T01:00");
    expect(until("22:00", "02:30", "2027-10-31T00:10:00Z", "Europe/Berlin")).toBe("2027-10-31T00:30");
    expect(until("22:00", "02:30", "2027-10-31T01:10:00Z", "Europe/Berlin")).toBe("2027-10-31T01:30");
  });
});
