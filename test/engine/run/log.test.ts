import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { createLogWriter } from "../../../src/executor/log/index.ts";
import { systemClock } from "../../../src/kernel/clock.ts";
import { settle } from "../../helpers/clock.ts";
import { startTestEngine, type TestEngine } from "../../helpers/engine.ts";
import { oneRun } from "../one-run.ts";

let test: TestEngine;
const { only, key, runOnce } = oneRun(() => test);
beforeEach(async () => {
  test = await startTestEngine();
});

/** A run that printed so much; answers where its log is. */
async function printed(bytes: number): Promise<string> {
  await runOnce(await test.add());
  const dir = test.runner.started[0]?.logDir ?? "";
  const log = createLogWriter({ dir, budgetBytes: 1_000_000, clock: systemClock, onRoom() {} });
  log.append("stdout", Buffer.alloc(bytes, "x"));
  test.runner.end(key(), { log: await log.close() });
  await settle(10);
  return dir;
}

describe("the log of a run", () => {
  it("is read to its end", async () => {
    await printed(50_000);
    const page = await test.engine.log({ runId: only().runId }, {});
    expect(page).toMatchObject({ endOffset: 50_000, running: false });
    expect(page.gone).toBeUndefined();
  });

  it("that somebody removed is called gone, not empty", async () => {
    rmSync(await printed(50_000), { recursive: true });
    expect(await test.engine.log({ runId: only().runId }, {})).toMatchObject({ chunks: [], endOffset: 0, gone: true });
  });

  it("of which somebody removed the end is called gone as well", async () => {
    const dir = await printed(50_000);
    rmSync(join(dir, readdirSync(dir).sort().at(-1) ?? ""));
    expect(await test.engine.log({ runId: only().runId }, {})).toMatchObject({ gone: true });
  });

  it("says why nothing was started", async () => {
    await runOnce(await test.add());
    const error = { code: "CWD_NOT_FOUND" as const, message: "working directory does not exist: /nowhere" };
    test.runner.end(key(), { outcome: "spawn_failed", exitCode: null, error });
    await settle(10);
    expect(await test.engine.log({ runId: only().runId }, {})).toMatchObject({ chunks: [], unstarted: error.message });
  });
});
