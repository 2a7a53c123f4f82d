import { beforeEach, describe, expect, it } from "vitest";
import { auditRows } from "../../bench/lib/audit-rows.ts";
import type { LinePlot, Row } from "../../bench/lib/figure.ts";
import { openBenchLedger } from "../../bench/lib/fill.ts";
import { renderLines } from "../../bench/lib/lines.ts";
import { describeMachine } from "../../bench/lib/machine.ts";
import { keptFrom, type Results } from "../../bench/lib/results.ts";
import { growth, STEADY_GOALS } from "../../bench/lib/steady-goals.ts";
import type { NewRun } from "../../src/ledger/types.ts";
import { testDir } from "../helpers/after-test.ts";

describe("an hour of work", () => {
  it("is flat by its last third beside its first", () => {
    expect(growth([10, 10, 10, 50, 50, 50, 20, 20, 20])).toBe(2);
    expect(growth([7])).toBe(1);
    const size = STEADY_GOALS.find(({ id }) => id === "steady-size");
    const rows = (last: number) => (row: string) => (row === "steady.ledger" ? [10, 10, last] : [5, 9, 5]);
    expect(size?.judge(rows(11)).met).toBe(true);
    expect(size?.judge(rows(12))).toMatchObject({ met: false, measured: expect.stringContaining("ledger 1.2x") });
  });

  it("is drawn as a line through its samples, on an axis from nothing", () => {
    const rows: Row[] = [
      { id: "f.minutes", label: "", unit: "count", rounds: [60] },
      { id: "f.a", label: "", unit: "MB", rounds: [50, 100] },
      { id: "f.none", label: "", unit: "MB", rounds: [] },
    ];
    const plot: LinePlot = {
      file: "f",
      title: "a & b",
      minutes: "f.minutes",
      panels: [
        { label: "sizes", lines: [{ label: "a", row: "f.a", whose: "ours" }] },
        { label: "nothing", lines: [{ label: "n", row: "f.none", whose: "ours" }] },
      ],
    };
    const svg = renderLines(plot, rows);
    const points = /points="([^"]+)"/.exec(svg)?.[1]?.split(" ") ?? [];
    const [from, to] = points.map((point) => ({ x: Number(point.split(",")[0]), y: Number(point.split(",")[1]) }));
    const bottom = 34 + 84;
    expect((bottom - (to?.y ?? 0)) / (bottom - (from?.y ?? 0))).toBeCloseTo(2, 1);
    expect(to?.x).toBeGreaterThan(from?.x ?? 0);
    expect(svg).toContain("100 MB a");
    expect(svg).toContain("60 minutes");
    expect(svg).not.toContain("nothing");
    expect(svg).toContain("a &amp; b");
  });

  it("leaves the full run's date and machine beside the figures it joins, unless that was another machine", () => {
    const machine = describeMachine("2026.9.6", 2);
    const last: Results = { takenAt: "2026-01-01T00:00:00Z", machine, figures: {}, verdicts: [] };
    const taken = { takenAt: "2026-01-02T00:00:00Z", machine: { ...machine, busyPercent: 90 }, figures: {} };
    expect(keptFrom(last, taken, false)).toMatchObject({ takenAt: last.takenAt, machine: { busyPercent: 2 } });
    expect(keptFrom(last, taken, true)).toBe(taken);
    const moved = { ...taken, machine: { ...machine, cores: machine.cores + 1 } };
    expect(keptFrom(last, moved, false)).toBe(moved);
  });
});

describe("the audit of an hour", () => {
  let dir: string;
  beforeEach(() => {
    dir = testDir("cc-audit-");
  });

  it("counts each run once it had time to end: succeeded, late, and instants that have no run", () => {
    const ledger = openBenchLedger(dir);
    const queued = { jobName: "j", jobRevision: 1, pool: "default", exclusive: false, queuedAtMs: 1, readyAtMs: 1 };
    const add = (id: string, change: Partial<NewRun>) =>
      ledger.runs.insert({
        id,
        jobId: "j",
        trigger: "manual",
        status: "succeeded",
        endedAtMs: 2,
        ...queued,
        ...change,
      });
    add("before", {});
    const audit = auditRows(ledger.path, ["s"]);
    add("m1", {});
    add("m2", { status: "skipped" });
    const fired = (id: string, dueMs: number, startedAtMs: number): void => {
      ledger.runs.insert({ id, jobId: "s", trigger: "schedule", scheduledForMs: dueMs, status: "queued", ...queued });
      ledger.runs.begin(id, startedAtMs);
      ledger.runs.settle(id, { status: "succeeded", endedAtMs: startedAtMs + 1, deliveryStatus: "not-requested" });
    };
    fired("s1", 1_000, 1_010);
    fired("s2", 2_000, 3_500);
    fired("s4", 4_000, 4_900);
    expect(audit.look()).toMatchObject({ asked: 0, fired: 0 });
    expect(audit.look()).toEqual({ asked: 1, bad: 1, fired: 3, due: 4, late: 1 });
    add("m3", {});
    expect(audit.look(true)).toEqual({ asked: 2, bad: 1, fired: 3, due: 4, late: 1 });
    audit.close();
    ledger.close();
  });
});
