import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { COMMIT_POINTS } from "../../../src/engine/deps.ts";
import {
  type Answering,
  finish,
  type Host,
  RUNNER_FILE,
  startAnswering,
  startHost,
  startReceiver,
  survivors,
} from "../drive.ts";
import type { HostOptions } from "../host.ts";
import { findings, judge } from "../oracle.ts";
import { tableLine } from "../seeded.ts";
import type { Armed } from "./arm.ts";
import type { NodeAsk, NodeOptions } from "./node.ts";

/** On a run's way to a node and back, in order. */
export const NODE_POINTS = [
  "placed",
  "dispatched",
  "accepted",
  "running",
  "ended-on-node",
  "answered",
  "result-acknowledged",
] as const;
/** Points that the gateway comes by; at all others it is the node. */
const AT_GATEWAY: readonly string[] = ["placed", "answered", ...COMMIT_POINTS];
export const ANY_NODE_POINT: readonly string[] = [...new Set([...NODE_POINTS, ...COMMIT_POINTS])];

export const VICTIMS = ["gateway", "node", "runner"] as const;
export type Victim = (typeof VICTIMS)[number];

const NODES = ["a", "b"];
/** A busy machine is slow; this only fails. */
const POINT_MAX_MS = 120_000;
/** Messages of twenty lives wait for their turn on one lane; on a busy machine that takes its time. */
const DRAINS_MAX_MS = 300_000;
const WIDTHS = [20, 8, 5, 8, 7, 5, 5, 8, 9, 8];

export const printNodeHead = (): void =>
  console.log(
    tableLine(
      "point",
      ["victim", "kills", "instants", "missed", "runs", "lost", "repeats", "survivors", "findings"],
      WIDTHS,
    ),
  );

export type NodeProcess = Answering<NodeAsk>;

export const startNode = (options: NodeOptions): NodeProcess =>
  startAnswering(`node ${options.name}`, "nodes/node.ts", options);

const line = (file: string): string =>
  `echo "$OPENCLAW_RUN_ID $OPENCLAW_ATTEMPT $OPENCLAW_SCHEDULED_FOR $NODE_NAME" >> ${file}; echo done`;

/** A gateway's engine and two nodes, each a process of its own, in one directory. */
export interface NodeWorld {
  stateDir: string;
  host(): Host;
  node(name: string): NodeProcess;
  startHost(): Promise<void>;
  startNode(name: string, change?: Partial<NodeOptions>): Promise<void>;
  /** Lets all of it come to its end, and judges; answers the number of findings. */
  judge(
    label: string,
    about: { victim: Victim | "-"; count: number; complaints: string[]; mayLose: boolean; mayRepeat: boolean },
  ): Promise<number>;
}

export async function openNodeWorld(broken: { doubleStart: boolean }): Promise<NodeWorld> {
  const receiver = await startReceiver();
  const stateDir = mkdtempSync(join(tmpdir(), "cc-node-faults-"));
  const witness = join(stateDir, "witness");
  writeFileSync(witness, "");
  const command = (then = ""): string[] => ["sh", "-c", `${line(witness)}${then}`];
  const addresses = NODES.map((name) => ({ name, socket: join(stateDir, `${name}.sock`) }));
  const quiet = { backoff: false, autoDisable: false } as const;
  const options: HostOptions = {
    stateDir,
    runnerFile: RUNNER_FILE,
    receiver: receiver.url,
    nodes: addresses,
    jobs: [
      {
        name: "each",
        schedule: { kind: "every", everyMs: 400 },
        argv: command(),
        policy: { ...quiet, target: { tag: "db", mode: "all" } },
      },
      {
        name: "long",
        schedule: { kind: "every", everyMs: 700 },
        argv: command("; sleep 0.5"),
        policy: { ...quiet, overlap: "allow_all", target: { node: "a" } },
      },
      {
        name: "any",
        schedule: { kind: "every", everyMs: 500 },
        argv: command("; sleep 0.2"),
        policy: { ...quiet, overlap: "allow_all", target: { tag: "db", mode: "any" } },
      },
      { name: "here", schedule: { kind: "every", everyMs: 1_000 }, argv: command() },
    ],
  };
  let host: Host | undefined;
  const nodes = new Map<string, NodeProcess>();
  const world: NodeWorld = {
    stateDir,
    host: () => host as Host,
    node: (name) => nodes.get(name) as NodeProcess,
    async startHost() {
      host = startHost(options);
      if (!(await host.ready)) throw new Error("the host did not start");
    },
    async startNode(name, change = {}) {
      const { socket = "" } = addresses.find((one) => one.name === name) ?? {};
      const node = startNode({
        ...{ name, socket, runnerFile: RUNNER_FILE, stateDir: join(stateDir, `node-${name}`) },
        ...broken,
        ...change,
      });
      nodes.set(name, node);
      if (!(await node.ready)) throw new Error(`node ${name} did not start`);
    },
    async judge(label, { victim, count, complaints, mayLose, mayRepeat }) {
      const untilMs = await finish(world.host(), complaints, DRAINS_MAX_MS).catch((error) => {
        complaints.push(String(error));
        return 0;
      });
      for (const node of nodes.values()) {
        await node.ask({ ask: "stop" }).catch(() => undefined);
        node.child.kill("SIGKILL");
      }
      const verdict = judge({
        ledgerFile: join(stateDir, "ledger", "ledger.sqlite"),
        witnessFile: witness,
        received: receiver.received,
        untilMs,
        nodes: NODES,
      });
      const { instants, missed, runs, lostRuns, repeats } = verdict;
      if (lostRuns > 0 && !mayLose) complaints.push(`${lostRuns} results were lost that their node kept`);
      if (repeats > 0 && !mayRepeat) complaints.push(`${repeats} messages came twice without a kill of who sends them`);
      const left = survivors(stateDir);
      const found = [...complaints, ...findings(verdict)];
      console.log(
        tableLine(label, [victim, count, instants, missed, runs, lostRuns, repeats, left, found.length], WIDTHS),
      );
      for (const finding of found.slice(0, 10)) console.log(`  ${finding}`);
      host?.child.kill("SIGKILL");
      rmSync(stateDir, { recursive: true, force: true });
      receiver.close();
      return found.length + left;
    },
  };
  try {
    await Promise.all(NODES.map((name) => world.startNode(name)));
    await world.startHost();
  } catch (error) {
    for (const { child } of [...nodes.values(), ...(host === undefined ? [] : [host])]) child.kill("SIGKILL");
    throw error;
  }
  return world;
}

/** Ends the victim at one point `kills` times, brings it back each time, and judges. Answers the number of findings. */
export async function judgeNodePoint(
  { point, victim }: { point: string; victim: Victim },
  options: { kills: number; random(): number; deadlineMs: number; doubleStart: boolean },
): Promise<number> {
  const { kills, random, deadlineMs, doubleStart } = options;
  const world = await openNodeWorld({ doubleStart });
  const complaints: string[] = [];
  let killed = 0;

  async function killOnce(): Promise<void> {
    const name = random() < 0.5 ? "a" : "b";
    const node = world.node(name);
    const { pid: runner } = await node.ask<{ pid?: number }>({ ask: "runner" });
    const [dying, pid] = {
      gateway: [world.host(), world.host().child.pid] as const,
      node: [node, node.child.pid] as const,
      runner: [undefined, runner] as const,
    }[victim];
    if (pid === undefined) return void (await sleep(100));
    const armed: Armed = { point, nth: 1 + Math.floor(random() * 4), victim: pid };
    const observer = AT_GATEWAY.includes(point) ? world.host() : node;
    await observer.ask({ ask: "arm", armed });
    const gone = dying?.exited ?? untilGone(pid);
    if ((await Promise.race([gone, sleep(POINT_MAX_MS, "slow")])) === "slow") {
      complaints.push("the point was not reached in two minutes");
      await observer.ask({ ask: "arm" });
      return;
    }
    killed += 1;
    if (victim === "gateway") await world.startHost();
    if (victim === "node") await world.startNode(name);
  }

  try {
    while (killed < kills && performance.now() < deadlineMs && complaints.length === 0) await killOnce();
  } catch (error) {
    complaints.push(`kill ${killed + 1}: ${String(error)}`);
  }
  return await world.judge(point, {
    ...{ victim, complaints, count: killed, mayLose: victim === "runner", mayRepeat: victim === "gateway" },
  });
}

async function untilGone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await sleep(20);
  }
}
