import { describe, expect, it } from "vitest";
import type { JobTree } from "../../../src/engine/api.ts";
import { JOB } from "../../rpc/recording-engine.ts";
import { command, NOW } from "../terminal.ts";

const CREATE = ["create", "--name", "Upload", "--command", "./up.sh", "--no-deliver"];
const follower = {
  ...JOB,
  schedule: { kind: "after" as const, job: "p", on: "failure" as const },
  parentName: "Backup",
};
const paramsOf = async (...args: string[]) => (await command(args)).asked[0]?.[1] as Record<string, unknown>;

describe("a job that follows another, on the command line", () => {
  it("is created with all that can be said of it", async () => {
    const flags = [
      "--after",
      "Backup",
      "--on",
      "failure",
      "--delay",
      "1m30s",
      "--match",
      "disk",
      "--input-from-parent",
    ];
    expect(await paramsOf(...CREATE, ...flags)).toMatchObject({
      schedule: { kind: "after", job: "Backup", on: "failure", delaySeconds: 90, match: "disk" },
      payload: { inputFrom: "parent" },
    });
  });

  it.each([
    [[...CREATE, "--every", "1h", "--on", "failure"], "--after"],
    [[...CREATE, "every 1h", "--delay", "5s"], "--after"],
    [[...CREATE, "--after", "A", "--tz", "UTC"], "--tz"],
    [[...CREATE, "--after", "A", "--stagger", "1m"], "cron schedule"],
    [[...CREATE, "--after", "A", "--on", "never"], "`success`, `failure`, `complete`"],
    [["edit", "Disk", "--on", "failure"], "--after, or a job that follows another"],
  ])("refuses %j", async (args, said) => {
    const session = await command(args);
    expect([session.code, session.asked.filter(([method]) => method !== "get")]).toEqual([2, []]);
    expect(session.stderr).toContain(said);
  });

  it("is edited in its parts", async () => {
    const edit = async (...args: string[]) =>
      (await command(["edit", "Disk", ...args], { answers: { getJob: () => follower } })).asked.at(-1)?.[1];
    expect(await edit("--delay", "5s")).toMatchObject({
      patch: { schedule: { kind: "after", job: "p", on: "failure", delaySeconds: 5 } },
    });
    expect(await edit("--after", "Other")).toMatchObject({ patch: { schedule: { job: "Other", on: "failure" } } });
    expect(await edit("--no-input-from-parent")).toMatchObject({ patch: { payload: { inputFrom: null } } });
  });

  it("says whom it follows where others say when they run", async () => {
    const answers = {
      listJobs: () => ({ jobs: [follower], total: 1, offset: 0, limit: 50, hasMore: false, nextOffset: null }),
      getJob: () => follower,
      next: () => ({
        instants: [],
        timeZone: "UTC",
        after: { jobId: "p", jobName: "Backup", on: "complete" as const, delaySeconds: 60, match: "a+" },
      }),
    };
    expect((await command(["list"], { answers })).stdout).toContain("after Backup fails");
    expect((await command(["show", "Disk"], { answers })).stdout).toMatch(/Next\n {2}after Backup fails\n/);
    expect((await command(["next", "Disk"], { answers })).stdout).toBe(
      "after Backup ends, 1 min later, if it says /a+/\n",
    );
    const gone = {
      next: () => ({ instants: [], timeZone: "UTC", after: { jobId: "12345678-aa", on: "success" as const } }),
    };
    expect((await command(["next", "Disk"], { answers: gone })).stdout).toBe("after 12345678, which is gone\n");
  });

  it("run --alone, rm --cascade and runs --chain ask for that", async () => {
    expect(await paramsOf("run", "Disk", "--alone")).toMatchObject({ id: "Disk", alone: true });
    expect(await paramsOf("rm", "Disk", "--cascade")).toEqual({ id: "Disk", cascade: true });
    expect(await paramsOf("runs", "--chain", "run-1")).toEqual({ chain: "run-1" });
    const answers = { removeJob: async () => ({ removed: true, disabled: ["x"] }) };
    expect((await command(["rm", "Disk", "--cascade"], { answers })).stderr).toContain("Disabled what followed it: x");
  });
});

describe("tree", () => {
  const drawn = async (jobs: JobTree["jobs"], columns: number) =>
    (
      await command(["tree"], { answers: { tree: () => ({ jobs, more: false }) }, tty: true, columns })
    ).stdout.replaceAll(/\u001b\[[0-9;]*m/g, "");
  const job = (name: string, level: number, more: Partial<JobTree["jobs"][number]> = {}) => ({
    jobId: name,
    name,
    level,
    enabled: true,
    ...(level === 0 ? {} : { on: "success" as const }),
    ...more,
  });

  it("draws where each job hangs, when it follows and how it went", async () => {
    const jobs = [
      job("Backup", 0, { lastRunStatus: "ok", lastRunAtMs: NOW - 300_000 }),
      job("Check", 1, { lastRunStatus: "ok", lastRunAtMs: NOW - 290_000 }),
      job("Upload", 2, { delaySeconds: 60, runningAtMs: NOW }),
      job("Alarm", 1, { on: "failure", enabled: false }),
      { jobId: "0123456789", level: 0 },
      job("Stray", 1, { on: "complete", lastRunStatus: "error", lastRunAtMs: NOW - 86_400_000 }),
    ];
    expect(await drawn(jobs, 80)).toBe(
      [
        "Backup                      ok        5 min ago",
        "├─ Check                    ok        4 min 50 s ago",
        "│  └─ Upload (1 min later)  running",
        "└─ Alarm (fails)            disabled",
        "01234567                    gone",
        "└─ Stray (ends)             error     1 d ago",
        "",
      ].join("\n"),
    );
  });

  it("draws 25 followers and ten levels in 80 columns", async () => {
    const jobs = [job("Nightly export of everything there is", 0, { lastRunStatus: "ok", lastRunAtMs: NOW - 1 })];
    for (let level = 1; level < 10; level += 1) {
      jobs.push(job(`Level ${level} of a chain with rather long names for its jobs`, level, { lastRunStatus: "ok" }));
    }
    for (let nth = 2; nth <= 25; nth += 1) jobs.push(job(`Follower ${nth}`, 1, { on: "failure" }));
    const lines = (await drawn(jobs, 80)).trimEnd().split("\n");
    expect(lines).toHaveLength(34);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(lines[1]).toMatch(/^├─ Level 1 of a chain/);
    expect(lines[9]).toMatch(/^│ {2}( {3}){7}└─ Level 9 of a chain.*… {2}ok$/);
    expect(lines.at(-1)).toMatch(/^└─ Follower 25 \(fails\) +idle$/);
  });

  it("says that there is nothing to draw, and when not all is drawn", async () => {
    expect((await command(["tree"])).stdout).toBe("No job follows another.\n");
    const answers = { tree: () => ({ jobs: [job("A", 0), job("B", 1)], more: true }) };
    expect((await command(["tree"], { answers })).stderr).toContain("Only the first 2 jobs");
  });
});
