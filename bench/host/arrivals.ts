import { Worker } from "node:worker_threads";
import { quantile } from "../lib/stats.ts";

export interface Delays {
  p50: number;
  p99: number;
  max: number;
}

/** Posts the time every millisecond. A thread of its own, so that nothing this thread does makes it post less often. */
const POSTER = `
const { parentPort } = require("node:worker_threads");
const cell = new Int32Array(new SharedArrayBuffer(4));
for (;;) {
  Atomics.wait(cell, 0, 0, 1);
  parentPort.postMessage(process.hrtime.bigint());
}`;

/**
 * How long an event that arrives now waits for this event loop while `work` is done, milliseconds. Node's own monitor
 * looks every whole millisecond of libuv's clock: a loop that wakes often and does nothing seems up to 1 ms late to it.
 */
export async function waitingArrivals(work: () => Promise<unknown>): Promise<Delays> {
  const waits: number[] = [];
  const poster = new Worker(POSTER, { eval: true });
  await new Promise((arrived) => poster.once("message", arrived));
  poster.on("message", (postedNs: bigint) => waits.push(Number(process.hrtime.bigint() - postedNs) / 1e6));
  await work();
  await poster.terminate();
  return { p50: quantile(waits, 0.5), p99: quantile(waits, 0.99), max: Math.max(...waits) };
}
