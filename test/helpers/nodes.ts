import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { NodeSettings } from "../../schema/wire/target.ts";
import { createNodeServer, createPlaces, NodeCallError, type NodeFabric } from "../../src/runner/index.ts";
import type { RunnerPort } from "../../src/runner/port.ts";
import type { FakeClock } from "./clock.ts";
import { createFakeRunner, type FakeRunner } from "./engine.ts";

/** A paired node that does what the test says; its server is the real one, around a runner that starts nothing. */
export interface FakeNode {
  id: string;
  name: string;
  connected: boolean;
  /** Why it serves nothing though it is connected. */
  notServing?: string;
  paired: boolean;
  /** It takes what it is asked, and answers when it is not frozen any more. */
  frozen: boolean;
  /** What it is asked is done, and the answer is lost on its way, so often. */
  deaf: number;
  /** What it is asked is lost on its way to it, so often. */
  swallowed: number;
  /** Its own policy refuses starts. */
  denies: boolean;
  clockOffMs: number;
  /** Where its logs lie, from its next restart on. */
  logsDir: string;
  runner: FakeRunner;
  /** Questions that reached it. */
  asked: Record<string, unknown>[];
  /** What it answers instead of its own answer. */
  says?(answer: Record<string, unknown>): unknown;
  /** Its process dies and comes back; its runner lives on. */
  restart(): void;
}

export interface FakeNodes {
  fabric: NodeFabric;
  nodes: FakeNode[];
  add(name: string, id?: string): FakeNode;
  around(settings?: NodeSettings): (base: { runner: RunnerPort; clock: FakeClock; stateDir: string }) => RunnerPort;
  /** Needs the clock before the first node is added. */
  useClock(clock: FakeClock): void;
  calls(): number;
}

export function createFakeNodes(): FakeNodes {
  let clock: FakeClock | undefined;
  let calls = 0;
  const nodes: FakeNode[] = [];
  const servers = new Map<FakeNode, ReturnType<typeof createNodeServer>>();
  const time = (): FakeClock => {
    if (clock === undefined) throw new Error("no clock yet");
    return clock;
  };

  function serve(node: FakeNode): void {
    const shifted = { ...time(), nowMs: () => time().nowMs() + node.clockOffMs };
    servers.set(
      node,
      createNodeServer({
        runner: node.runner.port,
        clock: shifted,
        version: "1.2.3",
        logsDir: node.logsDir,
        localize: (spec) => ({ ...spec, env: { HOME: `/home/${node.name}`, ...spec.env } }),
      }),
    );
  }

  const fabric: NodeFabric = {
    async list() {
      return nodes
        .filter(({ paired }) => paired)
        .map(({ id, name, connected, notServing }) => {
          const why = connected && notServing !== undefined ? { notServing } : {};
          return { id, name, connected, serves: connected && notServing === undefined, ...why };
        });
    },
    call(nodeId, request, { timeoutMs, signal }) {
      calls += 1;
      const node = nodes.find(({ id }) => id === nodeId);
      return new Promise((resolve, reject) => {
        const fail = (message: string, dispatched: boolean) => reject(new NodeCallError(message, dispatched));
        if (node === undefined || !node.paired || !node.connected) return fail("node not connected", false);
        signal.addEventListener("abort", () => fail("aborted", true), { once: true });
        time().setTimer(() => fail("TIMEOUT: node invoke timed out", true), timeoutMs);
        if (node.swallowed > 0) {
          node.swallowed -= 1;
          return;
        }
        const asked = JSON.parse(JSON.stringify(request)) as Record<string, unknown>;
        node.asked.push(asked);
        const authorize = (): void => {
          if (node.denies) throw new Error("SYSTEM_RUN_DENIED: approval required");
        };
        void servers
          .get(node)
          ?.answer(asked, { authorize, signal })
          .then(
            (answer) => {
              if (node.frozen) return;
              if (!node.connected) return fail("node disconnected", true);
              if (node.deaf > 0) {
                node.deaf -= 1;
                return fail("node disconnected", true);
              }
              const said = JSON.parse(JSON.stringify(answer)) as Record<string, unknown>;
              resolve(node.says === undefined ? said : node.says(said));
            },
            (error: Error) => fail(error.message, true),
          );
      });
    },
  };

  return {
    fabric,
    nodes,
    calls: () => calls,
    useClock(given) {
      clock = given;
    },
    add(name, id = `id-of-${name}`) {
      const node: FakeNode = {
        ...{
          id,
          name,
          connected: true,
          paired: true,
          frozen: false,
          deaf: 0,
          swallowed: 0,
          denies: false,
          clockOffMs: 0,
        },
        logsDir: join("/nonexistent", id),
        runner: createFakeRunner(time()),
        asked: [],
        restart() {
          node.runner.disconnect();
          serve(node);
        },
      };
      nodes.push(node);
      serve(node);
      return node;
    },
    around:
      (settings = {}) =>
      ({ runner, clock: given, stateDir }) => {
        clock = given;
        mkdirSync(join(stateDir, "runner"), { recursive: true });
        writeFileSync(join(stateDir, "runner", "token"), "token");
        return createPlaces({ here: runner, fabric, settings, stateDir, clock: given });
      },
  };
}
