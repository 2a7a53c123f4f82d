import { describe, expect, it } from "vitest";
import type { Row, Unit } from "../../bench/lib/figure.ts";
import { describeMachine } from "../../bench/lib/machine.ts";
import { changes, renderWorse } from "../../bench/lib/worse.ts";

const row = (id: string, unit: Unit, ...rounds: number[]): Row => ({ id, label: id, unit, rounds });
const figures = (...rows: Row[]) => ({ f: { seconds: 1, rows } });
const pair = (ours: number[], control: number[], unit: Unit = "ms") =>
  figures(row("f.ours-p50", unit, ...ours), row("f.spawn-p50", unit, ...control));
const machine = describeMachine("2026.9.6", 0);

describe("what got worse", () => {
  it("is told by the ratio to the control: a machine half as fast has made nothing worse", () => {
    expect(changes(pair([8, 9, 10], [4, 4.5, 5]), pair([16, 20], [8, 10]))).toEqual([
      { pair: "f.ours-p50 / f.spawn-p50", before: 2, now: 2, worsePercent: 0 },
    ]);
    expect(changes(pair([8], [4]), pair([12], [4]))[0]?.worsePercent).toBeCloseTo(50);
  });

  it("is less of what is counted a second", () => {
    expect(changes(pair([100], [100], "/s"), pair([50], [100], "/s"))[0]?.worsePercent).toBeCloseTo(100);
    expect(changes(pair([100], [100], "/s"), pair([200], [100], "/s"))[0]?.worsePercent).toBeCloseTo(-50);
  });

  it("is asked of rows of ours that have a control of the same name, another one before the gateway's own", () => {
    const rows = figures(
      row("f.ours-1-p99", "ms", 6),
      row("f.native-1-p99", "ms", 60),
      row("f.spawn-1-p99", "ms", 3),
      row("f.ours-2-p99", "ms", 6),
      row("f.native-2-p99", "ms", 60),
      row("f.ours-p99", "ms", 1),
      row("f.other-100mb-p99", "ms", 1),
      row("f.alone", "ms", 1),
    );
    expect(changes(rows, rows).map(({ pair: name }) => name)).toEqual([
      "f.ours-1-p99 / f.spawn-1-p99",
      "f.ours-2-p99 / f.native-2-p99",
    ]);
  });

  it("leaves out what was not taken then or now, and a control of nothing", () => {
    expect(changes(figures(), pair([8], [4]))).toEqual([]);
    expect(changes(pair([8], [4]), pair([], []))).toEqual([]);
    expect(changes(pair([8], [0]), pair([8], [0]))).toEqual([]);
  });

  it("is named beyond 15 %, and not at them", () => {
    const before = { machine, figures: pair([100], [100]) };
    const said = (now: number) => renderWorse(before, { machine, figures: pair([now], [100]) });
    expect(said(115)).toBe("Ratios compared with the last full run: 1; worse by more than 15 %: 0");
    expect(said(130)).toContain("f.ours-p50 / f.spawn-p50: 1x then, 1.3x now, worse by 30 %");
  });

  it("is not asked of figures of another machine, however busy each of them was", () => {
    const before = { machine: { ...machine, cores: machine.cores + 6 }, figures: pair([1], [1]) };
    const now = { machine: { ...machine, busyPercent: 80 }, figures: pair([9], [1]) };
    expect(renderWorse(before, now)).toBe(
      `Not compared with the last full run: cores ${machine.cores + 6} then, ${machine.cores} now.`,
    );
    expect(renderWorse({ ...before, machine }, now)).toContain("worse by 800 %");
  });
});
