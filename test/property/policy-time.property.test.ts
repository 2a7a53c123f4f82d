import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JobPolicy } from "../../schema/wire/policy.ts";
import type { Schedule } from "../../schema/wire/schedule.ts";
import {
  type CompiledSchedule,
  compileSchedule,
  countBetween,
  decideOccurrences,
  lastAtOrBefore,
  nextAfter,
  occurrencesBetween,
  previewInstants,
} from "../../src/policy/index.ts";
import { createOracle, type OracleExpression } from "../helpers/cron-oracle.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;
const ZONES = Intl.supportedValuesOf("timeZone");
const FROM = Date.UTC(1990, 0, 1);
const UNTIL = Date.UTC(2040, 0, 1);

const compile = (schedule: Schedule): CompiledSchedule =>
  compileSchedule(schedule, { jobId: "job", hostTz: "UTC", anchorDefaultMs: FROM });

interface Field {
  text: string;
  values: ReadonlySet<number>;
  wild: boolean;
}

/** A cron field with the values it means, so that nothing here has to read cron syntax. */
const fieldOf = (low: number, high: number): fc.Arbitrary<Field> => {
  const all = Array.from({ length: high - low + 1 }, (_, index) => low + index);
  return fc.oneof(
    { weight: 2, arbitrary: fc.constant<Field>({ text: "*", values: new Set(all), wild: true }) },
    {
      weight: 1,
      arbitrary: fc.integer({ min: 1, max: Math.floor((high - low) / 2) }).map<Field>((step) => ({
        text: `*/${step}`,
        values: new Set(all.filter((value) => (value - low) % step === 0)),
        wild: true,
      })),
    },
    {
      weight: 3,
      arbitrary: fc
        .uniqueArray(fc.integer({ min: low, max: high }), { minLength: 1, maxLength: 4 })
        .map<Field>((list) => ({
          text: list.join(","),
          values: new Set(list),
          wild: false,
        })),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.integer({ min: low, max: high - 2 }), fc.integer({ min: 1, max: high }))
        .map<Field>(([from, size]) => {
          const to = Math.min(high - 1, from + size);
          return {
            text: `${from}-${to}`,
            values: new Set(all.filter((value) => value >= from && value <= to)),
            wild: false,
          };
        }),
    },
  );
};

const expressionOf: fc.Arbitrary<OracleExpression> = fc
  .record({
    minute: fieldOf(0, 59),
    hour: fieldOf(0, 23),
    day: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fieldOf(1, 31) }),
    month: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fieldOf(1, 12) }),
    weekday: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fieldOf(0, 6) }),
  })
  .map(({ minute, hour, day, month, weekday }) => ({
    text: [minute, hour, day, month, weekday].map((field) => field?.text ?? "*").join(" "),
    minutes: minute.values,
    hours: hour.values,
    ...(day === undefined || day.text === "*" ? {} : { days: day.values }),
    ...(month === undefined ? {} : { months: month.values }),
    ...(weekday === undefined || weekday.text === "*" ? {} : { weekdays: weekday.values }),
    hourWild: hour.wild,
    minuteWild: minute.wild,
  }));

const instantOf = fc.integer({ min: FROM / MINUTE, max: UNTIL / MINUTE }).map((minute) => minute * MINUTE);
const zoneOf = fc.constantFrom(...ZONES);

const scheduleOf: fc.Arbitrary<Schedule> = fc.oneof(
  { weight: 1, arbitrary: instantOf.map<Schedule>((ms) => ({ kind: "at", at: new Date(ms).toISOString() })) },
  {
    weight: 2,
    arbitrary: fc
      .record({ everyMs: fc.integer({ min: 1, max: 3 * DAY }), anchorMs: instantOf })
      .map<Schedule>((fields) => ({ kind: "every", ...fields })),
  },
  {
    weight: 5,
    arbitrary: fc
      .record({
        expression: expressionOf,
        tz: zoneOf,
        staggerMs: fc.constantFrom(0, 0, 300_000),
        seconds: fc.constantFrom("", "7 ", "*/15 "),
      })
      .map<Schedule>(({ expression, tz, staggerMs, seconds }) => ({
        kind: "cron",
        expr: `${seconds}${expression.text}`,
        tz,
        staggerMs,
      })),
  },
);

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

const policyOf: fc.Arbitrary<JobPolicy["misfire"]> = fc.option(
  fc.record(
    {
      mode: fc.constantFrom("skip" as const, "run_once" as const, "run_all" as const),
      windowSeconds: fc.constantFrom(0, 5, 60, 3_600, 86_400, 1e7),
      max: fc.integer({ min: 1, max: 40 }),
    },
    { requiredKeys: [] },
  ),
  { nil: undefined },
);

/** Lengths from a timer's lateness to a long absence. */
const absenceOf = fc.oneof(fc.nat({ max: 20_000 }), fc.nat({ max: DAY }), fc.nat({ max: 60 * DAY }));

describe("misfires", () => {
  it("cover every instant between cursor and now exactly once, in order, over any number of steps", () => {
    fc.assert(
      fc.property(
        scheduleOf,
        instantOf,
        absenceOf,
        policyOf,
        fc.integer({ min: 1, max: 15 }),
        (schedule, cursorMs, away, policy, limit) => {
          const compiled = compile(schedule);
          const nowMs = cursorMs + away;
          let cursor = cursorMs;
          let covered = 0;
          for (let step = 0; step < 100; step++) {
            const plan = decideOccurrences({ compiled, cursorMs: cursor, nowMs, policy, kind: schedule.kind, limit });
            for (const row of plan.rows) {
              const through = row.verdict === "missed" ? row.throughMs : row.scheduledForMs;
              const count = row.verdict === "missed" ? row.count : 1;
              expect(row.scheduledForMs).toBe(nextAfter(compiled, cursor));
              expect(countBetween(compiled, cursor, through)).toBe(count);
              expect(countBetween(compiled, through - 1, through)).toBe(1);
              expect(through).toBeLessThanOrEqual(nowMs);
              covered += count;
              cursor = through;
            }
            expect(plan.rows.filter((row) => row.verdict === "run").length).toBeLessThanOrEqual(limit);
            if (!plan.more) {
              expect(plan.nextDueMs).toBe(nextAfter(compiled, nowMs));
              break;
            }
            expect(plan.rows.length).toBeGreaterThan(0);
          }
          expect(covered).toBe(countBetween(compiled, cursorMs, nowMs));
        },
      ),
      { numRuns: 500 },
    );
  });

  it("run what the policy allows and never something missed after something run", () => {
    fc.assert(
      fc.property(scheduleOf, instantOf, absenceOf, policyOf, (schedule, cursorMs, away, policy) => {
        const nowMs = cursorMs + away;
        const compiled = compile(schedule);
        const { rows } = decideOccurrences({ compiled, cursorMs, nowMs, policy, kind: schedule.kind, limit: 1_000 });
        const verdicts = rows.map((row) => row.verdict);
        const runs = rows.filter((row) => row.verdict === "run");
        expect(verdicts).toEqual([...verdicts].sort((a, b) => (a === b ? 0 : a === "missed" ? -1 : 1)));
        const most = Math.max(10, policy?.mode === "run_all" ? (policy.max ?? 10) : 1);
        expect(runs.length).toBeLessThanOrEqual(schedule.kind === "at" ? 1 : most);
        const newest = lastAtOrBefore(compiled, nowMs, cursorMs);
        if (newest !== undefined && (schedule.kind === "at" || nowMs - newest < 10_000)) {
          expect(runs.at(-1)?.scheduledForMs).toBe(newest);
        }
        for (const row of rows) {
          if (row.verdict !== "missed") continue;
          const windowStart = nowMs - (policy?.windowSeconds ?? 86_400) * 1_000;
          if (row.reason === "outside_window") expect(row.throughMs).toBeLessThan(windowStart);
          else expect(row.scheduledForMs).toBeGreaterThanOrEqual(windowStart);
        }
      }),
      { numRuns: 500 },
    );
  });
});
