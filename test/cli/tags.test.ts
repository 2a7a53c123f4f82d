import { beforeEach, expect, it } from "vitest";
import type { CliIo } from "../../src/cli/io.ts";
import { createDispatcher } from "../../src/rpc/index.ts";
import { settle } from "../helpers/clock.ts";
import { CALLER, startTestEngine, type TestEngine } from "../helpers/engine.ts";
import { command } from "./terminal.ts";

let test: TestEngine;
beforeEach(async () => {
  test = await startTestEngine();
});

const call: CliIo["call"] = (name, params) => createDispatcher(() => test.engine).dispatch(name, params, CALLER);
const line = (...args: string[]) => command(args, { call });

it.each(["run", "rm"])("%s leaves a job alone that was changed since the plan was shown", async (verb) => {
  for (const name of ["a", "b"])
    await line("create", "every 1h", "--name", name, "--command-argv", '["true"]', "--no-deliver", "--tag", "old");
  const ask = async () => {
    await test.engine.updateJob("a", { tags: ["keep"] }, CALLER);
    return "y";
  };
  const { code, stderr } = await command([verb, "--tag", "old"], { call, tty: true, ask });
  expect([code, stderr]).toEqual([1, expect.stringContaining("the job was changed in the meantime")]);
  const { jobs } = test.engine.listJobs({ includeDisabled: true, limit: 9, offset: 0 });
  expect(jobs.map(({ name }) => name).sort()).toEqual(verb === "rm" ? ["a"] : ["a", "b"]);
  await settle();
  expect(test.runner.started).toHaveLength(verb === "rm" ? 0 : 1);
});

async function ran(name: string, exitCode: number): Promise<void> {
  await line("run", name);
  await settle();
  test.runner.end([...test.runner.running.keys()].at(-1) ?? "", { exitCode, out: `said by ${name}\n` });
  await test.clock.advance(1_000);
}

it("jobs with tags, from the command line to the ledger: listed, run, switched off, counted, compared", async () => {
  for (const [name, ...tags] of [["a", "db", "night"], ["b", "db"], ["c"]] as const) {
    const flags = tags.flatMap((tag) => ["--tag", tag]);
    const made = await line(
      "create",
      "every 1h",
      "--name",
      name,
      "--command-argv",
      '["true"]',
      "--no-deliver",
      ...flags,
    );
    expect(made.code).toBe(0);
  }
  const listed = async (...filter: string[]) => {
    const { stdout } = await line("list", "--all", "--sort", "name", "--json", ...filter);
    return (JSON.parse(stdout).jobs as { name: string }[]).map(({ name }) => name);
  };
  expect(await listed("--tag", "db")).toEqual(["a", "b"]);
  expect(await listed("--never-ran")).toEqual(["a", "b", "c"]);
  await ran("a", 0);
  await ran("b", 3);
  expect(await listed("--tag", "db", "--failing")).toEqual(["b"]);
  expect(await listed("--never-ran")).toEqual(["c"]);
  const off = await line("disable", "--tag", "db", "--yes");
  expect([off.code, await listed("--tag", "db"), test.engine.getJob("c").enabled]).toEqual([0, ["a", "b"], true]);
  expect(["a", "b"].map((name) => test.engine.getJob(name).enabled)).toEqual([false, false]);
  await line("edit", "--tag", "db", "--add-tag", "old", "--yes");
  expect(await listed("--tag", "old", "--tag", "night")).toEqual(["a"]);
  expect((await line("stats", "--tag", "old")).stdout).toMatch(/^stats: +all that fit\n/);
  const { all, jobs } = JSON.parse((await line("stats", "--tag", "old", "--json")).stdout);
  expect([all.runs, all.okRate, jobs.length]).toEqual([2, 0.5, 2]);
  const compared = await line("compare", "a", "b");
  expect(compared.stdout).toContain("-said by a\n+said by b");
  expect((await line("rm", "--tag", "old", "--yes")).code).toBe(0);
  expect(await listed()).toEqual(["c"]);
  expect((await test.engine.checkLedger()).problems).toEqual([]);
});
