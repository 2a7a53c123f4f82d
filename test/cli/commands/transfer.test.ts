import { describe, expect, it } from "vitest";
import type { ServiceApi } from "../../../src/rpc/index.ts";
import { JOB } from "../../rpc/recording-engine.ts";
import { command } from "../terminal.ts";

describe("export and import", () => {
  it("export puts the parts of a long answer together", async () => {
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

  it("export prints, or writes a new file", async () => {
    expect(JSON.parse((await command(["export"])).stdout)).toEqual({ version: 1, jobs: [] });
    const written = await command(["export", "--output", "jobs.json"]);
    expect(JSON.parse(written.files["jobs.json"] ?? "")).toEqual({ version: 1, jobs: [] });
    expect(written.stdout).toBe("Wrote 0 jobs to jobs.json.\n");
    expect((await command(["export", "--output", "\u001b[2Jjobs.json"])).stdout).toBe("Wrote 0 jobs to jobs.json.\n");
  });

  const plan = [
    { action: "create" as const, name: "Disk", detail: "" },
    { action: "refused" as const, name: "", detail: "payload.argv: …" },
  ];

  it("import plans first, and fails when something is refused", async () => {
    const answers: Partial<ServiceApi> = { importJobs: async (_file, { apply }) => ({ plan, applied: apply }) };
    const files = { "jobs.json": '{"version": 1, "jobs": [ /* none */ ], }' };
    const session = await command(["import", "jobs.json"], { answers, files });
    expect(session.asked).toEqual([["import", { file: { version: 1, jobs: [] }, format: "jobs" }]]);
    expect(session.stdout).toMatch(/^create {3}Disk {2}-$/m);
    expect(session.stderr).toBe("Nothing was changed; --apply does it.\n");
    expect(session.code).toBe(1);
    const applied = await command(["import", "jobs.json", "--apply"], { answers, files });
    expect(applied).toMatchObject({ stderr: "", asked: [["import", { apply: true }]] });
  });

  it("import hands other formats over as text", async () => {
    const files = { tab: "* * * * * true\n" };
    const { asked, stdout } = await command(["import", "tab", "--format", "crontab"], { files });
    expect(asked).toEqual([["import", { file: "* * * * * true\n", format: "crontab" }]]);
    expect(stdout).toBe("Nothing to do.\n");
  });

  it.each([
    [["import", "jobs.json"], "Expected JSON."],
    [["import", "x", "--format", "yaml"], "--format: "],
  ])("%j of a file that cannot be read is refused", async (args, message) => {
    const { stderr, code, asked } = await command(args, { files: { "jobs.json": "jobs: []" } });
    expect(stderr).toContain(message);
    expect({ code, asked }).toEqual({ code: 2, asked: [] });
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
