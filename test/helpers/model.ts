import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What was asked: the last message, and the names of the tools that were offered. */
export interface ModelRequest {
  text: string;
  tools: string[];
}

/** What it says; to hang; to fail; or a tool that it wants called. */
export type ModelReply = string | { hang: true } | { status: number } | { tool: string };

export interface Model {
  /** `models.providers` and `agents.list` of a gateway with an agent `prober` that has this model; the default agent has none. */
  config: { models: object; agents: object };
  requests: ModelRequest[];
  always(reply: ModelReply): void;
  close(): Promise<void>;
}

interface Body {
  messages: { content: unknown }[];
  tools?: { function?: { name?: string } }[];
}

/** A model on the loopback address that speaks OpenAI's protocol, streamed. */
export async function startModel(): Promise<Model> {
  const requests: ModelRequest[] = [];
  let standing: ModelReply = "nothing to say";

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Whether a model of this machine is there, the gateway asks before an agent's job runs.
    if (request.method === "GET") return void response.end(JSON.stringify({ data: [{ id: "fake-1" }] }));
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { messages, tools = [] } = JSON.parse(Buffer.concat(chunks).toString()) as Body;
    const content = messages.at(-1)?.content;
    requests.push({
      text: typeof content === "string" ? content : JSON.stringify(content),
      tools: tools.map((tool) => tool.function?.name ?? "?"),
    });
    const reply = standing;
    if (typeof reply === "object" && "hang" in reply) return;
    if (typeof reply === "object" && "status" in reply) return void response.writeHead(reply.status).end("{}");
    response.writeHead(200, { "content-type": "text/event-stream" });
    const send = (delta: object, finish: string | null) => {
      const choices = [{ index: 0, delta, finish_reason: finish }];
      response.write(`data: ${JSON.stringify({ id: "1", object: "chat.completion.chunk", choices })}\n\n`);
    };
    if (typeof reply === "string") {
      send({ role: "assistant", content: reply }, null);
      send({}, "stop");
    } else {
      const call = { index: 0, id: "call-1", type: "function", function: { name: reply.tool, arguments: "{}" } };
      send({ role: "assistant", tool_calls: [call] }, null);
      send({}, "tool_calls");
    }
    response.end("data: [DONE]\n\n");
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const limits = { contextWindow: 128_000, maxTokens: 4_096 };
  const one = { id: "fake-1", name: "Fake", reasoning: false, input: ["text"], ...limits };
  const cost = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
  const provider = { baseUrl: `http://127.0.0.1:${port}/v1`, apiKey: "x", api: "openai-completions" };
  return {
    config: {
      models: { providers: { fake: { ...provider, models: [{ ...one, cost }] } } },
      agents: {
        defaults: { model: { primary: "nobody/nothing" } },
        list: [
          { id: "main", default: true },
          { id: "prober", model: "fake/fake-1" },
        ],
      },
    },
    requests,
    always(reply) {
      standing = reply;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
