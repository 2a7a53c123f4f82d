import type { Schedule } from "../../schema/wire/schedule.ts";
import { type CompiledSchedule, compileSchedule } from "../../src/policy/time/index.ts";
import type { OracleExpression } from "../helpers/cron-oracle.ts";
import fc from "../helpers/fc.ts";

export const MINUTE = 60_000;
export const DAY = 86_400_000;
const ZONES = Intl.supportedValuesOf("timeZone");
const FROM = Date.UTC(1990, 0, 1);
const UNTIL = Date.UTC(2040, 0, 1);

export const compile = (schedule: Schedule): CompiledSchedule =>
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

export const expressionOf: fc.Arbitrary<OracleExpression> = fc
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

export const instantOf = fc.integer({ min: FROM / MINUTE, max: UNTIL / MINUTE }).map((minute) => minute * MINUTE);
export const zoneOf = fc.constantFrom(...ZONES);

export const scheduleOf: fc.Arbitrary<Schedule> = fc.oneof(
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
