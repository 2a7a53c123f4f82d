import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { type ClientOptions, createGatewayCall } from "../../../src/cli/gateway/client.ts";
import { afterTest, testDir } from "../../helpers/after-test.ts";

export interface Request {
  id: string;
  method: string;
  params: Record<string, unknown>;
}
export type Answer = { ok: boolean; payload?: unknown; error?: unknown } | "silence" | "close";

export const CHALLENGE = { nonce: "n-1", ts: 1_700_000_000_000 };

/** A gateway of few words: challenge, connect, one answer. */
async function gateway(answer: (request: Request) => Answer) {
  const requests: Request[] = [];
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  server.on("connection", (socket: WebSocket) => {
    socket.send(JSON.stringify({ type: "event", event: "connect.challenge", payload: CHALLENGE }));
    socket.on("message", (data) => {
      const request = JSON.parse(String(data)) as Request;
      requests.push(request);
      const reply = answer(request);
      if (reply === "silence") return;
      if (reply === "close") socket.close(1008, "no thanks");
      else {
        // Events may come at any time.
        socket.send(JSON.stringify({ type: "event", event: "tick", payload: {} }));
        socket.send(JSON.stringify({ type: "res", id: request.id, ...reply }));
      }
    });
  });
  await new Promise((resolve) => server.once("listening", resolve));
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, requests, close: () => new Promise((resolve) => server.close(resolve)) };
}

export const polite = (request: Request): Answer => ({
  ok: true,
  payload: request.method === "connect" ? {} : { hello: request.params },
});

/** A machine with a state directory of its own, and the gateways that were opened for it. */
export function openMachine() {
  const dir = testDir("cc-client-");
  /** The client of this machine. */
  const here = (env: Record<string, string> = {}, ownClient?: ClientOptions["ownClient"]) =>
    createGatewayCall({
      env: { OPENCLAW_STATE_DIR: dir, ...env },
      cwd: dir,
      version: "1.2.3",
      ...(ownClient === undefined ? {} : { ownClient }),
    });
  return {
    dir,
    here,
    async serve(answer: (request: Request) => Answer) {
      const server = await gateway(answer);
      afterTest(server.close);
      const ask = (method: string, params: unknown, timeoutMs = 5_000) =>
        here()(method, params, { url: server.url, token: "t", timeoutMs });
      return { ...server, ask };
    },
  };
}

export async function failure(work: Promise<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    return error as Error;
  }
  throw new Error("it did not fail");
}
