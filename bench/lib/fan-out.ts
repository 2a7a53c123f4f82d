import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "../../src/engine/index.ts";
import { threadCpuMs } from "./cpu.ts";
import { nextEvent } from "./next-event.ts";
import { watchTurns } from "./turns.ts";

const CALLER = { label: "bench" };

type FanOutRow = "decided" | "decided-cpu" | "hold" | "started" | "hold-all";

/** One occurrence on each of so many played nodes, from the instant at which it is due. */
export async function fanOut(engine: Engine, id: string, nodes: number): Promise<Record<FanOutRow, number>> {
  const dueMs = Date.now() + 300;
  const decided = { at: 0, cpu: 0, hold: 0, runs: 0 };
  await engine.updateJob(id, { enabled: true, schedule: { kind: "at", at: new Date(dueMs).toISOString() } }, CALLER);
  await sleep(Math.max(0, dueMs - Date.now() - 20));
  const cpuBefore = threadCpuMs();
  const [deciding, whole] = [watchTurns(), watchTurns()];
  const offQueued = engine.events.on("run-queued", () => {
    decided.runs += 1;
    if (decided.runs < nodes) return;
    Object.assign(decided, { at: Date.now() - dueMs, cpu: threadCpuMs() - cpuBefore, hold: deciding.stop() });
  });
  let ended = 0;
  await nextEvent(engine, "run-finished", () => ++ended === nodes);
  offQueued();
  const started = Date.now() - dueMs;
  const took = {
    decided: decided.at,
    "decided-cpu": decided.cpu,
    hold: decided.hold,
    started,
    "hold-all": whole.stop(),
  };
  await sleep(500);
  return took;
}
