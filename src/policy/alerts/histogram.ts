/** How often each bucket was hit. A bucket is a tenth wider than the one below it, so that none is far from what it counts. */
export type Histogram = Record<string, number>;

const GROWTH = Math.log(1.1);

/** The bucket of a duration in milliseconds; 0 for less than one. */
export const bucketOf = (ms: number): number => (ms < 1 ? 0 : 1 + Math.floor(Math.log(ms) / GROWTH + 1e-9));

/** Milliseconds in the middle of a bucket: at most a twentieth away from everything in it. */
const middleOf = (bucket: number): number => (bucket === 0 ? 0 : Math.exp((bucket - 0.5) * GROWTH));

/** Adds the counts of the second to the first. */
export function addInto(sum: Histogram, more: Histogram): void {
  for (const [bucket, count] of Object.entries(more)) sum[bucket] = (sum[bucket] ?? 0) + count;
}

/** What a share of all durations is no longer than, milliseconds, within five per cent; undefined of none. */
export function quantileOf(histogram: Histogram, share: number): number | undefined {
  const buckets = Object.entries(histogram)
    .map(([bucket, count]) => [Number(bucket), count] as const)
    .sort(([a], [b]) => a - b);
  const rank = share * buckets.reduce((sum, [, count]) => sum + count, 0);
  let seen = 0;
  for (const [bucket, count] of buckets) {
    seen += count;
    if (seen >= rank) return Math.round(middleOf(bucket));
  }
  return undefined;
}
