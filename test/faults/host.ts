/**
 * A stand-in for the gateway around the real engine, ledger, runner and outbox, started as a process of its own and
 * killed at a named point. Arguments: one JSON object, see HostOptions. Prints `ready` when the engine is up.
 */

import { startEngine } from "../../src/engine/index.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { silentLogger } from "../../src/kernel/logger.ts";
import type { OutboundMessage, Sender, SendResult } from "../../src/outbox/port.ts";
import { createRunnerClient } from "../../src/runner/index.ts";

export interface HostOptions {
  stateDir: string;
  runnerFile: string;
  receiver: string;
  /** Jobs to make when there are none. */
  jobs?: { name: string; everyMs: number; argv: string[]; policy?: Record<string, unknown> }[];
  /** Die at this point, the nth time it is reached. */
  killAt?: string;
  killNth?: number;
  /** Breaks the claim on purpose: runs every occurrence twice. For the control that the oracle can fail. */
  doubleStart?: boolean;
}

const options = JSON.parse(process.argv[2] ?? "{}") as HostOptions;
let reached = 0;
// The engine keeps no process alive by itself; a gateway has other reasons to live.
setInterval(() => {}, 60_000);

function at(point: string): void {
  if (point !== options.killAt) return;
  reached += 1;
  if (reached >= (options.killNth ?? 1)) process.kill(process.pid, "SIGKILL");
}

const sender: Sender = {
  async send(message: OutboundMessage): Promise<SendResult> {
    at("sending");
    try {
      const response = await fetch(options.receiver, {
        method: "POST",
        headers: { "webhook-id": message.deliveryId },
        body: message.body ?? message.text,
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

const client = createRunnerClient({
  stateDir: options.stateDir,
  runnerFile: options.runnerFile,
  clock: systemClock,
  logger: silentLogger,
});
const runner: typeof client =
  options.doubleStart === true
    ? {
        ...client,
        start(spec) {
          client.start(spec);
          client.start({ ...spec, attemptKey: `${spec.attemptKey}0`, logDir: `${spec.logDir}0` });
        },
      }
    : client;

const engine = await startEngine({
  stateDir: options.stateDir,
  config: { delivery: { backoffSeconds: [0, 0.2, 0.5, 1, 1, 1, 1, 1, 1, 1], jitter: 0 } },
  logger: process.env["FAULT_LOG"] === undefined ? silentLogger : { ...console, debug: console.log, info: console.log },
  clock: systemClock,
  random: Math.random,
  sender,
  runner,
  version: "fault-test",
  hostTz: "UTC",
  homeDir: options.stateDir,
  hostEnv: { PATH: process.env["PATH"], HOME: options.stateDir },
  platform: process.platform,
  resolveSecret: async () => "",
  resolveTarget: async (destination) => destination,
  health: () => {},
  at,
  routing: () => ({ mode: "off", active: false, detail: "fault test" }),
});
engine.events.on("delivery-changed", (change) => {
  if (change.state === "sent") at("receipt-recorded");
});

if (engine.listJobs({ limit: 1, offset: 0, includeDisabled: true }).total === 0) {
  for (const job of options.jobs ?? []) {
    await engine.addJob(
      {
        name: job.name,
        schedule: { kind: "every", everyMs: job.everyMs },
        payload: { kind: "command", argv: job.argv, timeoutSeconds: 20 },
        delivery: { mode: "webhook", to: options.receiver },
        ...(job.policy === undefined ? {} : { policy: job.policy }),
      },
      { label: "fault test" },
    );
  }
}
process.stdout.write("ready\n");

process.on("message", async (message) => {
  if (message === "disable") {
    for (const job of engine.listJobs({ limit: 50, offset: 0 }).jobs) {
      await engine.updateJob(job.id, { enabled: false }, { label: "fault test" });
    }
    process.send?.("disabled");
  }
  if (message === "idle?") {
    const status = engine.status();
    const busy =
      status.runs.queued +
      status.runs.running +
      (status.deliveries["pending"] ?? 0) +
      (status.deliveries["sending"] ?? 0);
    process.send?.({ busy });
  }
  if (message === "stop") {
    await engine.stop();
    process.exit(0);
  }
});
