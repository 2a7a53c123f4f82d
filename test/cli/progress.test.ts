import { describe, expect, it } from "vitest";
import type { ProgressEntry } from "../../schema/wire/progress.ts";
import type { EngineApi } from "../../src/engine/api.ts";
import { created, RUN } from "./create-line.ts";
import { page, run } from "./entries.ts";
import { command, NOW } from "./terminal.ts";

const PROGRESS: ProgressEntry = {
  atMs: NOW,
  elapsedMs: 60_000,
  percent: 43.2,
  done: 3,
  total: 7,
  message: "orders\u001b[2J",
  next: "indexes",
  etaAtMs: NOW + 8 * 60_000,
  etaFrom: "pace",
};

function running(progress: ProgressEntry | null = PROGRESS): ReturnType<typeof run> {
  const { status: _status, durationMs: _took, ...rest } = run({ action: "started", runStatus: "running" });
  return { ...rest, runAtMs: NOW - 42 * 60_000, ...(progress === null ? {} : { progress }) };
}
const answering = (entry: ReturnType<typeof run>): Partial<EngineApi> => ({
  runs: () => ({ entries: [entry], ...page }),
});

describe("a run that goes on", () => {
  it("is listed with how long it has been, a bar and when it will be over", async () => {
    const { stdout } = await command(["runs", "Disk"], { answers: answering(running()) });
    expect(stdout).toContain("42 min so far");
    expect(stdout).toContain("▓▓▓▓░░░░░░ 43 % (3/7), orders · 8 min left, by its pace");
  });

  it("is shown with them, with what comes then, in its run and in its job", async () => {
    for (const line of [
      ["runs", "--run-id", "run-1"],
      ["show", "Disk"],
    ]) {
      const { stdout } = await command(line, { answers: answering(running()) });
      expect(stdout).toMatch(/^running for: +42 min$/m);
      expect(stdout).toMatch(/^progress: +▓▓▓▓░░░░░░ 43 % \(3\/7\), orders · 8 min left, by its pace$/m);
      expect(stdout).toMatch(/^then: +indexes$/m);
    }
  });

  it("is as it was where it says nothing", async () => {
    const { stdout } = await command(["runs", "--run-id", "run-1"], { answers: answering(running(null)) });
    expect(stdout).not.toContain("progress");
  });

  it("is told of beside its log while that is followed, once for each word", async () => {
    let look = 0;
    const answers: Partial<EngineApi> = {
      log: async () => {
        look += 1;
        const progress = look < 3 ? PROGRESS : { ...PROGRESS, percent: 50, level: "warn" as const };
        const at = { nextOffset: 0, endOffset: 0, droppedBytes: 0, running: look < 6, progress };
        return { runId: "run-1", attempt: 1, attempts: 1, chunks: [], ...at };
      },
    };
    const { stderr, stdout } = await command(["logs", "Disk", "-f"], { answers });
    expect(stdout).toBe("");
    expect(stderr.match(/^progress: .*$/gm)).toEqual([
      "progress: ▓▓▓▓░░░░░░ 43 % (3/7), orders · 8 min left, by its pace",
      expect.stringMatching(/^progress: warn: ▓▓▓▓▓░░░░░ 50 % \(3\/7\), orders · .* left, by its pace$/),
    ]);
    look = 0;
    expect((await command(["logs", "Disk"], { answers })).stderr).not.toContain("progress");
  });
});

it("the policy of progress is taken flag by flag", async () => {
  const job = await created(
    ...["20m", "--name", "x", ...RUN, "--report-every", "10m", "--stall-after", "1h", "--on-stall", "end"],
  );
  expect(job).toMatchObject({
    policy: { progress: { reportEverySeconds: 600, stallSeconds: 3_600, onStall: "end" } },
  });
  const off = await created(...["20m", "--name", "x", ...RUN, "--report-every", "0s", "--stall-after", "0s"]);
  expect(off).toMatchObject({ policy: { progress: { reportEverySeconds: 0, stallSeconds: 0 } } });
});
