import { setTimeout as sleep } from "node:timers/promises";
import type { Gateway } from "../../test/helpers/gateway.ts";

/** A method that reads one small thing; what it takes longer is what it waited. */
const METHOD = "last-heartbeat";
const APART_MS = 10;

/** How long another client waits for its answers while the work goes on, milliseconds each. */
export async function pinging(gateway: Gateway, work: () => Promise<unknown>): Promise<number[]> {
  const client = await gateway.connect();
  const times: number[] = [];
  let over = false;
  const pings = (async () => {
    while (!over) {
      const begin = performance.now();
      await client.call(METHOD);
      times.push(performance.now() - begin);
      await sleep(APART_MS);
    }
  })();
  try {
    await work();
  } finally {
    over = true;
    await pings;
    await client.close();
  }
  return times;
}
