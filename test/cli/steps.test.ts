import { beforeEach, describe, expect, it } from "vitest";
import type { CliIo } from "../../src/cli/io.ts";
import { createDispatcher } from "../../src/rpc/index.ts";
import { settle } from "../helpers/clock.ts";
import { CALLER, startTestEngine, type TestEngine } from "../helpers/engine.ts";
import { readPage, words } from "./pages.ts";
import { command } from "./terminal.ts";

const LINES = readPage("docs/steps.md").lines("After");
let test: TestEngine;
beforeEach(async () => {
  test = await startTestEngine();
});

const call: CliIo["call"] = (name, params) => createDispatcher(() => test.engine).dispatch(name, params, CALLER);
const cli = (args: string[]) => command(args, { call });

async function paste(about: string): Promise<void> {
  for (const line of LINES.filter((text) => text.includes(about))) {
    const session = await cli(words(line));
    expect([line, session.code]).toEqual([line, 0]);
  }
}

/** Ends the attempt of a job that is running. */
async function end(name: string, how: Parameters<TestEngine["runner"]["end"]>[1]): Promise<void> {
  const running = test.engine.inside.ledger.runs.running().find(({ jobName }) => jobName === name);
  expect(running, name).toBeDefined();
  test.runner.end(`${running?.id}.${running?.attempt}`, how);
  await settle(20);
}
const running = () => test.engine.inside.ledger.runs.running().map(({ jobName }) => jobName);

describe("the examples of jobs after jobs work as they stand on the page", () => {
  it("export, upload, and a word when the export has failed for good", async () => {
    await paste("Export");
    expect((await cli(["next", "Export failed"])).stdout).toBe("after Export fails\n");
    await cli(["run", "Export"]);
    await settle(10);
    await end("Export", { out: "dump" });
    expect(running()).toEqual(["Upload"]);
    expect(test.runner.started.at(-1)?.inputFile).toMatch(/\/stdout$/);
    await end("Upload", {});
    await cli(["run", "Export"]);
    await settle(10);
    await end("Export", { exitCode: 1 });
    expect(running()).toEqual([]);
    await test.clock.advance(31_000);
    await end("Export", { exitCode: 1, err: "no space" });
    expect(running()).toEqual(["Export failed"]);
    const shown = (await cli(["tree", "Upload"])).stdout
      .split("\n")
      .map((line) => line.split(" ").slice(0, 3).join(" "));
    expect(shown).toEqual(
      ["Export  ", "├─ Export failed", "└─ Upload ", ""].map((line) => expect.stringContaining(line.trim())),
    );
  });

  it("a check a minute after each copy that changed something", async () => {
    await paste("Mirror");
    const check = "Mirror check";
    expect((await cli(["next", check])).stdout).toBe("after Mirror ends, 1 min later, if it says /^>f/\n");
    for (const [out, exitCode] of [
      ["sent 12 bytes\n", 0],
      [">f+++++++++ a\nsent\n", 23],
    ] as const) {
      await cli(["run", "Mirror"]);
      await settle(10);
      await end("Mirror", { out, exitCode });
    }
    await test.clock.advance(59_000);
    expect(running()).toEqual([]);
    await test.clock.advance(2_000);
    expect(running()).toEqual([check]);
    const [entry] = test.engine.runs({ runStatuses: ["running"], limit: 1, offset: 0 }).entries;
    const chain = (await cli(["runs", "--chain", entry?.runId ?? ""])).stdout;
    expect(chain).toMatch(/Mirror[\s\S]*Mirror check/);
  });

  it("and each line of the section was one of these", () => {
    expect(LINES).toHaveLength(5);
    expect(LINES.filter((line) => !/Export|Mirror/.test(line))).toEqual([]);
  });
});
