import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AttemptResult } from "../../src/executor/types.ts";
import { delay, systemClock } from "../../src/kernel/clock.ts";
import { silentLogger } from "../../src/kernel/logger.ts";
import { createNodeServer, createPlaces, createRunnerClient } from "../../src/runner/index.ts";
import { createFakeClock } from "../helpers/clock.ts";
import { createFakeRunner } from "../helpers/engine.ts";
import { bundleRunner } from "../helpers/runner-program.ts";
import { waitFor } from "../helpers/wait-for.ts";

/** As much as `NODE_OUTPUT_MB` says; docs/testing.md has what a gigabyte has shown. */
const BYTES = Number(process.env["NODE_OUTPUT_MB"] ?? 100) * 1_000_000;
const MIB = 1_048_576;
const KEPT_BYTES = 9 * MIB;

let program: Awaited<ReturnType<typeof bundleRunner>>;
let dir: string;
beforeAll(async () => {
  program = await bundleRunner();
  dir = mkdtempSync(join(tmpdir(), "cc-node-output-"));
});
afterAll(() => {
  program.remove();
  rmSync(dir, { recursive: true, force: true });
});

/** Runs `head -c <bytes> /dev/zero` on a node of its own; answers its end, and how much memory this process took at most. */
async function runThere(name: string, bytes: number, prepare: (logsDir: string) => void = () => {}) {
  const [nodeDir, hostDir] = [join(dir, name, "node"), join(dir, name, "host")];
  const logger = silentLogger;
  const runner = createRunnerClient({ stateDir: nodeDir, runnerFile: program.file, clock: systemClock, logger });
  const logsDir = join(nodeDir, "logs");
  mkdirSync(logsDir, { recursive: true });
  prepare(logsDir);
  const server = createNodeServer({
    ...{ runner, clock: systemClock, version: "0", logsDir },
    localize: (spec) => ({ ...spec, cwd: dir, env: { PATH: process.env["PATH"] ?? "" } }),
  });
  mkdirSync(join(hostDir, "runner"), { recursive: true });
  writeFileSync(join(hostDir, "runner", "token"), "token");
  const copy = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
  const places = createPlaces({
    here: createFakeRunner(createFakeClock()).port,
    ...{ settings: {}, stateDir: hostDir, clock: systemClock },
    fabric: {
      list: async () => [{ id: "n", name: "n", connected: true, serves: true }],
      call: async (_, request, { signal }) => copy(await server.answer(copy(request), { authorize() {}, signal })),
    },
  });
  let result: AttemptResult | undefined;
  await places.open({
    ...{ started() {}, progress() {}, lost() {}, silent() {}, placed: async () => {} },
    ended(ended) {
      result = ended;
    },
  });
  const before = process.memoryUsage.rss();
  const logDir = join(hostDir, "log");
  const limits = { timeoutMs: 0, noOutputTimeoutMs: 0, stopGraceMs: 1_000, outputMaxBytes: 10_000 };
  places.start(
    {
      ...{ attemptKey: "run.1", argv: ["head", "-c", String(bytes), "/dev/zero"], cwd: dir, env: {}, ...limits },
      ...{ stopSignal: "SIGTERM", leftovers: "kill", onGatewayExit: "continue", logDir, logBudgetBytes: 64 * MIB },
    },
    { nodes: ["n"], offline: "wait", lostAfterMs: 60_000, here: { cwd: dir, env: {} } },
  );
  let most = before;
  while (result === undefined) {
    most = Math.max(most, process.memoryUsage.rss());
    await places.freshen?.("run.1");
    await delay(systemClock, 20);
  }
  places.acknowledge("run.1");
  await waitFor(() => readdirSync(logsDir).length === 0, { what: "the node to forget it" });
  await places.close();
  await runner.close();
  return { ...(result as AttemptResult), logDir, grewBytes: most - before };
}

/** A file system of its own, where this user may mount one. */
function mounted(path: string): boolean {
  try {
    mkdirSync(path, { recursive: true });
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", path], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describe("output on a node", () => {
  test("a great deal of it: counted there, cut here and there, and never in memory", async () => {
    const { outcome, exitCode, stdout, log, logDir, grewBytes } = await runThere("much", BYTES);
    console.log(`${BYTES / 1e6} MB there: ${Math.round(grewBytes / MIB)} MiB more memory here at most`);
    expect({ outcome, exitCode, bytes: stdout.bytes, cut: log.cut }).toEqual({
      ...{ outcome: "exited", exitCode: 0, bytes: BYTES, cut: undefined },
    });
    expect(log.droppedBytes).toBeGreaterThan(BYTES - KEPT_BYTES);
    const kept = readdirSync(logDir).reduce((sum, name) => sum + statSync(join(logDir, name)).size, 0);
    expect(kept).toBeLessThan(KEPT_BYTES);
    expect(grewBytes).toBeLessThan(100 * MIB);
  }, 240_000);

  test("whose disk is full: the run ends as it would, and its record says that the log is cut", async (context) => {
    let logs = "";
    const unmount = () => logs !== "" && execFileSync("umount", ["-l", logs]);
    if (!mounted(join(dir, "probe"))) return context.skip("nothing can be mounted here");
    execFileSync("umount", ["-l", join(dir, "probe")]);
    try {
      const { outcome, exitCode, stdout, log } = await runThere("full", 1_000_000, (logsDir) => {
        if (mounted(logsDir)) logs = logsDir;
      });
      expect({ outcome, exitCode, bytes: stdout.bytes }).toEqual({ outcome: "exited", exitCode: 0, bytes: 1_000_000 });
      expect(log.cut).toMatch(/ENOSPC|no space/i);
    } finally {
      unmount();
    }
  }, 120_000);
});
