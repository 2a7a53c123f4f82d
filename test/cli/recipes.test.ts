import { beforeEach, describe, expect, it } from "vitest";
import type { Config } from "../../schema/wire/config.ts";
import type { CliIo } from "../../src/cli/io.ts";
import { createDispatcher } from "../../src/rpc/index.ts";
import { CALLER, startTestEngine, type TestEngine } from "../helpers/engine.ts";
import { ID, readPage, SHOWN_ID, words } from "./pages.ts";
import { command } from "./terminal.ts";

const PAGE = readPage("docs/recipes.md");
const TITLES = PAGE.titles;
const { blocks, lines: linesOf } = PAGE;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let test: TestEngine;
let files: Record<string, string> = {};
const begin = async (config: Config = {}) => {
  test = await startTestEngine({ config });
};
beforeEach(() => begin());

const call: CliIo["call"] = (name, params) => createDispatcher(() => test.engine).dispatch(name, params, CALLER);

/** Pastes the lines of a recipe; each must work, and warn of nothing but programs and places this host does not have. */
async function paste(title: string): Promise<void> {
  for (const line of linesOf(title)) {
    if (/^openclaw gateway (stop|start)$/.test(line)) continue;
    expect(line).toMatch(/^command-cron /);
    const session = await command(words(line), { call, files });
    files = session.files;
    expect([line, session.code]).toEqual([line, 0]);
    const warnings = session.stderr.split("\n").filter((text) => text.startsWith("warning: "));
    expect(warnings.filter((text) => !/^warning: payload\.(cwd|argv\[0\]): /.test(text))).toEqual([]);
  }
}

/** Goes on until the job starts, and ends the attempt so. */
async function next(end: Parameters<TestEngine["runner"]["end"]>[1], tookMs = 2_000): Promise<void> {
  const before = test.runner.started.length;
  for (let waited = 0; test.runner.started.length === before && waited < 24 * 60; waited += 1)
    await test.clock.advance(MINUTE);
  await test.clock.advance(tookMs);
  test.runner.end(test.runner.started.at(-1)?.attemptKey ?? "", end);
  await test.clock.advance(1_000);
}
async function byHand(end: Parameters<typeof next>[0]): Promise<void> {
  await test.engine.runJob(onlyJob().id, CALLER, {});
  await test.clock.advance(10);
  test.runner.end(test.runner.started.at(-1)?.attemptKey ?? "", end);
  await test.clock.advance(1_000);
}
const said = () => test.sent.map(({ text }) => text);
const onlyJob = () => {
  const [job] = test.engine.listJobs({ limit: 2, offset: 0 }).jobs;
  if (job === undefined) throw new Error("no job");
  return job;
};

describe("the recipes", () => {
  it.each(TITLES)("%s: every line works as it stands on the page", async (title) => {
    files = {};
    if (title === "Moving to another host") await paste("Nightly backup");
    await paste(title);
    for (const block of blocks(title, "json")) {
      await test.stop();
      await begin(JSON.parse(block));
      expect(test.engine.status()).toMatchObject({ state: "running", notices: [] });
    }
  });

  it("are all there", () => {
    expect(TITLES.length).toBeGreaterThan(8);
    expect(TITLES.filter((title) => blocks(title, "console").length + blocks(title, "json").length === 0)).toEqual([]);
  });
});

describe("what they promise", () => {
  it("nightly backup: tries three times, tells once, tells when it is well again, makes up for a night", async () => {
    test.clock.setWall(Date.UTC(2027, 0, 5, 1, 55));
    await paste("Nightly backup");
    for (const _attempt of [1, 2]) await next({ exitCode: 1 });
    expect(new Date(test.clock.nowMs()).toISOString()).toContain("T02:1");
    expect(said()).toEqual([]);
    await next({ exitCode: 1 });
    expect(said()).toHaveLength(1);
    await byHand({ exitCode: 0 });
    expect(said()[1]).toMatch(/^✓ Nightly backup /);
    expect(test.sent.every(({ channel, to }) => channel === "irc" && to === "#ops")).toBe(true);
    await test.engine.stop();
    test.runner.disconnect();
    test.clock.setWall(test.clock.nowMs() + 30 * HOUR);
    const before = test.runner.started.length;
    await test.restart();
    await test.clock.advance(MINUTE);
    expect(test.runner.started.length).toBe(before + 1);
  });

  it("URL check: one message when it breaks, one when it is back, in the words on the page", async () => {
    await paste("URL check that speaks only on break and recovery");
    await next({ exitCode: 0 });
    for (let nth = 0; nth < 12; nth += 1) {
      await next({ exitCode: 22, err: "curl: (22) The requested URL returned error: 503\n" });
    }
    expect(onlyJob()).toMatchObject({ enabled: true, state: { consecutiveErrors: 12 } });
    await next({ exitCode: 0 });
    await next({ exitCode: 0 });
    const [broke = "", well = ""] = said();
    const [brokeShown, wellShown = ""] = blocks("URL check that speaks only on break and recovery", "text");
    expect(broke.replace(ID, SHOWN_ID)).toBe(brokeShown?.trimEnd());
    expect(well).toBe(wellShown.trimEnd());
    expect(said()).toHaveLength(2);
  });

  it("a long copy: has its hours, and the stop its minute", async () => {
    await paste("A copy that takes hours");
    expect(test.runner.started.at(-1)).toMatchObject({
      timeoutMs: 4 * HOUR,
      noOutputTimeoutMs: 15 * MINUTE,
      stopGraceMs: MINUTE,
      onGatewayExit: "continue",
    });
  });

  it("weekly clean-up: says what it did, and leaves a missed Sunday out", async () => {
    test.clock.setWall(Date.UTC(2027, 0, 10, 4, 25));
    await paste("Weekly clean-up");
    await next({ out: "/var/tmp/app/old\n" });
    await byHand({ out: "" });
    expect(said()).toEqual(["/var/tmp/app/old"]);
    const before = test.runner.started.length;
    await test.engine.stop();
    test.runner.disconnect();
    test.clock.setWall(test.clock.nowMs() + 8 * 24 * HOUR);
    await test.restart();
    await test.clock.advance(HOUR);
    expect(test.runner.started.length).toBe(before);
  });

  it("only what changed: the first, then differences", async () => {
    await paste("Tell only what changed");
    for (const out of ["a\nb\n", "a\nb\n", "a\nc\n"]) await next({ out });
    expect(said()).toHaveLength(2);
    expect(said()[0]).toBe("a\nb");
    expect(said()[1]).toMatch(/^- ?b\n\+ ?c$|b[\s\S]*c/);
  });

  it("quiet nights: one digest in the morning, a failure at once", async () => {
    await test.stop();
    await begin(JSON.parse(blocks("Quiet nights", "json")[0] ?? ""));
    await paste("Tell only what changed");
    test.clock.setWall(Date.UTC(2027, 0, 4, 21, 30));
    await next({ out: "first" });
    await next({ out: "second" });
    expect(said()).toEqual([]);
    await next({ exitCode: 1 });
    expect(said()).toHaveLength(1);
    test.runner.auto = true;
    await test.clock.advance(9 * HOUR);
    expect(said()).toHaveLength(2);
    expect(said()[1]).toMatch(/first[\s\S]*second/);
  });

  it("hear of every job: what would fail unheard is heard", async () => {
    await test.stop();
    await begin(JSON.parse(blocks("Hear of every job that fails", "json")[0] ?? ""));
    await test.add({ name: "quiet", schedule: { kind: "every", everyMs: HOUR } });
    await next({ exitCode: 1 });
    await next({ exitCode: 1 });
    expect(said()[0]).toMatch(/^✗ quiet · exit 1 · 2nd in a row/);
  });

  it("moving: the new host has the very same jobs", async () => {
    files = {};
    await paste("Nightly backup");
    await paste("Weekly clean-up");
    await command(words(linesOf("Moving to another host")[0] ?? ""), { call, files }).then((session) => {
      files = session.files;
    });
    const before = test.engine.exportJobs();
    await test.stop();
    await begin();
    for (const line of linesOf("Moving to another host").slice(2)) {
      expect((await command(words(line), { call, files })).code).toBe(0);
    }
    const plain = ({ jobs }: { jobs: unknown[] }) =>
      (jobs as { name: string }[]).sort((a, b) => (a.name < b.name ? -1 : 1));
    expect(plain(test.engine.exportJobs())).toEqual(plain(before));
  });
});
