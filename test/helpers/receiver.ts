import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterTest } from "./after-test.ts";
import { waitFor } from "./wait-for.ts";

export interface ReceivedRequest {
  atMs: number;
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
}

/** What to do with a request: answer (late, when asked), never answer, or cut the connection after the body was read. */
export type Reply =
  | { status: number; headers?: Record<string, string>; body?: string; delayMs?: number }
  | "hang"
  | "reset";

export interface Receiver {
  url: string;
  port: number;
  requests: ReceivedRequest[];
  /** The next requests are treated like this, one each; then `always` applies again. */
  next(...replies: Reply[]): void;
  always(reply: Reply): void;
  /** Waits until so many requests came, and answers them. */
  received(count: number, timeoutMs?: number): Promise<ReceivedRequest[]>;
  close(): Promise<void>;
}

/** An HTTP server on the loopback address that keeps what it gets. A given port lets it come back where it was. */
export async function startReceiver(options: { port?: number } = {}): Promise<Receiver> {
  const requests: ReceivedRequest[] = [];
  const queued: Reply[] = [];
  let standing: Reply = { status: 200 };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    requests.push({
      atMs: Date.now(),
      method: request.method ?? "",
      path: request.url ?? "",
      headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
      body: Buffer.concat(chunks).toString("utf8"),
    });
    const reply = queued.shift() ?? standing;
    if (reply === "hang") return;
    if (reply === "reset") {
      request.socket.resetAndDestroy();
      return;
    }
    if (reply.delayMs !== undefined) await sleep(reply.delayMs);
    response.writeHead(reply.status, reply.headers).end(reply.body ?? "");
  }

  const server = createServer((request, response) => {
    // A client that goes away while it sends is part of what is tested.
    handle(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;

  return {
    url: `http://127.0.0.1:${port}/hook`,
    port,
    requests,
    next: (...replies) => void queued.push(...replies),
    always: (reply) => {
      standing = reply;
    },
    received: (count, timeoutMs = 60_000) =>
      waitFor(() => (requests.length >= count ? requests : undefined), {
        timeoutMs,
        what: `${count} webhook requests`,
      }),
    close: afterTest(
      () =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    ),
  };
}
