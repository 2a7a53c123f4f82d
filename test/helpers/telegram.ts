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
  /** The message's id in its chat. */
  idOf(message: TelegramCall): number | undefined;
  /** Somebody clicks the button with this label below a message. */
  click(message: TelegramCall, label: string, from: number): void;
  /** Somebody writes to the bot. */
  write(text: string, from: number): void;
  close(): Promise<void>;
}

/** `status` 200 answers the result; others are refusals; `reset` cuts the connection after the call was read. */
export type TelegramReply = { status: number; result?: unknown; description?: string; retryAfter?: number } | "reset";

interface TelegramKeyboard {
  inline_keyboard: { text: string; callback_data: string }[][];
}

export const TELEGRAM_TOKEN = "100:loopback";
const POLL_MS = 1_000;
const SENDING = /^send(Message|RichMessage|Document|Photo)$/;

/** A Bot API on the loopback address that keeps what it gets. */
export async function startTelegram(): Promise<Telegram> {
  const calls: TelegramCall[] = [];
  const replies = new Map<string, (params: Record<string, unknown>) => TelegramReply>();
  /** What the bot hears next, and the ids of what it sent. */
  const updates: Record<string, unknown>[] = [];
  const ids = new Map<TelegramCall, number>();
  let messageId = 500;
  let updateId = 1;

  async function handle(request: IncomingMessage): Promise<TelegramReply> {
    const method = request.url?.split("/").at(-1)?.split("?")[0] ?? "";
    const params = await paramsOf(request);
    if (method === "getUpdates") return { status: 200, result: await updatesFrom(Number(params["offset"] ?? 0)) };
    const call = { method, params };
    calls.push(call);
    const reply = replies.get(method)?.(params) ?? { status: 200, result: resultOf(method, params) };
    if (reply !== "reset" && SENDING.test(method)) ids.set(call, messageId);
    return reply;
  }

  /** Those that were not heard yet; waits a moment for some. */
  async function updatesFrom(offset: number): Promise<unknown[]> {
    const fresh = () => updates.filter((update) => Number(update["update_id"]) >= offset);
    for (let waited = 0; waited < POLL_MS && fresh().length === 0; waited += POLL_MS / 10) await sleep(POLL_MS / 10);
    return fresh();
  }

  const person = (id: number) => ({ id, is_bot: false, first_name: `P${id}` });
  const chatWith = (id: number) => ({ id, type: "private", first_name: `P${id}` });
  const hear = (update: Record<string, unknown>): void => void updates.push({ update_id: ++updateId, ...update });

  function resultOf(method: string, params: Record<string, unknown>): unknown {
    const chat = { id: Number(params["chat_id"] ?? 0), type: "private", first_name: "Reader" };
    if (method === "getMe") return { id: 100, is_bot: true, first_name: "Gateway", username: "gateway_bot" };
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
    idOf: (message) => ids.get(message),
    click(message, label, from) {
      const { reply_markup: markup, chat_id: chatId, text } = message.params;
      const board = (typeof markup === "string" ? JSON.parse(markup) : markup) as TelegramKeyboard | undefined;
      const button = board?.inline_keyboard.flat().find((one) => one.text === label);
      if (button === undefined) throw new Error(`the message has no button ${label}: ${JSON.stringify(markup)}`);
      const chat = chatWith(Number(chatId));
      const bot = { id: 100, is_bot: true, first_name: "Gateway" };
      const clicked = { message_id: ids.get(message), date: Math.floor(Date.now() / 1_000), chat, from: bot, text };
      const query = { id: `q${updateId}`, from: person(from), chat_instance: "1", message: clicked };
      hear({ callback_query: { ...query, data: button.callback_data } });
    },
    write(text, from) {
      const date = Math.floor(Date.now() / 1_000);
      const entities = [{ type: "bot_command", offset: 0, length: text.split(" ")[0]?.length ?? 0 }];
      hear({ message: { message_id: ++messageId, date, chat: chatWith(from), from: person(from), text, entities } });
    },
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
