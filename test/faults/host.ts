/**
 * A stand-in for the gateway around the real engine, ledger, runner and outbox, started as a process of its own, killed at a
 * named point or told to go wrong. Arguments: one JSON object, see HostOptions. Prints `ready` when the engine is up, and
 * answers each `Ask` with one message.
 */

import type { JobInput } from "../../schema/wire/job.ts";
import { type Engine, startEngine } from "../../src/engine/index.ts";
import { type Clock, systemClock } from "../../src/kernel/clock.ts";
import { silentLogger } from "../../src/kernel/logger.ts";
import type { OutboundMessage, Sender, SendResult } from "../../src/outbox/port.ts";
import { createPlaces, createRunnerClient } from "../../src/runner/index.ts";
import type { RunnerPort } from "../../src/runner/port.ts";
import { poisonable, twice } from "./host-runner.ts";
import { type Armed, createTrap } from "./nodes/arm.ts";
import { createWay, type NodeAddress } from "./nodes/link.ts";

export interface HostOptions {
  stateDir: string;
  runnerFile: string;
  receiver: string;
  /** Jobs to make when there are none. */
  jobs?: (Pick<JobInput, "name" | "schedule" | "policy" | "failureAlert"> & {
    argv: string[];
    declarationKey?: string;
  })[];
  /** Die at this point, the nth time it is reached. */
  killAt?: string;
  killNth?: number;
  /** Breaks the claim on purpose: runs every occurrence twice. For the control that the oracle can fail. */
  doubleStart?: boolean;
  /** Breaks the end of a run on purpose: what follows it is written a moment after it. */
  lateFollowUps?: boolean;
  /** Breaks the state on purpose: what a failed run left is kept as well. */
  everyState?: boolean;
  hostTz?: string;
  /** How long a runner may be silent before it is replaced. */
  replaceAfterMs?: number;
  /** Nodes that jobs may run on; each has the tag `db`. */
  nodes?: NodeAddress[];
}

/** What the host can be asked while it runs. */
export type Ask =
  | { ask: "disable" | "idle" | "status" | "reload" | "stop" }
  /** The wall clock is off by so much from now on. */
  | { ask: "clock"; byMs: number }
  /** The ledger refuses every write, as a full disk would; or takes them again. */
  | { ask: "full"; full: boolean }
  /** Attempts of the job called `bad` have results, or logs, that nobody can use. */
  | { ask: "poison"; what: "result" | "log" | undefined }
  /** Adds the job called `bad` again, under its declaration key. */
  | { ask: "again" }
  | { ask: "arm"; armed?: Armed }
  /** The way to these nodes is cut from now on, to no other. */
  | { ask: "cut"; names: string[] };

export interface HostStatus {
  state: string;
  problems: string[];
  notices: { code: string; lastAtMs: number }[];
  runnerPid: number | undefined;
}

const options = JSON.parse(process.argv[2] ?? "{}") as HostOptions;
const CALLER = { label: "fault test" };
let reached = 0;
let clockByMs = 0;
let full = false;
// The engine keeps no process alive by itself; a gateway has other reasons to live.
setInterval(() => {}, 60_000);

const clock: Clock = { ...systemClock, nowMs: () => Date.now() + clockByMs };
const logger =
  process.env["FAULT_LOG"] === undefined ? silentLogger : { ...console, debug: console.log, info: console.log };

const trap = createTrap();

function at(point: string): void {
  trap.at(point);
  if (point !== options.killAt) return;
  reached += 1;
  if (reached >= (options.killNth ?? 1)) process.kill(process.pid, "SIGKILL");
}

const sender: Sender = {
  async send(message: OutboundMessage, signal): Promise<SendResult> {
    at("sending");
    try {
      const response = await fetch(options.receiver, {
        method: "POST",
        headers: { "webhook-id": message.deliveryId },
        body: message.body ?? message.text,
        signal,
      });
      await response.arrayBuffer();
      at("sent-unrecorded");
      return response.ok
        ? { kind: "sent", messageIds: [] }
        : { kind: "failed", permanent: false, error: `HTTP ${response.status}` };
    } catch (error) {
      return { kind: "failed", permanent: false, error: String(error) };
    }
  },
};

let poison: ReturnType<typeof poisonable> | undefined;
let poisoned: "result" | "log" | undefined;

const way = options.nodes && createWay(options.nodes, () => at("answered"));
const settings = Object.fromEntries((options.nodes ?? []).map(({ name }) => [name, { tags: ["db"], limit: 20 }]));

function createRunner(): RunnerPort {
  const { stateDir, runnerFile, replaceAfterMs } = options;
  const client = createRunnerClient({ stateDir, runnerFile, clock, logger, replaceAfterMs });
  poison = poisonable(options.doubleStart === true ? twice(client) : client, () => poisoned);
  const here = poison.port;
  return way === undefined ? here : createPlaces({ here, fabric: way, settings, stateDir, clock });
}

const start = async (): Promise<Engine> => {
  const engine = await startEngine({
    stateDir: options.stateDir,
    config: {
      delivery: { backoffSeconds: [0, 0.2, 0.5, 1, 1, 1, 1, 1, 1, 1], jitter: 0 },
      concurrency: 16,
      nodes: settings,
    },
    logger,
    clock,
    random: Math.random,
    sender,
    runner: createRunner(),
    version: "fault-test",
    hostTz: options.hostTz ?? "UTC",
    homeDir: options.stateDir,
    hostEnv: { PATH: process.env["PATH"], HOME: options.stateDir },
    platform: process.platform,
    resolveSecret: async () => "",
    resolveTarget: async (destination) => destination,
    health: () => {},
    at,
    ...(options.lateFollowUps === true ? { followUpOutside: (write) => void setImmediate(write) } : {}),
    ...(options.everyState === true ? { keepsState: () => true } : {}),
    ledgerFaults: {
      at(point) {
        if (full && point === "write") throw Object.assign(new Error("database or disk is full"), { errcode: 13 });
      },
    },
    gatewayClient: () => ({ mode: "off", state: "off", detail: "test" }),
    page: { tab: false, detail: "test" },
    routing: () => ({ mode: "off", active: false, detail: "fault test" }),
  });
  engine.events.on("delivery-changed", (change) => {
    if (change.state === "sent") at("receipt-recorded");
  });
  return engine;
};

let engine = await start();

async function add(job: NonNullable<HostOptions["jobs"]>[number]): Promise<void> {
  const { argv, ...rest } = job;
  await engine.addJob(
    {
      ...rest,
      payload: { kind: "command", argv, timeoutSeconds: 20 },
      delivery: { mode: "webhook", to: options.receiver },
    },
    CALLER,
  );
}

if (engine.listJobs({ limit: 1, offset: 0, includeDisabled: true }).total === 0) {
  for (const job of options.jobs ?? []) await add(job);
}
/** Somebody who answers everything that is asked, half of it with no. Between two engines, or on a broken ledger, nobody answers. */
async function decide(): Promise<void> {
  for (const { runId, state, hash = "" } of engine.approvals({ openOnly: true, limit: 50, offset: 0 }).approvals) {
    if (state !== "waiting") continue;
    const yes = Number.parseInt(runId.slice(0, 1), 16) % 2 === 0;
    const answer = yes ? engine.approve(runId, { hash }, CALLER) : engine.reject(runId, { reason: "odd" }, CALLER);
    await answer.catch(() => {});
  }
}
setInterval(() => void decide().catch(() => {}), 50);
process.stdout.write("ready\n");

async function answer(asked: Ask): Promise<unknown> {
  switch (asked.ask) {
    case "disable": {
      const atMs = clock.nowMs();
      // What follows goes on, so that every chain comes to its end.
      const jobs = engine.listJobs({ limit: 50, offset: 0 }).jobs.filter(({ schedule }) => schedule.kind !== "after");
      for (const job of jobs) {
        await engine.updateJob(job.id, { enabled: false }, CALLER);
      }
      return { atMs };
    }
    case "idle": {
      const { runs, deliveries } = engine.status();
      return {
        busy: runs.queued + runs.awaiting + runs.running + (deliveries["pending"] ?? 0) + (deliveries["sending"] ?? 0),
      };
    }
    case "status": {
      const { state, problems, notices, runner } = engine.status();
      const status: HostStatus = { state, problems: problems.map(({ code }) => code), notices, runnerPid: runner.pid };
      return status;
    }
    case "reload": {
      const beganMs = performance.now();
      await engine.stop({ replaced: true });
      const stoppedMs = performance.now() - beganMs;
      engine = await start();
      return { stoppedMs };
    }
    case "clock":
      clockByMs = asked.byMs;
      return {};
    case "full":
      full = asked.full;
      return {};
    case "poison":
      poisoned = asked.what;
      if (poisoned === undefined) await poison?.release();
      return {};
    case "again":
      for (const job of options.jobs ?? []) if (job.name === "bad") await add(job);
      return {};
    case "arm":
      trap.arm(asked.armed);
      return {};
    case "cut":
      way?.cut(asked.names);
      return {};
    case "stop":
      await engine.stop();
      return { stopped: true };
  }
}

process.on("message", async (asked: Ask) => {
  process.send?.(await answer(asked));
  if (asked.ask === "stop") process.exit(0);
});
