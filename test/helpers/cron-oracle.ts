/**
 * What docs/schedules.md says about cron expressions and clock changes, written a second time and slowly: a walk over
 * every minute with the local time read from Intl. Shares no code with src/policy.
 */
export interface OracleExpression {
  /** As an operator writes it; five fields. */
  text: string;
  minutes: ReadonlySet<number>;
  hours: ReadonlySet<number>;
  days?: ReadonlySet<number>;
  months?: ReadonlySet<number>;
  weekdays?: ReadonlySet<number>;
  /** The hour field is a wildcard. */
  hourWild: boolean;
  /** The minute field is a wildcard. */
  minuteWild: boolean;
}

const MINUTE = 60_000;
const readers = new Map<string, Intl.DateTimeFormat>();

/** Local time of an instant as minutes since 1970 on that zone's clock. */
export function localMinute(atMs: number, tz: string): number {
  let reader = readers.get(tz);
  if (reader === undefined) {
    reader = new Intl.DateTimeFormat("en-US", {
      timeZone: tz,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
    });
    readers.set(tz, reader);
  }
  const parts = /^(\d+)\/(\d+)\/(\d+), (\d+):(\d+)$/.exec(reader.format(atMs));
  if (parts === null) throw new Error(`cannot read local time in ${tz}`);
  const [month = 0, day = 0, year = 0, hour = 0, minute = 0] = parts.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute) / MINUTE;
}

function names(expression: OracleExpression, wallMinute: number): boolean {
  const wall = new Date(wallMinute * MINUTE);
  if (!expression.minutes.has(wall.getUTCMinutes()) || !expression.hours.has(wall.getUTCHours())) return false;
  if (expression.months !== undefined && !expression.months.has(wall.getUTCMonth() + 1)) return false;
  const { days, weekdays } = expression;
  const byDay = days?.has(wall.getUTCDate());
  const byWeekday = weekdays?.has(wall.getUTCDay());
  if (byDay === undefined) return byWeekday ?? true;
  return byDay || byWeekday === true;
}

/**
 * Every instant of an expression in [fromMs, untilMs), both on whole minutes. Walks the zone's clock once, from two days
 * earlier so that repeated times are known as such, and then answers for any expression.
 */
export function createOracle(tz: string, fromMs: number, untilMs: number): (expression: OracleExpression) => number[] {
  const startMs = fromMs - 2_880 * MINUTE;
  const walls = Array.from({ length: (untilMs - startMs) / MINUTE }, (_, index) =>
    localMinute(startMs + index * MINUTE, tz),
  );
  return (expression) => {
    const instants: number[] = [];
    const shown = new Set<number>();
    let before = Number.POSITIVE_INFINITY;
    for (const [index, wall] of walls.entries()) {
      let fires = names(expression, wall) && (!shown.has(wall) || expression.hourWild || expression.minuteWild);
      if (!expression.hourWild) {
        for (let leftOut = before + 1; leftOut < wall; leftOut++) fires ||= names(expression, leftOut);
      }
      const atMs = startMs + index * MINUTE;
      if (fires && atMs >= fromMs) instants.push(atMs);
      shown.add(wall);
      before = wall;
    }
    return instants;
  };
}

/** Instants in [fromMs, untilMs) after which the zone's local time does not simply go on; found by looking every hour, so up to an hour late. */
export function clockChanges(tz: string, fromMs: number, untilMs: number): number[] {
  const changes: number[] = [];
  const step = 60;
  let before = localMinute(fromMs, tz);
  for (let atMs = fromMs + step * MINUTE; atMs < untilMs; atMs += step * MINUTE) {
    const wall = localMinute(atMs, tz);
    if (wall - before !== step) changes.push(atMs);
    before = wall;
  }
  return changes;
}

const range = (from: number, to: number, step = 1): ReadonlySet<number> =>
  new Set(Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step));

const ALL_HOURS = range(0, 23);

/** Expressions that stand for each line of the rule. */
export const ORACLE_EXPRESSIONS: OracleExpression[] = [
  { text: "30 2 * * *", minutes: new Set([30]), hours: new Set([2]), hourWild: false, minuteWild: false },
  { text: "0 0 * * *", minutes: new Set([0]), hours: new Set([0]), hourWild: false, minuteWild: false },
  {
    text: "15 1,2,3,23 * * *",
    minutes: new Set([15]),
    hours: new Set([1, 2, 3, 23]),
    hourWild: false,
    minuteWild: false,
  },
  { text: "*/20 0-3 * * *", minutes: range(0, 59, 20), hours: range(0, 3), hourWild: false, minuteWild: true },
  { text: "30 * * * *", minutes: new Set([30]), hours: ALL_HOURS, hourWild: true, minuteWild: false },
  { text: "*/30 * * * *", minutes: range(0, 59, 30), hours: ALL_HOURS, hourWild: true, minuteWild: true },
  { text: "0 */2 * * *", minutes: new Set([0]), hours: range(0, 23, 2), hourWild: true, minuteWild: false },
  { text: "* * * * *", minutes: range(0, 59), hours: ALL_HOURS, hourWild: true, minuteWild: true },
  {
    text: "30 2 * * 0",
    minutes: new Set([30]),
    hours: new Set([2]),
    weekdays: new Set([0]),
    hourWild: false,
    minuteWild: false,
  },
];
