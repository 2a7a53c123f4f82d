import type { NodeSettings, Target } from "../../../schema/wire/target.ts";
import { settle } from "../../helpers/clock.ts";
import { CALLER, startTestEngine, type TestEngine } from "../../helpers/engine.ts";
import { createFakeNodes, type FakeNode, type FakeNodes } from "../../helpers/nodes.ts";

/** The engine of the test at hand and its nodes, from `start` on. */
export let test: TestEngine;
export let fakes: FakeNodes;

export async function start(settings: NodeSettings = {}): Promise<void> {
  fakes = createFakeNodes();
  test = await startTestEngine({ config: { nodes: settings }, around: fakes.around(settings) });
}

/** On a gateway that hands out no nodes. */
export async function startWithoutNodes(): Promise<void> {
  test = await startTestEngine();
}

/** A few turns: the claim is made durable, the place is, and the node is asked; then so much time. */
export async function turns(ms = 0): Promise<void> {
  for (let turn = 0; turn < 12; turn += 1) await settle();
  if (ms === 0) return;
  await test.clock.advance(ms);
  for (let turn = 0; turn < 12; turn += 1) await settle();
}

/** A job that is due only by hand. */
export const target = (policy: Target) => ({
  schedule: { kind: "every" as const, everyMs: 86_400_000 },
  policy: { target: policy },
});

/** Starts a job by hand; answers its run when its node has been asked. */
export async function run(id: string): Promise<string> {
  const { runId = "" } = await test.engine.runJob(id, CALLER, {});
  await turns();
  return runId;
}

export const entry = (runId: string) => test.engine.getRun(runId);

export const keyOn = (node: FakeNode): string => [...node.runner.running.keys()].at(-1) ?? "";
