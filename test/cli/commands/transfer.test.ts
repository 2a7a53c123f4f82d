import { describe, expect, it } from "vitest";
import { JOB } from "../../rpc/recording-engine.ts";
import { command } from "../terminal.ts";

describe("export", () => {
  it("puts the parts of a long answer together", async () => {
    const exportJobs = ({ cursor }: { cursor?: string } = {}) =>
      cursor === undefined
        ? { version: 1 as const, jobs: [{ name: "a" }], nextCursor: "a" }
        : { version: 1 as const, jobs: [{ name: "b" }] };
    const { stdout, asked } = await command(["export"], { answers: { exportJobs } });
    expect(JSON.parse(stdout)).toEqual({ version: 1, jobs: [{ name: "a" }, { name: "b" }] });
    expect(asked).toEqual([
      ["export", {}],
      ["export", { cursor: "a" }],
    ]);
  });

  it("has what follows behind what it follows, and else the order it came in", async () => {
    const behind = (job: string) => ({ schedule: { kind: "after", job } });
    const jobs = [
      { declarationKey: "c", ...behind("b") },
      { declarationKey: "b", ...behind("a") },
      { declarationKey: "x" },
      { declarationKey: "a" },
      { declarationKey: "orphan", ...behind("gone") },
    ];
    const { stdout } = await command(["export"], { answers: { exportJobs: () => ({ version: 1 as const, jobs }) } });
    const keys = JSON.parse(stdout).jobs.map(({ declarationKey }: { declarationKey: string }) => declarationKey);
    expect(keys).toEqual(["a", "b", "c", "x", "orphan"]);
  });

  it("prints, or writes a new file", async () => {
    expect(JSON.parse((await command(["export"])).stdout)).toEqual({ version: 1, jobs: [] });
    const written = await command(["export", "--output", "jobs.json"]);
    expect(JSON.parse(written.files["jobs.json"] ?? "")).toEqual({ version: 1, jobs: [] });
    expect(written.stdout).toBe("Wrote 0 jobs to jobs.json.\n");
    expect((await command(["export", "--output", "\u001b[2Jjobs.json"])).stdout).toBe("Wrote 0 jobs to jobs.json.\n");
  });
});

describe("adopt and release", () => {
  const report = { plan: [{ action: "move", id: JOB.id, name: "Disk", detail: "" }], applied: false };
  const call = async () => report;

  it("dry runs change nothing and say how to go on", async () => {
    const { asked, stdout, stderr } = await command(["adopt", "--all", "--dry-run"], { call });
    expect(asked).toEqual([["adopt", { all: true, apply: false }]]);
    expect(stdout).toMatch(/^move {4}5b1c0f6e Disk {2}-$/m);
    expect(stderr).toBe("Nothing was changed; the same without --dry-run does it.\n");
  });

  it("move what is named", async () => {
    expect((await command(["release", "Disk"], { call })).asked).toEqual([["release", { id: "Disk", apply: true }]]);
    expect((await command(["release"], { call })).code).toBe(2);
    expect((await command(["release", "Disk", "--all"], { call })).code).toBe(2);
  });
});
