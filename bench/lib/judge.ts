import type { Row, Unit } from "./figure.ts";
import { formatValue } from "./format.ts";
import { median, ratios } from "./stats.ts";

export interface Goal {
  id: string;
  says: string;
  /** Answers what was measured and whether it is within the goal. */
  judge(rounds: (row: string) => readonly number[]): { measured: string; met: boolean };
  /** Where the limit is. Shown when the goal is not met. */
  limit?: string;
}

/** A ratio with the digits it can carry. */
export const times = (factor: number): string =>
  `${factor >= 100 ? Math.round(factor) : Number(factor.toPrecision(2))}x`;

/** Median of the rounds' ratios is at most, or at least, so much. */
export function ratio(left: string, right: string, test: (factor: number) => boolean): Goal["judge"] {
  return (rounds) => {
    const factor = median(ratios(rounds(left), rounds(right)));
    return { measured: times(factor), met: test(factor) };
  };
}

/** Every one of several ratios of medians fits. */
export function everyRatio(pairs: readonly (readonly [string, string, string])[], test: (factor: number) => boolean) {
  return (rounds: (row: string) => readonly number[]) => {
    const factors = pairs.map(([, left, right]) => median(rounds(left)) / median(rounds(right)));
    return {
      measured: pairs.map(([name], index) => `${name} ${times(factors[index] ?? Number.NaN)}`).join(", "),
      met: factors.every(test),
    };
  };
}

/** Difference of medians. */
export function above(left: string, right: string, unit: Unit, limit: number): Goal["judge"] {
  return (rounds) => {
    const difference = median(rounds(left)) - median(rounds(right));
    return { measured: `${difference < 0 ? "" : "+"}${formatValue(difference, unit)}`, met: difference <= limit };
  };
}

/** Medians of all these rows are below it. */
export const below = (row: string | readonly string[], unit: Unit, limit: number): Goal["judge"] =>
  medians(row, unit, (value) => value < limit);

/** Medians of all these rows are at most that. */
export const atMost = (row: string | readonly string[], unit: Unit, limit: number): Goal["judge"] =>
  medians(row, unit, (value) => value <= limit);

export function medians(row: string | readonly string[], unit: Unit, test: (value: number) => boolean): Goal["judge"] {
  return (rounds) => {
    const values = [row].flat().map((one) => median(rounds(one)));
    return { measured: values.map((value) => formatValue(value, unit)).join(", "), met: values.every(test) };
  };
}

/** The worst median of several rows fits. */
export function worst(rows: readonly string[], unit: Unit, test: (value: number) => boolean): Goal["judge"] {
  return (rounds) => {
    const value = Math.max(...rows.map((row) => median(rounds(row))));
    return { measured: `${formatValue(value, unit)} at worst`, met: test(value) };
  };
}

export interface Verdict {
  goal: string;
  says: string;
  measured: string;
  met: "met" | "not met" | "not measured";
  limit?: string;
}

export function judgeGoals(goals: readonly Goal[], rows: readonly Row[]): Verdict[] {
  const known = new Map(rows.map((row) => [row.id, row.rounds]));
  return goals.map(({ id, says, judge, limit }) => {
    const missing: string[] = [];
    const { measured, met } = judge((row) => {
      const rounds = known.get(row) ?? [];
      if (rounds.length === 0) missing.push(row);
      return rounds;
    });
    if (missing.length > 0) return { goal: id, says, measured: "", met: "not measured" };
    return met || limit === undefined
      ? { goal: id, says, measured, met: met ? "met" : "not met" }
      : { goal: id, says, measured, met: "not met", limit };
  });
}
