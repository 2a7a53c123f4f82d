import { describe, expect, it } from "vitest";
import type { JobStats, RunStats } from "../../../schema/wire/calls/runs.ts";
import { sparkline } from "../../../src/cli/render/stats.ts";
import { page } from "../entries.ts";
import { command, NOW } from "../terminal.ts";

const DAY_MS = 86_400_000;
const since = Date.UTC(2026, 11, 16);
const RUNS: RunStats = {
  ...{ runs: 200, ok: 198, error: 1, canceled: 1, skipped: 0, retried: 2, okRate: 198 / 199 },
  durationMs: { p50: 1_000, p95: 4_000, max: 9_000 },
  latenessMs: { p50: 3, p95: 12, max: 80 },
  ...{ outputBytes: 2_048, cpuMs: 5_000, peakMemoryBytes: 1_048_576 },
  days: [1_000, 4_000, undefined, 8_000].flatMap((p50Ms, n) =>
    p50Ms === undefined ? [] : [{ atMs: since + n * DAY_MS, runs: 1, error: 0, p50Ms }],
  ),
};
const job: JobStats = { jobId: "a".repeat(36), name: "Backup", enabled: true, slow: true, ...RUNS };
const answers = { stats: () => ({ sinceMs: since, untilMs: NOW, all: RUNS, jobs: [job], ...page }) };

describe("stats", () => {
  it("is all together and a line a job", async () => {
    const { stdout, asked } = await command(["stats", "--since", "2026-12-16T10:00:00Z", "--tag", "db"], { answers });
    expect(asked).toEqual([["stats", { sinceMs: since + 36_000_000, tags: ["db"] }]]);
    expect(stdout.split("\n")).toEqual([
      "stats:   all that fit",
      "since:   2026-12-16 00:00:00Z, whole days",
      "runs:    200: 198 ok, 1 failed, 1 canceled, 2 only after a retry",
      "ok rate: 99.5 %",
      "took:    1.0 s p50, 4.0 s p95, 9.0 s max",
      "late:    3 ms p50, 12 ms p95, 80 ms max",
      "output:  2 KiB",
      "CPU:     5.0 s",
      "memory:  1 MiB at most",
      "by day:  ▁▄ █",
      "",
      "ID        Name    Runs  OK      p50    p95    Max    Late p95  Output  CPU    Memory  By day  Of late",
      "aaaaaaaa  Backup  200   99.5 %  1.0 s  4.0 s  9.0 s  12 ms     2 KiB   5.0 s  1 MiB   ▁▄ █    slow",
      "",
    ]);
  });

  it("is one job alone, or JSON", async () => {
    const one = await command(["stats", "Backup"], { answers });
    expect(one.asked).toEqual([["stats", { id: "Backup" }]]);
    expect(one.stdout).toMatch(/^stats: +Backup$/m);
    expect(one.stdout).toMatch(/^of late: +slow$/m);
    expect(one.stdout).not.toContain("ID ");
    expect(JSON.parse((await command(["stats", "--json"], { answers })).stdout).jobs).toEqual([job]);
  });

  it("draws bars by the largest value", () => {
    expect([sparkline([0, 1, 4, 8]), sparkline([0, 0]), sparkline([5, undefined, 5]), sparkline([])]).toEqual([
      "▁▁▄█",
      "▁▁",
      "█ █",
      "",
    ]);
  });
});
