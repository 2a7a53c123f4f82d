import { describe, expect, it } from "vitest";
import type { Job } from "../../../schema/wire/job.ts";
import type { EngineApi } from "../../../src/engine/api.ts";
import { CommandCronError } from "../../../src/kernel/errors.ts";
import { JOB } from "../../rpc/recording-engine.ts";
import { page } from "../entries.ts";
import { command } from "../terminal.ts";

const job = (name: string, fields: Partial<Job> = {}): Job => ({
  ...JOB,
  id: `${name}${"0".repeat(8)}`,
  name,
  ...fields,
});
const A = job("a");
const B = job("b", { enabled: false });
const C = job("c");
const jobs = (...listed: Job[]): Partial<EngineApi> => ({ listJobs: () => ({ jobs: listed, ...page }) });
const LISTED = ["list", { tags: ["x"], includeDisabled: true, sortBy: "name", limit: 200 }];
const row = (id: string, result: string, rest = {}) => ({ id: `${id}00000000`, name: id, result, ...rest });
const change = (of: Job, patch: unknown) => ["update", { id: of.id, patch, expectedConfigRevision: of.configRevision }];

describe("many jobs at once", () => {
  it("are shown as a plan, and done one by one with --yes", async () => {
    const { asked, stdout, code } = await command(["disable", "--tag", "x", "--yes"], { answers: jobs(A, B, C) });
    expect(asked).toEqual([LISTED, change(A, { enabled: false }), change(C, { enabled: false })]);
    expect(stdout.split("\n")).toEqual([
      "ID        Name  Schedule     Plan",
      "a0000000  a     every 1 min  disable",
      "b0000000  b     every 1 min  unchanged",
      "c0000000  c     every 1 min  disable",
      "Plan: 2 to disable, 1 unchanged, 0 refused.",
      "Disabled a (a0000000)",
      "Disabled c (c0000000)",
      "Disabled: 2. Unchanged: 1. Refused: 0. Not tried: 0.",
      "",
    ]);
    expect(code).toBe(0);
  });

  it.each([["disable"], ["rm"], ["run"], ["edit", "--every", "2h"]])(
    "%s: nobody to ask is refused by name, and nothing is done",
    async (...words) => {
      const previewJob = async () => ({
        job: A,
        created: false,
        updated: true,
        next: [],
        changes: [{ field: "schedule" }],
      });
      for (const json of [[], ["--json"]]) {
        const session = await command([...words, "--tag", "x", ...json], { answers: { ...jobs(A), previewJob } });
        expect(session.asked.filter(([, params]) => (params as { dryRun?: true }).dryRun !== true)).toEqual([LISTED]);
        expect(session.stderr).toContain("--yes");
        expect(session.code).toBe(2);
      }
    },
  );

  it("are done when the person at the terminal says so, and only then", async () => {
    for (const [answer, count, code] of [
      ["y", 2, 0],
      ["Yes ", 2, 0],
      ["n", 1, 2],
      ["", 1, 2],
    ] as const) {
      let question = "";
      const ask = async (asking: string) => {
        question = asking;
        return answer;
      };
      const session = await command(["enable", "--tag", "x"], { answers: jobs(A, B), ask });
      expect(question).toBe("enable 1 jobs? [y/N] ");
      expect([session.asked.length, session.code], answer).toEqual([count, code]);
    }
  });

  it("name what is refused, and the rest goes on", async () => {
    const updateJob: EngineApi["updateJob"] = async (id) => {
      if (id === A.id) throw new CommandCronError("REVISION_CONFLICT", { details: { jobId: id } });
      return C;
    };
    const answers = { ...jobs(A, C), updateJob };
    const session = await command(["disable", "--tag", "x", "--yes"], { answers });
    expect(session.stderr).toMatch(/^error: a \(a0000000\): .*changed/);
    expect(session.stdout).toContain("Disabled c (c0000000)\nDisabled: 1. Unchanged: 0. Refused: 1. Not tried: 0.");
    expect(session.code).toBe(1);
    const json = await command(["disable", "--tag", "x", "--yes", "--json"], { answers });
    expect(JSON.parse(json.stdout)).toMatchObject({
      results: [row("a", "refused", { code: "REVISION_CONFLICT" }), row("c", "done")],
      ...{ done: 1, unchanged: 0, refused: 1, notTried: 0, applied: true },
    });
  });

  it("name what was not tried when the gateway goes", async () => {
    const call = async (method: string) => {
      if (method.endsWith(".list")) return { jobs: [A, B, C], ...page };
      throw new CommandCronError("GATEWAY_UNREACHABLE");
    };
    const session = await command(["rm", "--tag", "x", "--yes"], { call });
    expect(session.asked.map(([method]) => method)).toEqual(["list", "get"]);
    expect(session.stderr).toContain("error: not tried: b (b0000000), c (c0000000)");
    expect(session.stdout).toContain("Removed: 0. Unchanged: 0. Refused: 1. Not tried: 2.");
    expect(session.code).toBe(1);
  });

  it("are removed followers first, and run one after the other", async () => {
    const behind = (of: Job) => ({ schedule: { kind: "after" as const, job: of.id } });
    const chain = [A, job("b", behind(A)), job("c", behind(job("b")))];
    const removed = await command(["rm", "--tag", "x", "--yes"], { answers: jobs(...chain) });
    expect(removed.calls.filter(({ method }) => method === "removeJob").map(({ args }) => args[0])).toEqual(
      chain.map(({ id }) => id).reverse(),
    );
    const runJob: EngineApi["runJob"] = async (id) =>
      id === A.id
        ? { ok: true, enqueued: true, runId: "r-1" }
        : { ok: true, enqueued: false, reason: "already-running" };
    const run = await command(["run", "--tag", "x", "--yes"], { answers: { ...jobs(A, C), runJob } });
    expect(run.stdout).toContain("Started a (a0000000): run r-1");
    expect(run.stderr).toContain("error: c (c0000000): not started: already-running");
    expect(run.code).toBe(1);
  });

  it("are edited by their own plans: changed, unchanged, refused", async () => {
    const previewJob = (async ({ id }: { id: string }) => {
      if (id === C.id) throw new CommandCronError("SCHEDULE_INVALID", { field: "schedule" });
      const changes = id === A.id ? [{ field: "tags", to: '["y"]' }] : [];
      return { job: A, created: false, updated: true, next: [], changes };
    }) as EngineApi["previewJob"];
    const args = ["edit", "--tag", "x", "--add-tag", "y"];
    const { stdout, code, asked } = await command([...args, "--yes"], { answers: { ...jobs(A, B, C), previewJob } });
    expect(stdout).toContain('edit: tags: (nothing) -> ["y"]');
    expect(stdout).toContain("Plan: 1 to edit, 1 unchanged, 1 refused.");
    expect(asked.at(-1)).toEqual(change(A, { tags: ["y"] }));
    expect(asked.length).toBe(5);
    expect(code).toBe(1);
    expect((await command([...args, "--name", "z", "--yes"], { answers: jobs(A) })).code).toBe(2);
  });

  it("are only looked at with --dry-run, and are none where none fits", async () => {
    const dry = await command(["rm", "--tag", "x", "--dry-run", "--json"], { answers: jobs(A) });
    expect(JSON.parse(dry.stdout)).toEqual({ plan: [{ id: A.id, name: "a", action: "do" }], applied: false });
    expect(dry.asked).toEqual([LISTED]);
    expect(await command(["rm", "--tag", "x"], { answers: jobs() })).toMatchObject({
      code: 0,
      stdout: "No job fits.\n",
    });
  });

  it.each([
    [["rm"]],
    [["rm", "Backup", "--tag", "x"]],
    [["rm", "Backup", "--yes"]],
    [["disable", "Backup", "--dry-run"]],
    [["run", "--tag", "x", "--wait"]],
    [["run", "--tag", "x", "--idempotency-key", "k"]],
  ])("%j is not a command line", async (args) => {
    const { code, calls } = await command(args);
    expect([code, calls]).toEqual([2, []]);
  });
});
