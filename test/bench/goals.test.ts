import { describe, expect, it } from "vitest";
import { FIGURES } from "../../bench/figures/index.ts";
import { GOALS } from "../../bench/goals.ts";
import type { Row } from "../../bench/lib/figure.ts";
import { judgeGoals } from "../../bench/lib/judge.ts";

const row = (id: string, ...rounds: number[]): Row => ({ id, label: id, unit: "ms", rounds });
const verdictOf = (goal: string, rows: Row[]) => judgeGoals(GOALS, rows).find((verdict) => verdict.goal === goal);

describe("goals", () => {
  it("ask only for rows that some figure takes", () => {
    const taken = FIGURES.flatMap(({ name, rows }) => Object.keys(rows).map((id) => `${name}.${id}`));
    const asked = new Set<string>();
    for (const { judge } of GOALS) {
      judge((id) => {
        asked.add(id);
        return [1];
      });
    }
    expect([...asked].filter((id) => !taken.includes(id))).toEqual([]);
    expect(asked.size).toBeGreaterThan(30);
  });

  it("are met or not met by the ratio of each round", () => {
    const native = row("overhead.native-p50", 30, 60);
    expect(verdictOf("overhead-native", [row("overhead.ours-p50", 3, 6), native])).toMatchObject({
      met: "met",
      measured: "0.1x",
    });
    expect(verdictOf("overhead-native", [row("overhead.ours-p50", 6, 12), native])).toMatchObject({
      met: "not met",
      measured: "0.2x",
    });
  });

  it("are met exactly at the limit and not beyond it", () => {
    const at = (value: number) => verdictOf("output-stall", [row("output.ours-stall", 1, value)])?.met;
    expect(at(20)).toBe("met");
    expect(at(20.1)).toBe("not met");
  });

  it("are not met by rounds that were never taken", () => {
    expect(verdictOf("output-stall", [])?.met).toBe("not measured");
    expect(verdictOf("output-stall", [row("output.ours-stall")])?.met).toBe("not measured");
  });

  it("judge every size by the worst of them", () => {
    const rows = ["add", "update", "remove", "run"].flatMap((op) => [
      row(`scale.ours-${op}-10k`, op === "run" ? 2 : 0.5),
      row(`scale.native-${op}-10k`, 100),
    ]);
    expect(verdictOf("store-native", rows)).toMatchObject({
      met: "not met",
      measured: "add 0.005x, update 0.005x, remove 0.005x, run 0.02x",
    });
  });
});
