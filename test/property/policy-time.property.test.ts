import { describe, expect, it } from "vitest";
import {
  countBetween,
  lastAtOrBefore,
  nextAfter,
  occurrencesBetween,
  previewInstants,
} from "../../src/policy/time/index.ts";
import { createOracle } from "../helpers/cron-oracle.ts";
import fc from "../helpers/fc.ts";
import { compile, DAY, expressionOf, instantOf, MINUTE, scheduleOf, zoneOf } from "./schedules.ts";

describe("a cron expression", () => {
  it("names the instants that a walk over every minute finds, in any zone at any time", () => {
    fc.assert(
      fc.property(expressionOf, zoneOf, instantOf, (expression, tz, fromMs) => {
        const untilMs = fromMs + 2 * DAY;
        const compiled = compile({ kind: "cron", expr: expression.text, tz });
        const found = occurrencesBetween(compiled, fromMs - 1, untilMs - 1, 10_000).instants;
        expect(found).toEqual(createOracle(tz, fromMs, untilMs)(expression));
      }),
      { numRuns: 300 },
    );
  });

  it("does so around clock changes as well", () => {
    const changing = fc.constantFrom(
      "America/New_York",
      "Europe/Berlin",
      "Australia/Lord_Howe",
      "Africa/Cairo",
      "America/Nuuk",
    );
    const change = fc.constantFrom(
      Date.UTC(2027, 2, 14, 7),
      Date.UTC(2027, 10, 7, 6),
      Date.UTC(2027, 2, 28, 1),
      Date.UTC(2027, 9, 31, 1),
      Date.UTC(2027, 3, 3, 15),
      Date.UTC(2027, 9, 2, 15, 30),
      Date.UTC(2027, 3, 29, 22),
      Date.UTC(2027, 9, 28, 21),
    );
    fc.assert(
      fc.property(
        expressionOf,
        changing,
        change,
        fc.integer({ min: 1, max: 600 }),
        (expression, tz, changeMs, lead) => {
          const fromMs = changeMs - lead * MINUTE;
          const untilMs = changeMs + DAY;
          const compiled = compile({ kind: "cron", expr: expression.text, tz });
          const expected = createOracle(tz, fromMs, untilMs)(expression);
          expect(occurrencesBetween(compiled, fromMs - 1, untilMs - 1, 10_000).instants).toEqual(expected);
          expect(countBetween(compiled, fromMs - 1, untilMs - 1)).toBe(expected.length);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("any schedule", () => {
  it("has its next instant strictly later, and nothing in between", () => {
    fc.assert(
      fc.property(scheduleOf, instantOf, fc.nat({ max: 999 }), (schedule, minuteMs, ms) => {
        const compiled = compile(schedule);
        const afterMs = minuteMs + ms;
        const next = nextAfter(compiled, afterMs);
        if (next === undefined) return;
        expect(next).toBeGreaterThan(afterMs);
        expect(nextAfter(compiled, next - 1)).toBe(next);
        expect(countBetween(compiled, afterMs, next)).toBe(1);
        expect(countBetween(compiled, afterMs, next - 1)).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  it("lists the same instants as asking again and again, counts them, and ends with the newest", () => {
    fc.assert(
      fc.property(scheduleOf, instantOf, fc.integer({ min: 0, max: 40 * DAY }), (schedule, afterMs, length) => {
        const compiled = compile(schedule);
        const { instants, more } = occurrencesBetween(compiled, afterMs, afterMs + length, 200);
        const throughMs = more ? (instants.at(-1) ?? afterMs) : afterMs + length;
        const walked: number[] = [];
        for (let at = nextAfter(compiled, afterMs); at !== undefined && at <= throughMs; at = nextAfter(compiled, at)) {
          walked.push(at);
        }
        expect(instants).toEqual(walked);
        expect(countBetween(compiled, afterMs, throughMs)).toBe(walked.length);
        expect(lastAtOrBefore(compiled, throughMs, afterMs)).toBe(walked.at(-1));
        expect(previewInstants(compiled, afterMs, 3).map(({ atMs }) => atMs)).toEqual(
          occurrencesBetween(compiled, afterMs, Number.POSITIVE_INFINITY, 3).instants,
        );
      }),
      { numRuns: 300 },
    );
  });

  it("counts over any split of a range what it counts over the whole", () => {
    fc.assert(
      fc.property(
        scheduleOf,
        instantOf,
        fc.nat({ max: 500 * DAY }),
        fc.nat({ max: 500 * DAY }),
        (schedule, a, first, second) => {
          const compiled = compile(schedule);
          const b = a + first;
          const c = b + second;
          expect(countBetween(compiled, a, b) + countBetween(compiled, b, c)).toBe(countBetween(compiled, a, c));
        },
      ),
      { numRuns: 300 },
    );
  });
});
