/**
 * A node as a process of its own: the real server and runner of one, behind a stand-in for the gateway's way there.
 * Arguments: one JSON object, see NodeOptions. Prints `ready`, and answers each `NodeAsk` with one message.
 */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../../src/kernel/clock.ts";
import { silentLogger } from "../../../src/kernel/logger.ts";
import { createNodeServer, createRunnerClient } from "../../../src/runner/index.ts";
import type { RunnerPort } from "../../../src/runner/port.ts";
import { twice } from "../host-runner.ts";
import { type Armed, createTrap } from "./arm.ts";
import { serveWay } from "./link.ts";

export interface NodeOptions {
  name: string;
  stateDir: string;
  runnerFile: string;
  socket: string;
  /** Breaks it on purpose: every attempt is started twice. */
  doubleStart?: boolean;
  clockOffMs?: number;
}

/** What it can be asked. */
export type NodeAsk = { ask: "arm"; armed?: Armed } | { ask: "runner" } | { ask: "stop" };

const options = JSON.parse(process.argv[2] ?? "{}") as NodeOptions;
const { name, stateDir, runnerFile, socket, clockOffMs = 0 } = options;
const trap = createTrap();
const clock = { ...systemClock, nowMs: () => Date.now() + clockOffMs };
mkdirSync(stateDir, { recursive: true });

/** Where a run on a node can be cut, told before anybody else hears of it. */
function watched(port: RunnerPort): RunnerPort {
  return {
    ...port,
    open: (events) =>
      port.open({
        ...events,
        started(key, identity, step) {
          if (step === "command") trap.at("running");
          events.started(key, identity, step);
        },
        ended(result) {
          trap.at("ended-on-node");
          events.ended(result);
        },
      }),
    start(spec) {
      port.start(spec);
      trap.at("accepted");
    },
    acknowledge(key) {
      port.acknowledge(key);
      trap.at("result-acknowledged");
    },
  };
}

const client = createRunnerClient({ stateDir, runnerFile, clock, logger: silentLogger });
const runner = watched(options.doubleStart === true ? twice(client) : client);
const server = createNodeServer({
  ...{ runner, clock, version: "fault-test", logsDir: join(stateDir, "logs") },
  localize: (spec) => ({
    ...spec,
    cwd: stateDir,
    env: { PATH: process.env["PATH"] ?? "", NODE_NAME: name, ...spec.env },
  }),
});

rmSync(socket, { force: true });
await serveWay(socket, server, (request) => {
  const { messages } = request as { messages: { type: string }[] };
  if (messages.some(({ type }) => type === "start")) trap.at("dispatched");
});
process.stdout.write("ready\n");

process.on("message", async (asked: NodeAsk) => {
  switch (asked.ask) {
    case "arm":
      trap.arm(asked.armed);
      process.send?.({});
      break;
    case "runner":
      process.send?.({ pid: runner.status().pid, busy: server.isBusy() });
      break;
    case "stop":
      await runner.close();
      process.send?.({}, () => process.exit(0));
  }
});
