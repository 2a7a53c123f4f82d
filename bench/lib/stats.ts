/** The value below which the share `q` of the values lies, between neighbours by straight line. NaN for none. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * q;
  const low = sorted[Math.floor(place)];
  const high = sorted[Math.ceil(place)];
  if (low === undefined || high === undefined) return Number.NaN;
  return low + (high - low) * (place - Math.floor(place));
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** What several rounds of the same measurement gave. */
export const spread = (values: readonly number[]): Spread => ({
  median: median(values),
  min: Math.min(...values),
  max: Math.max(...values),
});

/** One number a round, `left` to `right` of the same round: a machine that slows down slows both. */
export function ratios(left: readonly number[], right: readonly number[]): number[] {
  const rounds = Math.min(left.length, right.length);
  return Array.from({ length: rounds }, (_, round) => (left[round] ?? Number.NaN) / (right[round] ?? Number.NaN));
}

/** Slope of a straight line through the values, per step. */
export function slope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let up = 0;
  let down = 0;
  for (const [index, value] of values.entries()) {
    up += (index - middle) * (value - mean);
    down += (index - middle) ** 2;
  }
  return down === 0 ? 0 : up / down;
}
