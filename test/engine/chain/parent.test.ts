import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, it } from "vitest";
import { settle } from "../../helpers/clock.ts";
import { CALLER, startTestEngine, type TestEngine } from "../../helpers/engine.ts";
import { links } from "./links.ts";

let test: TestEngine;
beforeEach(async () => {
  test = await startTestEngine();
});
const { first, follow, ran, end, runsOf } = links(() => test);
const modeOf = (path: string): number => statSync(path).mode & 0o777;
const last = () => {
  const spec = test.runner.started.at(-1);
  if (spec === undefined) throw new Error("nothing was started");
  return spec;
};

it("a follower's command is told what it follows, and has what that printed in two files while it runs", async () => {
  const a = await first("A");
  const payload = { kind: "command" as const, argv: ["cat"], inputFrom: "parent" as const };
  const b = await follow("B", a, { on: "complete" }, { payload });
  const runId = await ran(a, { exitCode: 3, out: "a\u00e9\n", err: "bad\n" });
  const { env, inputFile } = last();
  const dir = join(test.stateDir, "parents", runsOf(b)[0]?.runId ?? "");
  expect(Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith("OPENCLAW_PARENT_")))).toEqual({
    OPENCLAW_PARENT_RUN_ID: runId,
    OPENCLAW_PARENT_JOB_ID: a,
    OPENCLAW_PARENT_STATUS: "failed",
    OPENCLAW_PARENT_OUTCOME: "exited",
    OPENCLAW_PARENT_EXIT_CODE: "3",
    OPENCLAW_PARENT_STDOUT_FILE: join(dir, "stdout"),
    OPENCLAW_PARENT_STDERR_FILE: join(dir, "stderr"),
  });
  expect(inputFile).toBe(join(dir, "stdout"));
  expect(readFileSync(join(dir, "stdout"), "utf8")).toBe("a\u00e9\n");
  expect(readFileSync(join(dir, "stderr"), "utf8")).toBe("bad\n");
  expect([dir, join(dir, "stdout"), join(dir, "stderr")].map(modeOf)).toEqual([0o700, 0o600, 0o600]);
  await end(b);
  expect(existsSync(dir)).toBe(false);
});

it("a further attempt has them as well", async () => {
  const a = await first("A");
  const b = await follow("B", a, {}, { policy: { retry: { maxAttempts: 2, delaySeconds: 1 } } });
  await ran(a, { out: "kept" });
  await end(b, { exitCode: 1 });
  await test.clock.advance(2_000);
  const file = last().env["OPENCLAW_PARENT_STDOUT_FILE"] ?? "";
  expect(last().env["OPENCLAW_ATTEMPT"]).toBe("2");
  expect(readFileSync(file, "utf8")).toBe("kept");
});

it("a follower that is started by hand has no parent, and no input of it", async () => {
  const a = await first("A");
  const b = await follow("B", a, {}, { payload: { kind: "command", argv: ["cat"], inputFrom: "parent" } });
  await test.engine.runJob(b, CALLER, {});
  await settle(10);
  expect(last().inputFile).toBeUndefined();
  expect(Object.keys(last().env).filter((name) => name.startsWith("OPENCLAW_PARENT_"))).toEqual([]);
});

it("what a gateway that was killed has left of them is removed, but what is in use", async () => {
  const a = await first("A");
  const b = await follow("B", a);
  const c = await follow("C", a);
  await ran(a, { out: "x" });
  const inUse = runsOf(c)[0]?.runId ?? "";
  const root = join(test.stateDir, "parents");
  test.runner.disconnect();
  const { mkdirSync } = await import("node:fs");
  mkdirSync(join(root, "of-a-run-long-gone"));
  await end(b).catch(() => undefined);
  await test.restart();
  await settle(20);
  expect(readdirSync(root)).toContain(inUse);
  expect(readdirSync(root)).not.toContain("of-a-run-long-gone");
  expect(existsSync(join(root, inUse, "stdout"))).toBe(true);
});
