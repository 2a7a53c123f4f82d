import type { Row, Unit } from "./figure.ts";
import { spread } from "./stats.ts";

const SUFFIX: Record<Unit, string> = {
  ms: " ms",
  s: " s",
  "/s": "/s",
  MB: " MB",
  kB: " kB",
  B: " B",
  "%": " %",
  count: "",
};

/** Three digits are what a measurement like these can carry. */
function digits(value: number): string {
  const size = Math.abs(value);
  const decimals = size === 0 || size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return value.toLocaleString("en-US", { minimumFractionDigits: 0, maximumFractionDigits: decimals });
}

export const formatValue = (value: number, unit: Unit): string => `${digits(value)}${SUFFIX[unit]}`;

/** Median and what the rounds lay between; one round has no spread. */
export function formatRow(row: Row): { value: string; between: string; rounds: string } {
  const { median, min, max } = spread(row.rounds);
  return {
    value: formatValue(median, row.unit),
    between: row.rounds.length === 1 ? "" : `${digits(min)} to ${digits(max)}`,
    rounds: String(row.rounds.length),
  };
}
