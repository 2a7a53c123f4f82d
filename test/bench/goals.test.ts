import { describe, expect, it } from "vitest";
import { FIGURES } from "../../bench/figures/index.ts";
import { GOALS, judgeGoals } from "../../bench/goals.ts";
import type { Row } from "../../bench/lib/figure.ts";

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
    const rows = ["1", "8", "32"].flatMap((limit) => [
      row(`throughput.ours-${limit}`, limit === "32" ? 40 : 90),
      row(`throughput.spawn-${limit}`, 100),
    ]);
    expect(verdictOf("throughput-spawn", rows)).toMatchObject({
      met: "not met",
      measured: "1: 0.9x, 8: 0.9x, 32: 0.4x",
    });
  });
});
