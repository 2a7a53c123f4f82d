import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { addInto, bucketOf, type Histogram } from "../../policy/alerts/index.ts";

/** Teaches a connection to sum up durations: `histogram` of milliseconds, `histograms` of what that answered. */
export function addHistograms(raw: DatabaseSync): void {
  const summing = (add: (sum: Histogram, value: SQLInputValue) => void) => ({
    // SQLite only hands it on; its types know no accumulator but values of its own.
    start: () => ({}) as unknown as SQLInputValue,
    step(sum: SQLInputValue, value: SQLInputValue) {
      add(sum as unknown as Histogram, value);
      return sum;
    },
    result: (sum: SQLInputValue) => JSON.stringify(sum),
  });
  raw.aggregate(
    "histogram",
    summing((sum, ms) => {
      if (ms !== null) addInto(sum, { [bucketOf(Number(ms))]: 1 });
    }),
  );
  raw.aggregate(
    "histograms",
    summing((sum, counts) => addInto(sum, JSON.parse(String(counts)) as Histogram)),
  );
}
