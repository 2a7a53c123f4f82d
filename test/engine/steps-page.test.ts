import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { RunEntry } from "../../schema/wire/run.ts";
import { createDispatcher } from "../../src/rpc/index.ts";
import { command } from "../cli/terminal.ts";
import { settle } from "../helpers/clock.ts";
import { type Bench, createBench } from "../helpers/commands.ts";
import { CALLER, startTestEngine, type TestEngine } from "../helpers/engine.ts";
import { oneRun } from "./one-run.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../docs/steps.md"), "utf8");
/** Prints the words a shell makes of a line. */
const WORDS = `words() { node -e 'console.log(JSON.stringify(process.argv.slice(1)))' -- "$@"; }`;

/** The arguments of the example that creates this job, as a shell reads them. */
function example(name: string): string[] {
  const blocks = [...PAGE.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = ""]) => block);
  const block = blocks.find((text) => text.includes(`--name ${name} `));
  if (block === undefined) throw new Error(`no example makes a job called ${name}`);
  return JSON.parse(
    execFileSync("sh", ["-c", `${WORDS}\n${block.replace(/^command-cron/, "words")}`], { encoding: "utf8" }),
  ) as string[];
}

let bench: Bench;
let test: TestEngine;
beforeAll(() => {
  bench = createBench();
});
afterAll(() => bench.close());
beforeEach(async () => {
  const bin = join(bench.dir, "bin");
  mkdirSync(bin, { recursive: true });
  // A login shell sets its own path, and then reads this.
  writeFileSync(join(bench.dir, ".profile"), `PATH=${bin}:$PATH\n`);
  const PATH = process.env["PATH"];
  test = await startTestEngine({ deps: { homeDir: bench.dir, hostEnv: { PATH, HOME: bench.dir } } });
});
const { only, runOnce } = oneRun(() => test);

/** Makes the job of the example, by its very line. */
async function make(name: string): Promise<string> {
  const dispatcher = createDispatcher(() => test.engine);
  const made = await command([...example(name), "--no-deliver", "--json"], {
    call: async (method, params) => JSON.parse(JSON.stringify(await dispatcher.dispatch(method, params, CALLER))),
  });
  expect(made.stderr).toBe("");
  return (JSON.parse(made.stdout) as { id: string }).id;
}

/** Runs it once, as the runner would: the command for real, the rest in the engine. */
async function run(id: string): Promise<RunEntry> {
  await runOnce(id);
  const spec = test.runner.started.at(-1);
  if (spec === undefined) throw new Error("nothing was started");
  test.runner.end(spec.attemptKey, await bench.executor.run(spec, () => {}).result);
  await settle(10);
  return only();
}

describe("the examples of docs/steps.md, run as written", () => {
  it("Mirror: what its exit codes mean", async () => {
    const id = await make("Mirror");
    const rsync = (code: number) =>
      writeFileSync(join(bench.dir, "bin/rsync"), `#!/bin/sh\nexit ${code}\n`, { mode: 0o755 });
    rsync(24);
    expect(await run(id)).toMatchObject({ runStatus: "succeeded", exitCode: 24 });
    rsync(30);
    expect(await run(id)).toMatchObject({ runStatus: "queued", attempts: [{ exitCode: 30 }] });
  });

  it("Wait: nothing before the report is there, and an end with it", async () => {
    const id = await make("Wait");
    expect(await run(id)).toMatchObject({ runStatus: "skipped", exitCode: 1 });
    mkdirSync(join(bench.dir, "drop"), { recursive: true });
    writeFileSync(join(bench.dir, "drop/report.pdf"), "x");
    expect(await run(id)).toMatchObject({ runStatus: "succeeded", stdout: "the report is there\n" });
    expect(test.engine.getJob(id)).toMatchObject({ enabled: false, state: { autoDisabled: { reason: "until" } } });
  });

  it("Backup: good only with what must be in it", async () => {
    const id = await make("Backup");
    const shop = join(bench.dir, "shop");
    mkdirSync(shop);
    expect(await run(id)).toMatchObject({ runStatus: "queued", attempts: [{ outcome: "verify_failed", exitCode: 0 }] });
    writeFileSync(join(shop, "dump.sql"), "select 1;");
    await test.engine.cancel({ jobId: id }, CALLER);
    expect(await run(id)).toMatchObject({ runStatus: "succeeded", attempts: [{ verify: { passed: true } }] });
  });

  it("Feed: only what is new", async () => {
    const id = await make("Feed");
    const feed = join(bench.dir, "feed.txt");
    writeFileSync(feed, "one\ntwo\n");
    expect(await run(id)).toMatchObject({ runStatus: "succeeded", stdout: "one\ntwo\n" });
    expect(await run(id)).toMatchObject({ runStatus: "skipped", stdout: "" });
    appendFileSync(feed, "three\n");
    expect(await run(id)).toMatchObject({ runStatus: "succeeded", stdout: "three\n" });
    expect(test.engine.getState(id)).toMatchObject({ version: 2, content: '{"seen": 3}\n' });
    rmSync(feed);
  });

  it("Crawl and Restart: one that has stopped is started again, and no sooner than after a quarter of an hour", async () => {
    const script = "case $1 in status) cat now.json ;; start) echo started >>starts ;; esac";
    writeFileSync(join(bench.dir, "crawl.sh"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const runOf = (name: string) =>
      test.engine.runs({ limit: 9, offset: 0 }).entries.find(({ jobName }) => jobName === name);
    const says = (now: object) => writeFileSync(join(bench.dir, "now.json"), JSON.stringify(now));
    says({ running: true, completed: false, progress: { pages: 3 } });
    const crawl = await make("Crawl");
    await make("Restart");
    expect(await run(crawl)).toMatchObject({ runStatus: "succeeded", summary: "running\npages 3" });
    says({ running: false, completed: false, stopReason: "out of memory" });
    await run(crawl);
    expect(runOf("Crawl")).toMatchObject({
      runStatus: "failed",
      error: "neither running nor completed: out of memory",
    });
    const [key = "", spec] = [...test.runner.running][0] ?? [];
    if (spec === undefined) throw new Error("nothing was started");
    test.runner.end(key, await bench.executor.run(spec, () => {}).result);
    await settle(10);
    expect(readFileSync(join(bench.dir, "starts"), "utf8")).toBe("started\n");
    await run(crawl);
    expect(runOf("Restart")).toMatchObject({ runStatus: "skipped", reason: "min_gap" });
  });
});
