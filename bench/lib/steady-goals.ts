import type { Goal } from "./judge.ts";
import { median } from "./stats.ts";

/** Median of the last third of the rounds beside that of the first: 1 is flat. */
export function growth(rounds: readonly number[]): number {
  const third = Math.max(1, Math.floor(rounds.length / 3));
  return median(rounds.slice(-third)) / median(rounds.slice(0, third));
}

const flat =
  (rows: readonly (readonly [name: string, row: string])[], atMost: number): Goal["judge"] =>
  (rounds) => {
    const grown = rows.map(([name, row]) => [name, growth(rounds(row))] as const);
    return {
      measured: grown.map(([name, factor]) => `${name} ${Number(factor.toPrecision(3))}x`).join(", "),
      met: grown.every(([, factor]) => factor <= atMost),
    };
  };

/** What is wanted of an hour of work: that it leaves nothing behind. */
export const STEADY_GOALS: readonly Goal[] = [
  {
    id: "steady-size",
    says: "An hour at half of the throughput, last third beside the first: memory, open files and ledger at most 1.1x",
    judge: flat(
      [
        ["gateway", "steady.gateway-rss"],
        ["runner", "steady.runner-rss"],
        ["files", "steady.gateway-files"],
        ["the runner's", "steady.runner-files"],
        ["ledger", "steady.ledger"],
      ],
      1.1,
    ),
    limit: "The gateway's memory goes up and down with its collector; the plot shows whether it comes down again.",
  },
  {
    id: "steady-time",
    says: "... from asking for a run to its final row, p50 and p99 at most 1.2x",
    judge: flat(
      [
        ["p50", "steady.p50"],
        ["p99", "steady.p99"],
      ],
      1.2,
    ),
    limit: "Where it was taken on a busy machine, what else that did is in it.",
  },
  {
    id: "steady-whole",
    says: "... no run lost, and no firing of eight every-second jobs over a second late",
    judge: (rounds) => {
      const [lost, late] = [median(rounds("steady.lost")), median(rounds("steady.late"))];
      return { measured: `${lost} lost, ${late} late`, met: lost === 0 && late === 0 };
    },
    limit: "The gateway was held up for that long, or the machine was.",
  },
];
