import { beforeEach, describe, expect, it } from "vitest";
import { askLedger } from "../../src/cli/gateway/ledger.ts";
import type { CliIo } from "../../src/cli/io.ts";
import { createLogWriter } from "../../src/executor/log/writer.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { CommandCronError } from "../../src/kernel/errors.ts";
import { createDispatcher } from "../../src/rpc/index.ts";
import { CALLER, startTestEngine, type TestEngine } from "../helpers/engine.ts";
import { command } from "./terminal.ts";

let test: TestEngine;
beforeEach(async () => {
  test = await startTestEngine();
});

/** Writes what an attempt prints, as the runner does. */
async function prints(dir: string, ...pieces: string[]): Promise<void> {
  let go = (): void => {};
  const log = createLogWriter({ dir, budgetBytes: 67_108_864, clock: systemClock, onRoom: () => go() });
  for (const piece of pieces) {
    const room = new Promise<void>((resolve) => {
      go = resolve;
    });
    if (!log.append("stdout", Buffer.from(piece))) await room;
  }
  await log.close();
}

const newest = () => {
  const spec = test.runner.started.at(-1);
  if (spec === undefined) throw new Error("nothing was started");
  return spec;
};

/** The real methods over the real engine; `before` may change the world before each of them. */
const through =
  (before: (method: string, nth: number) => void | Promise<void> = () => {}): CliIo["call"] =>
  async (name, params) => {
    const method = name.replace("cron.command.", "");
    calls += 1;
    await before(method, calls);
    return await createDispatcher(() => test.engine).dispatch(name, params, CALLER);
  };
let calls = 0;
beforeEach(() => {
  calls = 0;
});

const away = (): never => {
  throw new CommandCronError("GATEWAY_UNREACHABLE", { got: "nothing listens" });
};

describe("logs of a real engine", () => {
  const start = async (policy = {}) => {
    const id = await test.add({ name: "talker", policy });
    const { runId = "" } = await test.engine.runJob(id, CALLER, {});
    await test.clock.advance(10);
    return { id, runId };
  };

  it("--tail gives so many whole lines, however long the log", async () => {
    await start();
    const line = (n: number) => `${String(n).padStart(100, "0")}\n`;
    const pieces = Array.from({ length: 120 }, (_, piece) =>
      Array.from({ length: 1_000 }, (_unused, n) => line(piece * 1_000 + n)).join(""),
    );
    await prints(newest().logDir, ...pieces);
    for (const wanted of [3, 40_000, 100_000]) {
      const { stdout } = await command(["logs", "talker", "--tail", String(wanted)], { call: through() });
      const lines = stdout.split("\n");
      expect(lines.pop()).toBe("");
      expect(lines).toHaveLength(wanted);
      expect([lines[0], lines.at(-1)]).toEqual([line(120_000 - wanted).trim(), line(119_999).trim()]);
    }
    const all = await command(["logs", "talker", "--tail", "999999"], { call: through() });
    expect(all.stdout.length).toBe(120_000 * 101);
  });

  it("-f goes on with the attempts that follow, and says where one begins", async () => {
    await start({ retry: { maxAttempts: 3, delaySeconds: 1 } });
    const finish = async (attempt: number) => {
      const spec = newest();
      await prints(spec.logDir, `attempt ${attempt}\n`);
      test.runner.end(spec.attemptKey, { exitCode: 1 });
      await test.clock.advance(5_000);
    };
    const call = through(async (_method, nth) => {
      if (nth === 2 || nth === 5 || nth === 8) await finish((nth + 1) / 3);
    });
    const { stdout, stderr, code } = await command(["logs", "talker", "-f"], { call });
    expect(stdout).toBe("attempt 1\nattempt 2\nattempt 3\n");
    expect(stderr).toBe("note: attempt 2\nnote: attempt 3\n");
    expect(code).toBe(0);
  });

  it("says why there is nothing, for a run that never started and for a name nobody has", async () => {
    const { runId } = await start();
    test.runner.end(newest().attemptKey, {
      outcome: "spawn_failed",
      exitCode: null,
      error: { code: "CWD_NOT_FOUND", message: "the working directory does not exist" },
    });
    await test.clock.advance(10);
    expect((await command(["logs", runId], { call: through() })).stderr).toMatch(
      /^note: nothing was started: the working directory does not exist/,
    );
    expect((await command(["logs", "nope"], { call: through() })).stderr).toContain(
      "Got nope, which names no job either.",
    );
    await test.add({ name: "quiet" });
    expect((await command(["logs", "quiet"], { call: through() })).stderr).toContain("Got quiet, a job without a run.");
  });

  it("-f and --wait ride out a restart of the gateway", async () => {
    const { runId } = await start();
    await prints(newest().logDir, "begin\n");
    const call = through((_method, nth) => {
      if (nth >= 2 && nth <= 4) away();
      if (nth === 6) test.runner.end(newest().attemptKey, { out: "done" });
    });
    const followed = await command(["logs", runId, "-f"], { call });
    expect(followed).toMatchObject({ code: 0, stdout: "begin\n" });
    expect(followed.stderr).toBe("note: the gateway does not answer; trying again\n");

    calls = 0;
    const waited = await command(["run", "talker", "--wait"], {
      call: through(async (method, nth) => {
        if (nth > 1 && nth < 4) away();
        if (nth === 4) {
          await test.clock.advance(10);
          test.runner.end(newest().attemptKey);
          await test.clock.advance(10);
        }
        expect(method).toBe(nth === 1 ? "run" : "runs");
      }),
    });
    expect(waited).toMatchObject({ code: 0 });
    const given = await command(["run", "talker", "--wait", "--wait-timeout", "10s"], {
      call: through((_method, nth) => (nth > 7 ? away() : undefined)),
    });
    expect(given.code).toBe(1);
    expect(given.stderr).toContain("the gateway does not answer.");
    expect(given.sleptMs).toBeGreaterThan(5_000);
  });
});

describe("without a gateway", () => {
  const asked = (lookIn: string) => (method: string, params: unknown, connection: Parameters<CliIo["call"]>[2]) =>
    askLedger(method, params, connection, { env: { OPENCLAW_STATE_DIR: lookIn }, cwd: lookIn });
  /** The engine's state lies where a gateway would have it. */
  const look = async (line: string, flags: string[] = []) =>
    await command([...line.split(" "), ...flags], { call: async () => away(), askLedger: asked(gatewayDir) });
  let gatewayDir: string;
  beforeEach(async () => {
    const { mkdtempSync } = await import("node:fs");
    const { tmpdir } = await import("node:os");
    const { join } = await import("node:path");
    await test.stop();
    gatewayDir = mkdtempSync(join(tmpdir(), "cc-offline-"));
    test = await startTestEngine({ deps: { stateDir: join(gatewayDir, "command-cron") } });
    const id = await test.add({ name: "talker" });
    await test.engine.runJob(id, CALLER, {});
    await test.clock.advance(10);
    await prints(newest().logDir, "said\n");
    test.runner.end(newest().attemptKey, { out: "said" });
    await test.clock.advance(10);
  });

  it.each(["while it still runs", "after a clean end"])(
    "list, show, runs and logs answer from the ledger %s",
    async (when) => {
      if (when === "after a clean end") await test.engine.stop();
      const note = `note: the gateway does not answer; this is from the ledger, ${gatewayDir}/command-cron/ledger/ledger.sqlite\n`;
      for (const [line, holds] of [
        ["list", /talker +every 1 min/],
        ["show talker", /^name: +talker$/m],
        ["get talker", /"name": "talker"/],
        ["runs talker", /succeeded/],
        ["logs talker", /^said$/m],
        ["timeline talker --since 20d", /^talker {2}\.+o\.+$/m],
        ["next talker --count 1", /^ {2}20\d\d-/m],
      ] as const) {
        const session = await look(line);
        expect(session).toMatchObject({ code: 0 });
        expect(session.stdout).toMatch(holds);
        expect(session.stderr.startsWith(note)).toBe(true);
      }
      const json = await look("list", ["--json"]);
      expect(JSON.parse(json.stdout).jobs[0].name).toBe("talker");
      expect(json.stderr).toBe(note);
    },
  );

  it("changes nothing, and answers for no other gateway", async () => {
    for (const line of ["rm talker", "run talker", "disable talker", "status"]) {
      expect(await look(line)).toMatchObject({ code: 1, stdout: "" });
    }
    expect(await look("list", ["--port", "1"])).toMatchObject({ code: 1, stdout: "" });
    expect(await look("list", ["--url", "ws://far", "--token", "t"])).toMatchObject({ code: 1, stdout: "" });
    expect(test.engine.getJob("talker").enabled).toBe(true);
    expect((await look("get nobody")).stderr).toContain("there is no command job with this id");
  });

  it("says that the gateway does not answer where there is no ledger", async () => {
    const session = await command(["list"], { call: async () => away(), askLedger: asked("/nonexistent") });
    expect(session).toMatchObject({ code: 1, stdout: "" });
    expect(session.stderr).toContain("the gateway does not answer.");
  });
});
