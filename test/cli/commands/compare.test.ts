import { describe, expect, it } from "vitest";
import type { JobStats } from "../../../schema/wire/calls/runs.ts";
import { JOB, jobNotFound } from "../../rpc/recording-engine.ts";
import { page, run } from "../entries.ts";
import { command, NOW } from "../terminal.ts";

const [A, B] = ["aaaaaaaa-0000", "bbbbbbbb-0000"];
const entries = {
  [A]: run({
    runId: A,
    stdout: "same\nold\nsame too\n",
    durationMs: 1_000,
    exitCode: 0,
    runStatus: "succeeded",
    status: "ok",
  }),
  [B]: run({
    runId: B,
    stdout: "same\nnew\nsame too\n",
    durationMs: 61_000,
    exitCode: 3,
    runStatus: "failed",
    status: "error",
  }),
};
const stats: JobStats = {
  ...{ jobId: JOB.id, name: JOB.name, enabled: true, runs: 20, ok: 18, error: 2, okRate: 0.9, canceled: 0, skipped: 0 },
  ...{ retried: 0, outputBytes: 0, cpuMs: 0, days: [], durationMs: { p50: 1_000, p95: 2_000, max: 3_000 } },
};
const answers = {
  getJob: (id: string) => (id === "Disk" ? JOB : jobNotFound()),
  runs: ({ runId, jobId }: { runId?: string; jobId?: string }) => {
    const found = jobId === undefined ? entries[runId ?? ""] : entries[B];
    return { entries: found === undefined ? [] : [found], ...page };
  },
  getRun: (id: string) => entries[id] ?? run({ runId: id }),
  stats: () => ({ sinceMs: 0, untilMs: NOW, jobs: [stats], ...page }),
};

describe("compare", () => {
  it("sets two runs side by side, and the lines that differ", async () => {
    const { stdout, code } = await command(["compare", A, B], { answers });
    expect(stdout).toMatch(/^took +1\.0 s +1 min 1 s +differs$/m);
    expect(stdout).toMatch(/^end +succeeded \(.*\) +failed \(.*3.*\) +differs$/m);
    expect(stdout).toContain("stdout: - A, + B\n@@ -1,3 +1,3 @@\n same\n-old\n+new\n same too");
    expect(stdout).toContain("stderr: no difference");
    expect(stdout).not.toContain("ok rate");
    expect(code).toBe(0);
  });

  it("takes a job for its newest run that ended, and says how it does", async () => {
    const { stdout, asked } = await command(["compare", "Disk", A], { answers });
    expect(asked[1]).toEqual([
      "runs",
      { id: JOB.id, runStatuses: ["succeeded", "failed", "timed_out", "canceled", "lost", "skipped"], limit: 1 },
    ]);
    expect(stdout).toMatch(/^ok rate +90\.0 % +- /m);
    expect(stdout).toMatch(/^p95 +2\.0 s +- /m);
  });

  it("is whole as JSON, and refuses what is neither", async () => {
    const { stdout } = await command(["compare", A, B, "--json"], { answers });
    expect(JSON.parse(stdout)).toMatchObject({
      a: { run: { runId: A } },
      b: { run: { runId: B } },
      difference: { stdout: expect.stringContaining("+new"), stderr: "" },
    });
    const nothing = await command(["compare", A, "nothing"], { answers });
    expect([nothing.code, nothing.stderr]).toEqual([1, expect.stringContaining("nothing")]);
    const never = { ...answers, runs: () => ({ entries: [], ...page }) };
    expect((await command(["compare", "Disk", "Disk"], { answers: never })).stderr).toContain(
      "there is no such run. Got Disk, a job without a run that has ended.",
    );
  });
});
