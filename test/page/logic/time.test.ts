import { describe, expect, it, vi } from "vitest";
import { agoText, dayText, instantText, startOfDay, ticksOf, tickText, zoneText } from "../../../page/logic/time.ts";
import { moved, spanAround, stepOf, zoomBy, zoomOf } from "../../../page/logic/zoom.ts";

// Before anything is formatted: what formats is made once.
vi.hoisted(() => {
  process.env["TZ"] = "Europe/Berlin";
});

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Wall clock of the reader. */
const at = (text: string): number => new Date(text).getTime();

describe("an instant in words", () => {
  const now = at("2027-01-04T13:37");
  it.each([
    ["2027-01-04T03:00", "03:00"],
    ["2027-01-03T22:15", "yesterday 22:15"],
    ["2027-01-05T00:00", "tomorrow 00:00"],
    ["2026-12-31T08:05", "Thu 31 Dec 08:05"],
    ["2025-06-01T08:05", "1 Jun 2025 08:05"],
  ])("%s is %s", (instant, words) => {
    expect(instantText(at(instant), now)).toBe(words);
    // On an axis midnight is the day itself.
    expect(tickText(at(instant), now)).toBe(instant.endsWith("T00:00") ? words.replace(" 00:00", "") : words);
  });

  it.each([
    [0, "now"],
    [-42_000, "42 s ago"],
    [-95_000, "2 min ago"],
    [7 * 60_000 + 55_000, "in 8 min"],
    [-(2 * HOUR + 10 * 60_000 + 20_000), "2 h 10 min ago"],
    [9.4 * HOUR, "in 9 h"],
    [-6.4 * DAY, "6 d ago"],
  ])("%i ms away is %s", (away, words) => {
    expect(agoText(now + away, now)).toBe(words);
  });

  it("names the zone of the reader with its offset", () => {
    expect(zoneText(now)).toMatch(/\(UTC\+01:00\)$/);
    expect(zoneText(at("2027-07-04T12:00"))).toMatch(/\(UTC\+02:00\)$/);
  });
});

describe("the marks of the axis", () => {
  it("stand at whole hours of the reader, far enough apart to be read", () => {
    const span = { sinceMs: at("2027-01-03T19:20"), untilMs: at("2027-01-04T19:20") };
    const ticks = ticksOf(span, 1_000, at("2027-01-04T13:37"));
    expect(ticks.map(({ label }) => label).slice(0, 4)).toEqual(["20:00", "22:00", "today", "02:00"]);
    expect(ticks.filter(({ day }) => day)).toHaveLength(1);
    const apart = (1_000 * 2 * HOUR) / DAY;
    expect(apart).toBeGreaterThan(64);
  });

  it("go on by the wall over a change of the clock, each instant once and in order", () => {
    for (const day of ["2027-03-28", "2027-10-31"]) {
      const sinceMs = startOfDay(at(`${day}T12:00`));
      const ticks = ticksOf({ sinceMs, untilMs: startOfDay(sinceMs + 36 * HOUR) }, 1_700, sinceMs).map(
        ({ atMs }) => atMs,
      );
      expect(ticks).toEqual([...new Set(ticks)].sort((a, b) => a - b));
      expect(ticks.every((atMs) => new Date(atMs).getMinutes() === 0)).toBe(true);
      expect(ticks.length).toBeGreaterThan(20);
    }
  });

  it("are days where there are many", () => {
    const sinceMs = at("2027-01-01T00:00");
    const labels = ticksOf({ sinceMs, untilMs: sinceMs + 7 * DAY }, 700, sinceMs).map(({ label }) => label);
    expect(labels.slice(0, 3)).toEqual(["today", "tomorrow", "Sun 3 Jan"]);
  });

  it("of one day are counted by days that are 23 and 25 hours long", () => {
    expect(dayText(at("2027-03-29T00:30"), at("2027-03-28T23:30"))).toBe("tomorrow");
    expect(dayText(at("2027-10-30T23:30"), at("2027-10-31T00:10"))).toBe("yesterday");
  });
});

describe("the span that is looked at", () => {
  const now = at("2027-01-04T13:37");
  it("holds what was and a quarter of what comes, and stays the same within a step", () => {
    const span = spanAround("day", undefined, now);
    expect(span.untilMs - span.sinceMs).toBe(DAY);
    expect(span.untilMs - now).toBeGreaterThan(5 * HOUR);
    expect(spanAround("day", undefined, now + 60_000)).toEqual(span);
    expect(stepOf("day", now + HOUR)).toBe(stepOf("day", now) + 1);
  });

  it("moves back by a share and comes to now again, not beyond", () => {
    const span = spanAround("day", undefined, now);
    const back = moved("day", span, -0.5, now);
    expect(back).toBeLessThan(now - 11 * HOUR);
    expect(moved("day", spanAround("day", back, now), 0.4, now)).toBeGreaterThan(back ?? now);
    expect(moved("day", spanAround("day", back, now), 1, now)).toBeUndefined();
  });

  it("has zooms with an end on either side", () => {
    expect(zoomOf("month")).toBe("day");
    expect(zoomBy("day", 1)).toBe("3d");
    expect(zoomBy("week", 1)).toBe("week");
    expect(zoomBy("3h", -1)).toBe("3h");
  });
});
