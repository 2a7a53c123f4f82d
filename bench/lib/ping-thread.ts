/** A client that asks a cheap thing again and again; says when it is connected, and at the end what each answer took. */
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { connectGateway } from "../../test/helpers/gateway-client.ts";
import type { PingTask } from "./ping.ts";

/** A method that reads one small thing; what it takes longer is what it waited. */
const METHOD = "last-heartbeat";
/** The first answers of a connection are slower, whatever else goes on. */
const FIRST = 20;

const { url, token, apartMs } = workerData as PingTask;
if (parentPort === null) throw new Error("this is a thread's program");
const client = await connectGateway({ url, token, scopes: ["operator.read"] });
for (let index = 0; index < FIRST; index += 1) await client.call(METHOD);

const stopped = once(parentPort, "message");
parentPort.postMessage("connected");
let over = false;
void stopped.then(() => {
  over = true;
});
const times: number[] = [];
while (!over) {
  const begin = performance.now();
  await client.call(METHOD);
  times.push(performance.now() - begin);
  await sleep(apartMs);
}
await client.close();
parentPort.postMessage(times);
