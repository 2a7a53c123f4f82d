import { beforeEach, expect, it } from "vitest";
import type { CliIo } from "../../src/cli/io.ts";
import { CommandCronError } from "../../src/kernel/errors.ts";
import { createDispatcher } from "../../src/rpc/index.ts";
import { settle } from "../helpers/clock.ts";
import { CALLER, startTestEngine, type TestEngine } from "../helpers/engine.ts";
import { ID, readPage, words } from "./pages.ts";
import { command, NOW } from "./terminal.ts";

const README = readPage("README.md");

let test: TestEngine;
beforeEach(async () => {
  test = await startTestEngine({ deps: { hostTz: "Europe/Berlin" } });
  test.clock.setWall(NOW);
});

const call: CliIo["call"] = async (name, params) => {
  await settle();
  return createDispatcher(() => test.engine).dispatch(name, params, CALLER);
};

it("the first example of the README prints what it shows", async () => {
  const [example = ""] = README.blocks("", "console");
  const [, typed = "", shown = ""] = /^\$ (.*\\\n.*)\n([\s\S]*)$/.exec(example) ?? [];
  const { stdout } = await command(words(typed), { call });
  expect(stdout.replace(ID, "f77e4639-57be-4935-bbc9-4cb7fcf4bc71")).toBe(shown);
});

it("the picture in the README has the shape of the real one", async () => {
  const picture = README.blocks("", "console")[1]?.trimEnd().split("\n").slice(1) ?? [];
  test.runner.auto = true;
  await test.add({ name: "Queue depth probe" });
  const { stdout } = await command(["timeline"], { call });
  const real = stdout.trimEnd().split("\n");
  expect(real.at(-1)).toBe(picture.at(-1));
  expect(picture[0]?.length).toBe(real[0]?.length);
  expect(new Set(picture.slice(0, -1).map((line) => line.length))).toEqual(new Set([real[0]?.length]));
});

it("every line of the first job works, in order", async () => {
  test.runner.auto = true;
  const lines = README.lines("First job in a minute");
  expect(lines.length).toBeGreaterThan(5);
  for (const line of lines) {
    const session = await command(words(line), { call });
    expect([line, session.code]).toEqual([line, 0]);
  }
  expect(test.engine.listJobs({ limit: 5, offset: 0 }).jobs.map(({ name }) => name)).toEqual([
    "disk",
    "nightly export",
  ]);
  expect(test.engine.runs({ limit: 5, offset: 0 }).entries).toMatchObject([{ jobName: "disk", status: "ok" }]);
});

it("every line about more than one command works where there is no channel yet", async () => {
  await test.stop();
  const resolveTarget = async (): Promise<never> => {
    throw new CommandCronError("DELIVERY_TARGET_MISSING");
  };
  test = await startTestEngine({ deps: { hostTz: "Europe/Berlin", resolveTarget } });
  test.clock.setWall(NOW);
  const lines = README.lines("More than one command");
  expect(lines.length).toBeGreaterThan(4);
  for (const line of lines) {
    const session = await command(words(line), { call });
    expect([line, session.code, session.stderr.includes("error:")]).toEqual([line, 0, false]);
  }
  const names = test.engine.listJobs({ limit: 5, offset: 0 }).jobs.map(({ name }) => name);
  expect(names.sort()).toEqual(["deploy", "export", "upload"]);
});
