import { describe, expect, it } from "vitest";
import {
  type CompiledSchedule,
  compileSchedule,
  countBetween,
  occurrencesBetween,
} from "../../src/policy/time/index.ts";
import { clockChanges, createOracle, localMinute, ORACLE_EXPRESSIONS } from "../helpers/cron-oracle.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;
const YEAR_START = Date.UTC(2027, 0, 1);
const YEAR_END = Date.UTC(2028, 0, 1);
const ZONES = Intl.supportedValuesOf("timeZone");

const cron = (expr: string, tz: string): CompiledSchedule =>
  compileSchedule({ kind: "cron", expr, tz }, { jobId: "job", hostTz: "UTC", anchorDefaultMs: 0 });

/** Every instant in [fromMs, untilMs), as the product sees it. */
const instants = (expr: string, tz: string, fromMs: number, untilMs: number): number[] =>
  occurrencesBetween(cron(expr, tz), fromMs - 1, untilMs - 1, 100_000).instants;

describe("clock changes in every zone of the database", () => {
  const changes = ZONES.flatMap((tz) => clockChanges(tz, YEAR_START, YEAR_END).map((atMs) => ({ tz, atMs })));

  it("sees a year in which many zones change their clocks", () => {
    expect(ZONES.length).toBeGreaterThan(400);
    expect(changes.length).toBeGreaterThan(200);
  });

  it("keeps the rule around every change, for every kind of expression", () => {
    const broken: string[] = [];
    for (const { tz, atMs } of changes) {
      const fromMs = atMs - 6 * 60 * MINUTE;
      const untilMs = atMs + 28 * 60 * MINUTE;
      const oracle = createOracle(tz, fromMs, untilMs);
      for (const expression of ORACLE_EXPRESSIONS) {
        const expected = oracle(expression);
        const actual = instants(expression.text, tz, fromMs, untilMs);
        const counted = countBetween(cron(expression.text, tz), fromMs - 1, untilMs - 1);
        if (JSON.stringify(expected) !== JSON.stringify(actual) || counted !== expected.length) {
          broken.push(`${expression.text} in ${tz} around ${new Date(atMs).toISOString()}`);
        }
      }
    }
    expect(broken).toEqual([]);
  });

  it("runs a once-a-day job 365 times, once on every local day", () => {
    const broken: string[] = [];
    for (const tz of ZONES) {
      const fromMs = YEAR_START - (localMinute(YEAR_START, tz) * MINUTE - YEAR_START);
      const untilMs = YEAR_END - (localMinute(YEAR_END, tz) * MINUTE - YEAR_END);
      for (const expr of ["30 2 * * *", "0 0 * * *", "59 23 * * *"]) {
        const found = instants(expr, tz, fromMs, untilMs);
        const days = new Set(found.map((atMs) => Math.floor((localMinute(atMs, tz) * MINUTE) / DAY)));
        // A gap that ends at midnight, as in Greenland, moves the last minute of that day to the first of the next.
        const midnightGap = expr === "59 23 * * *" && days.size === 364;
        if (found.length !== 365 || (days.size !== 365 && !midnightGap))
          broken.push(`${expr} in ${tz}: ${found.length}`);
      }
    }
    expect(broken).toEqual([]);
  });

  it("keeps a half-hour interval in real time all year in zones whose changes are whole half hours", () => {
    const broken: string[] = [];
    for (const tz of ZONES) {
      if (countBetween(cron("*/30 * * * *", tz), YEAR_START - 1, YEAR_END - 1) !== 365 * 48) broken.push(tz);
    }
    expect(broken).toEqual([]);
  });
});

describe("changes in history and of odd kinds", () => {
  const cases: [string, string, number][] = [
    ["a whole day left out in Samoa", "Pacific/Apia", Date.UTC(2011, 11, 30, 10)],
    ["midnight left out in Beirut", "Asia/Beirut", Date.UTC(2027, 2, 27, 22)],
    ["half an hour on Lord Howe Island, forward", "Australia/Lord_Howe", Date.UTC(2027, 9, 2, 15, 30)],
    ["half an hour on Lord Howe Island, back", "Australia/Lord_Howe", Date.UTC(2027, 3, 3, 15)],
    ["half an hour back in Pyongyang", "Asia/Pyongyang", Date.UTC(2015, 7, 14, 15)],
    ["Ramadan in Casablanca, back", "Africa/Casablanca", Date.UTC(2024, 2, 10, 2)],
    ["a week of summer time in Recife", "America/Recife", Date.UTC(2000, 9, 8, 3)],
    ["two hours at Troll station", "Antarctica/Troll", Date.UTC(2027, 2, 28, 1)],
    ["Novosibirsk changes its zone", "Asia/Novosibirsk", Date.UTC(2016, 6, 23, 20)],
  ];
  it.each(cases)("%s", (_title, tz, atMs) => {
    const fromMs = atMs - DAY;
    const untilMs = atMs + 2 * DAY;
    const offsets = [atMs - DAY, atMs + DAY].map((probe) => localMinute(probe, tz) * MINUTE - probe);
    expect(offsets[0]).not.toBe(offsets[1]);
    const oracle = createOracle(tz, fromMs, untilMs);
    for (const expression of ORACLE_EXPRESSIONS) {
      expect(instants(expression.text, tz, fromMs, untilMs), expression.text).toEqual(oracle(expression));
    }
  });
});
