import { describe, expect, it } from "vitest";
import type { EngineApi, JobTimeline } from "../../../src/engine/api.ts";
import { JOB } from "../../rpc/recording-engine.ts";
import { page } from "../entries.ts";
import { command, NOW } from "../terminal.ts";

const HOUR = 3_600_000;
const mark = (status: string, agoMs: number, tookMs = 0) =>
  ({ runId: "r", status, runs: 1, fromMs: NOW - agoMs, throughMs: NOW - agoMs + tookMs }) as never;
const jobs = [JOB, { ...JOB, id: "other", name: "Nightly backup of everything there is" }];
const answers = {
  listJobs: () => ({ jobs, ...page, total: 2 }),
  timeline: async ({ ids }) => ({
    jobs: ids.map((jobId) => ({
      jobId,
      marks:
        jobId === JOB.id ? [mark("succeeded", 23.4 * HOUR), mark("failed", 1), mark("succeeded", 2 * HOUR, HOUR)] : [],
    })) as unknown as JobTimeline[],
  }),
} as Partial<EngineApi>;

describe("timeline", () => {
  it("pictures each job on a line that ends now, the worst of a slot over the rest", async () => {
    const { stdout, asked } = await command(["timeline"], { answers });
    expect(stdout).toBe(
      [
        `${" ".repeat(26)}2027-01-14 12:00${" ".repeat(35)}now`,
        `${"Disk".padEnd(26)}.o${".".repeat(47)}ooo.x`,
        `Nightly backup of every…  ${".".repeat(54)}`,
        "o succeeded  - did not run  > under way  x failed  . nothing\n",
      ].join("\n"),
    );
    expect(asked[1]?.[1]).toMatchObject({ ids: [JOB.id, "other"], untilMs: NOW, slotMs: (24 * HOUR) / 54 });
  });

  it("takes one job and another span, and fits the terminal", async () => {
    for (const columns of [40, 80, 120, 200]) {
      const { stdout } = await command(["timeline", "Disk", "--since", "7d"], {
        answers,
        columns,
        tty: true,
        env: { NO_COLOR: "1" },
      });
      const lines = stdout.trimEnd().split("\n").slice(0, -1);
      expect(Math.max(...lines.map(({ length }) => length))).toBe(Math.min(columns, 4 + 2 + 96));
      expect(lines[0]).toMatch(/^ +2027-01-08 .* now$/);
    }
    const json = await command(["timeline", "Disk", "--since", "10s", "--json"], { answers });
    expect(JSON.parse(json.stdout).jobs[0].marks).toHaveLength(3);
    expect(json.asked.at(-1)?.[1]).toMatchObject({ slotMs: 1_000 });
    const none = await command(["timeline"], { answers: { listJobs: () => ({ jobs: [], ...page }) } });
    expect(none.stdout).toBe("No command jobs.\n");
  });
});
