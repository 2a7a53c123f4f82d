import { setTimeout as sleep } from "node:timers/promises";
import { startEngine } from "../../src/engine/index.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { silentLogger } from "../../src/kernel/logger.ts";
import { createDispatcher } from "../../src/rpc/index.ts";
import { createPlaces, createRunnerClient } from "../../src/runner/index.ts";
import { readFacts, withTransfer } from "../../src/transfer/index.ts";
import { engineDeps } from "../../test/helpers/engine-deps.ts";
import { instantNodes, playedSettings } from "../lib/played-nodes.ts";
import { createOps, type Ops } from "./ops.ts";
import type { HostSettings } from "./settings.ts";

/** A pool of one, for jobs that are to fill it. */
export const HELD_POOL = "held";

/** Everything a gateway loads of the product, started; deliveries go nowhere. */
export async function startBenchEngine(settings: HostSettings): Promise<{ ops: Ops; stop(): Promise<void> }> {
  const { stateDir, runnerFile, concurrency, nodes, syncMs } = settings;
  const handOverMs: number[] = [];
  const client = createRunnerClient({ stateDir, runnerFile, clock: systemClock, logger: silentLogger });
  const played = playedSettings(nodes);
  const runner =
    nodes === 0
      ? client
      : createPlaces({ here: client, fabric: instantNodes(nodes), settings: played, stateDir, clock: systemClock });
  const engine = await startEngine({
    ...engineDeps(stateDir),
    config: { concurrency, pools: { [HELD_POOL]: 1 }, nodes: played },
    clock: systemClock,
    random: Math.random,
    hostEnv: process.env,
    runner: {
      ...runner,
      start(spec, place) {
        const begin = performance.now();
        runner.start(spec, place);
        handOverMs.push(performance.now() - begin);
      },
    },
    ...(syncMs === 0 ? {} : { ledgerFaults: { at: (point) => (point === "sync" ? sleep(syncMs) : undefined) } }),
  });
  const service = withTransfer(engine, readFacts({ hostname: "bench", pools: [], destinations: [] }));
  const { dispatch } = createDispatcher(() => service);
  return { ops: createOps({ engine, dispatch, handOverMs }), stop: () => engine.stop() };
}
