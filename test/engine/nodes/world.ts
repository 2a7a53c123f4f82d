import type { Target } from "../../../schema/wire/target.ts";
import { settle } from "../../helpers/clock.ts";
import { CALLER, type TestEngine } from "../../helpers/engine.ts";
import type { FakeNode } from "../../helpers/nodes.ts";

/** A few turns: the claim is made durable, the place is, and the node is asked; then so much time. */
export async function turns(test: TestEngine, ms = 0): Promise<void> {
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
export async function runOf(test: TestEngine, id: string): Promise<string> {
  const { runId = "" } = await test.engine.runJob(id, CALLER, {});
  await turns(test);
  return runId;
}

export const keyOn = (node: FakeNode): string => [...node.runner.running.keys()].at(-1) ?? "";
