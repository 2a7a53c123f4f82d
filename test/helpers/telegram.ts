import { createServer, type IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { waitFor } from "./wait-for.ts";

/** One call of the Bot API: the method and its parameters; a file is its name and its text. */
export interface TelegramCall {
  method: string;
  params: Record<string, unknown>;
}

export interface Telegram {
  /** For `channels.telegram.apiRoot`. */
  apiRoot: string;
  calls: TelegramCall[];
  /** Messages and documents in the order of their arrival. */
  sent(): TelegramCall[];
  /** How calls of a method are answered from now on; undefined: as a chat that exists answers. */
  answer(method: string, reply: ((params: Record<string, unknown>) => TelegramReply) | undefined): void;
  /** Waits until so many messages or documents came. */
  received(count: number, timeoutMs?: number): Promise<TelegramCall[]>;
  close(): Promise<void>;
}

/** `status` 200 answers the result; others are refusals; `reset` cuts the connection after the call was read. */
export type TelegramReply = { status: number; result?: unknown; description?: string; retryAfter?: number } | "reset";

export const TELEGRAM_TOKEN = "100:loopback";
const POLL_MS = 1_000;
const SENDING = /^send(Message|RichMessage|Document|Photo)$/;

/** A Bot API on the loopback address that keeps what it gets. */
export async function startTelegram(): Promise<Telegram> {
  const calls: TelegramCall[] = [];
  const replies = new Map<string, (params: Record<string, unknown>) => TelegramReply>();
  let messageId = 500;

  async function handle(request: IncomingMessage): Promise<TelegramReply> {
    const method = request.url?.split("/").at(-1)?.split("?")[0] ?? "";
    const params = await paramsOf(request);
    if (method === "getUpdates") await sleep(POLL_MS);
    else calls.push({ method, params });
    const reply = replies.get(method)?.(params);
    return reply ?? { status: 200, result: resultOf(method, params) };
  }

  function resultOf(method: string, params: Record<string, unknown>): unknown {
    const chat = { id: Number(params["chat_id"] ?? 0), type: "private", first_name: "Reader" };
    if (method === "getMe") return { id: 100, is_bot: true, first_name: "Gateway", username: "gateway_bot" };
    if (method === "getUpdates") return [];
    if (method === "getChat") return chat;
    if (SENDING.test(method)) return { message_id: ++messageId, date: 0, chat, text: params["text"] ?? "" };
    return true;
  }

  const server = createServer((request, response) => {
    handle(request).then(
      (reply) => {
        if (reply === "reset") {
          request.socket.resetAndDestroy();
          return;
        }
        const { status, result, description, retryAfter } = reply;
        const body =
          status === 200
            ? { ok: true, result }
            : {
                ok: false,
                error_code: status,
                description,
                ...(retryAfter === undefined ? {} : { parameters: { retry_after: retryAfter } }),
              };
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
      },
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const sent = (): TelegramCall[] => calls.filter(({ method }) => SENDING.test(method));

  return {
    apiRoot: `http://127.0.0.1:${port}`,
    calls,
    sent,
    answer(method, reply) {
      if (reply === undefined) replies.delete(method);
      else replies.set(method, reply);
    },
    received: (count, timeoutMs = 60_000) =>
      waitFor(() => (sent().length >= count ? sent() : undefined), { timeoutMs, what: `${count} Telegram messages` }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function paramsOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const type = request.headers["content-type"] ?? "";
  const body = Buffer.concat(chunks);
  if (type.startsWith("application/json")) return JSON.parse(body.toString("utf8")) as Record<string, unknown>;
  if (body.length === 0) return Object.fromEntries(new URL(request.url ?? "/", "http://telegram").searchParams);
  const form = await new Response(body, { headers: { "content-type": type } }).formData();
  const params: Record<string, unknown> = {};
  for (const [name, value] of form) {
    params[name] = typeof value === "string" ? value : { name: value.name, text: await value.text() };
  }
  return params;
}
