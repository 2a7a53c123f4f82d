import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Progress } from "../../schema/wire/progress.ts";
import type { AttemptResult, CommandSpec, ProcessIdentity, Step } from "../../src/executor/types.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { silentLogger } from "../../src/kernel/logger.ts";
import { createRunnerClient, type LostAttempt, type RunnerPort } from "../../src/runner/index.ts";
import { killProcessesIn } from "./processes.ts";
import { waitFor } from "./wait-for.ts";

const GATEWAY = join(import.meta.dirname, "../fixtures/programs/gateway.ts");

type Options = Parameters<typeof createRunnerClient>[0];

export interface HeardClient {
  port: RunnerPort;
  known: Awaited<ReturnType<RunnerPort["open"]>>;
  results: AttemptResult[];
  started: Map<string, ProcessIdentity>;
  /** Of which a process has been told, in order. */
  steps: Step[];
  /** What was said of how far attempts are, in order. */
  progress: [attemptKey: string, progress: Progress][];
  lost: { attempts: LostAttempt[]; why: string }[];
  /** Starts the command and waits for its result, which is acknowledged. */
  run(spec: CommandSpec): Promise<AttemptResult>;
  resultOf(attemptKey: string, timeoutMs?: number): Promise<AttemptResult>;
}

/** Opens a real client and remembers what it says. */
export async function openClient(
  options: Pick<Options, "stateDir" | "runnerFile"> & Partial<Options>,
  acknowledge = true,
): Promise<HeardClient> {
  const port = createRunnerClient({ clock: systemClock, logger: silentLogger, ...options });
  const results: AttemptResult[] = [];
  const started = new Map<string, ProcessIdentity>();
  const lost: HeardClient["lost"] = [];
  const steps: Step[] = [];
  const progress: HeardClient["progress"] = [];
  const known = await port.open({
    started(key, identity, step) {
      started.set(key, identity);
      steps.push(step);
    },
    ended(result) {
      results.push(result);
      if (acknowledge) port.acknowledge(result.attemptKey);
    },
    progress: (key, said) => progress.push([key, said]),
    silent() {},
    lost: (attempts, why) => lost.push({ attempts, why }),
  });
  const resultOf = (attemptKey: string, timeoutMs = 60_000): Promise<AttemptResult> =>
    waitFor(() => results.find((result) => result.attemptKey === attemptKey), {
      timeoutMs,
      everyMs: 5,
      what: `the result of ${attemptKey}`,
    });
  return {
    port,
    known,
    results,
    started,
    steps,
    progress,
    lost,
    resultOf,
    run(spec) {
      port.start(spec);
      return resultOf(spec.attemptKey);
    },
  };
}

export interface PlayedGateway {
  process: ChildProcess;
  heard: { event: string; value: unknown }[];
  /** Waits for an event of this name. */
  hears(event: string): Promise<unknown>;
}

export function playGateway(
  stateDir: string,
  runnerFile: string,
  specs: CommandSpec[] = [],
  idleMs = 60_000,
): PlayedGateway {
  const child = spawn(process.execPath, [GATEWAY, stateDir, runnerFile, JSON.stringify(specs), String(idleMs)], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, GATEWAY_SECRET_CANARY: "canary-7431" },
  });
  const heard: PlayedGateway["heard"] = [];
  createInterface({ input: child.stdout }).on("line", (line) => heard.push(JSON.parse(line)));
  return {
    process: child,
    heard,
    async hears(event) {
      const found = await waitFor(() => heard.find((one) => one.event === event), {
        what: `${event} from the gateway`,
      });
      return found.value;
    },
  };
}

/** A state directory; `remove` also ends whatever still runs for it. */
export function stateDirectory(name = "cc-state-"): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), name));
  return {
    path,
    remove() {
      killProcessesIn(path);
      rmSync(path, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
