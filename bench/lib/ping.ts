import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Gateway } from "../../test/helpers/gateway.ts";

/** What `ping-thread.ts` is told. */
export interface PingTask {
  url: string;
  token: string;
  apartMs: number;
}

const APART_MS = 10;

/**
 * How long another client waits for its answers while the work goes on, milliseconds each. The client has a thread of
 * its own: what this one does meanwhile is not measured.
 */
export async function pinging(
  { url, token }: Pick<Gateway, "url" | "token">,
  work: () => Promise<unknown>,
  apartMs = APART_MS,
): Promise<number[]> {
  const workerData: PingTask = { url, token, apartMs };
  const client = new Worker(new URL("./ping-thread.ts", import.meta.url), { workerData });
  await once(client, "message");
  const times = once(client, "message");
  try {
    await work();
  } finally {
    client.postMessage("stop");
  }
  return (await times)[0] as number[];
}
