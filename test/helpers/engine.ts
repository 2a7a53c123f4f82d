import { rmSync } from "node:fs";
import type { Config } from "../../schema/wire/config.ts";
import type { JobInput } from "../../schema/wire/job.ts";
import type { Progress } from "../../schema/wire/progress.ts";
import { type Engine, type EngineDeps, startEngine } from "../../src/engine/index.ts";
import type { AttemptResult, CommandSpec } from "../../src/executor/types.ts";
import { silentLogger } from "../../src/kernel/logger.ts";
import type { OutboundMessage, SendResult } from "../../src/outbox/port.ts";
import type { RunnerEvents, RunnerPort, RunnerStatus } from "../../src/runner/port.ts";
import type { TransferApi } from "../../src/transfer/api.ts";
import { withTransfer } from "../../src/transfer/index.ts";
import { afterTest, testDir } from "./after-test.ts";
import { createFakeClock, type FakeClock, settle } from "./clock.ts";
import { FACTS } from "./facts.ts";

export interface FakeRunner {
  instance: string;
  readonly started: CommandSpec[];
  readonly running: Map<string, CommandSpec>;
  /** Set to end every attempt with exit 0 at once. */
  auto: boolean;
  /** Ends an attempt; the engine hears of it when it is connected. */
  end(key: string, change?: Partial<AttemptResult> & { out?: string; err?: string }): void;
  /** The runner dies with everything it runs. */
  lose(why: string): void;
  /** What `status` answers, beside the counts. */
  says: Partial<RunnerStatus>;
  /** It falls silent, or is heard again. */
  fallSilent(silent: boolean): void;
  /** It tells once more that an attempt has its process. */
  tellStarted(key: string): void;
  /** It tells how far an attempt is. */
  tellProgress(key: string, progress: Progress): void;
  /** The gateway died: nobody listens any more. */
  disconnect(): void;
  port: RunnerPort;
}

/** A runner that starts nothing: the test says how each attempt ends. It outlives the engine, as the real one does. */
export function createFakeRunner(clock: FakeClock): FakeRunner {
  let events: RunnerEvents | undefined;
  const running = new Map<string, CommandSpec>();
  const unacknowledged = new Map<string, AttemptResult>();
  const started: CommandSpec[] = [];
  const runner: FakeRunner = {
    instance: "runner-1",
    started,
    running,
    auto: false,
    end(key, change = {}) {
      running.delete(key);
      const { out = "", err = "", ...rest } = change;
      const result: AttemptResult = {
        attemptKey: key,
        outcome: "exited",
        exitCode: 0,
        signal: null,
        startedAtMs: clock.nowMs(),
        endedAtMs: clock.nowMs(),
        stdout: { bytes: Buffer.byteLength(out), head: "", tail: Buffer.from(out).toString("base64") },
        stderr: { bytes: Buffer.byteLength(err), head: "", tail: Buffer.from(err).toString("base64") },
        actionLines: [],
        cleanup: { method: ["group"], found: 0, ended: 0, left: [] },
        log: { bytes: 0, droppedBytes: 0 },
        ...rest,
      };
      unacknowledged.set(key, result);
      events?.ended(result);
    },
    lose(why) {
      const keys = [...running.keys()];
      running.clear();
      runner.instance += "+";
      events?.lost(
        keys.map((attemptKey) => ({ attemptKey })),
        why,
      );
    },
    says: {},
    fallSilent(silent) {
      const sinceMs = clock.nowMs();
      runner.says = silent ? { unresponsive: [{ pid: 7, sinceMs, running: running.size }] } : {};
      events?.silent(7, silent);
    },
    tellStarted: (key) => events?.started(key, { pid: 1, startTime: "1", bootId: "boot" }, "command"),
    tellProgress: (key, progress) => events?.progress(key, progress),
    disconnect() {
      events = undefined;
    },
    port: {
      async open(handlers) {
        events = handlers;
        const ended = [...unacknowledged.values()];
        setImmediate(() => {
          for (const result of ended) events?.ended(result);
        });
        return {
          instance: runner.instance,
          running: [...running.keys()].map((attemptKey) => ({ attemptKey })),
          ended: ended.map((result) => result.attemptKey),
          silent: false,
        };
      },
      start(spec) {
        started.push(spec);
        running.set(spec.attemptKey, spec);
        events?.started(spec.attemptKey, { pid: 1000 + started.length, startTime: "1", bootId: "boot" }, "command");
        if (runner.auto) setImmediate(() => runner.end(spec.attemptKey));
      },
      async cancel(attemptKey, by) {
        if (!running.has(attemptKey)) return false;
        runner.end(attemptKey, { outcome: "canceled", exitCode: null, signal: "SIGTERM", canceledBy: by });
        return true;
      },
      acknowledge: (attemptKey) => void unacknowledged.delete(attemptKey),
      adopt() {},
      reap: async () => new Map(),
      status: () => ({ state: "connected", running: running.size, draining: 0, unresponsive: [], ...runner.says }),
      close: async () => {},
    },
  };
  return runner;
}

export interface TestEngine {
  engine: Engine & TransferApi;
  deps: EngineDeps;
  clock: FakeClock;
  runner: FakeRunner;
  sent: OutboundMessage[];
  health: (string | undefined)[];
  stateDir: string;
  add(job?: Partial<JobInput>): Promise<string>;
  /** Stops cleanly and starts again on the same state. */
  restart(change?: Partial<EngineDeps>): Promise<void>;
  /** Ends it; the end of the test it was started in does so, too. */
  stop(): Promise<void>;
}

export const CALLER = { label: "test" };

/** A real engine and ledger around a fake clock, runner and sender. */
const start = async (deps: EngineDeps) => withTransfer(await startEngine(deps), FACTS);

export async function startTestEngine(
  options: {
    config?: Config;
    deps?: Partial<EngineDeps>;
    answer?: (message: OutboundMessage) => SendResult;
    clock?: FakeClock;
    /** What stands around the runner of this host. */
    around?(base: { runner: RunnerPort; clock: FakeClock; stateDir: string }): RunnerPort;
  } = {},
): Promise<TestEngine> {
  const clock = options.clock ?? createFakeClock();
  const runner = createFakeRunner(clock);
  const stateDir = testDir("cc-engine-");
  const sent: OutboundMessage[] = [];
  const health: (string | undefined)[] = [];
  const deps: EngineDeps = {
    stateDir,
    config: options.config ?? {},
    logger: silentLogger,
    clock,
    random: () => 0.5,
    sender: {
      async send(message) {
        sent.push(message);
        return options.answer?.(message) ?? { kind: "sent", messageIds: [`m${sent.length}`] };
      },
    },
    runner: options.around?.({ runner: runner.port, clock, stateDir }) ?? runner.port,
    version: "0.0.0-test",
    hostTz: "UTC",
    homeDir: stateDir,
    hostEnv: { PATH: "/bin", HOME: stateDir, OPENCLAW_GATEWAY_TOKEN: "secret" },
    platform: "linux",
    resolveSecret: async (ref) => `secret-of-${ref.id}`,
    resolveTarget: async (destination) => destination,
    health: (problem) => health.push(problem),
    at: () => {},
    pause: async () => {},
    gatewayClient: () => ({ mode: "off", state: "off", detail: "test" }),
    page: { tab: false, detail: "test" },
    routing: () => ({ mode: "off", active: false, detail: "test" }),
    ...options.deps,
  };
  const test: TestEngine = {
    engine: await start(deps),
    deps,
    clock,
    runner,
    sent,
    health,
    stateDir,
    async add(job = {}) {
      const { job: stored } = await test.engine.addJob(
        {
          name: "job",
          schedule: { kind: "every", everyMs: 60_000 },
          payload: { kind: "command", argv: ["true"] },
          delivery: { mode: "none" },
          ...job,
        },
        CALLER,
      );
      return stored.id;
    },
    async restart(change = {}) {
      await test.engine.stop();
      runner.disconnect();
      test.engine = await start({ ...deps, ...change });
      await settle();
    },
    stop: afterTest(async () => {
      await test.engine.stop();
      rmSync(stateDir, { recursive: true, force: true });
    }),
  };
  return test;
}
