import { describe, expect, test } from "vitest";
import { askAgent } from "../../../src/host/delivery/agent.ts";
import { CommandCronError } from "../../../src/kernel/errors.ts";

const MESSAGE = { deliveryId: "5f0c", mode: "agent", text: "What is it?", asks: { timeoutSeconds: 60 } } as const;

type Request = { method: string; params: Record<string, unknown>; options: unknown };

function client(answer: unknown, allowed = true) {
  const requests: Request[] = [];
  const port: Parameters<typeof askAgent>[0] = {
    allows: () => allowed,
    async request<T>(method: string, params: unknown, options: unknown): Promise<T> {
      requests.push({ method, params: params as Record<string, unknown>, options });
      if (answer instanceof Error) throw answer;
      return answer as T;
    },
  };
  return { port, requests };
}

const final = (status: string, ...payloads: unknown[]) => ({ runId: "r1", status, result: { payloads } });

describe("asking an agent", () => {
  test("is one request, without tools and history unless the operator names a session", async () => {
    const { port, requests } = client(final("ok", { text: "One." }, { text: "Two." }));
    expect(await askAgent(port, MESSAGE)).toEqual({
      kind: "sent",
      messageIds: ["r1"],
      receipt: { answer: "One.\nTwo." },
    });
    expect(requests).toEqual([
      {
        method: "agent",
        params: {
          ...{ sessionKey: "explicit:model-run-5f0c", modelRun: true, message: "What is it?", deliver: false },
          ...{ timeout: 60, idempotencyKey: "5f0c" },
        },
        options: { timeoutMs: 120_000, expectFinal: true },
      },
    ]);
    await askAgent(port, { ...MESSAGE, asks: { agentId: "ops", timeoutSeconds: 5 } });
    expect(requests[1]?.params).toMatchObject({ agentId: "ops", sessionKey: "agent:ops:explicit:model-run-5f0c" });
    await askAgent(port, { ...MESSAGE, asks: { sessionKey: "agent:ops:disk", timeoutSeconds: 5 } });
    expect(requests[2]?.params).toMatchObject({ sessionKey: "agent:ops:disk", disableMessageTool: true });
    expect(requests[2]?.params).not.toHaveProperty("modelRun");
  });

  test("needs the operator's leave", async () => {
    const { port, requests } = client(final("ok"), false);
    const error = 'agents are asked with `gatewayClient: "write"`';
    expect(await askAgent(port, MESSAGE)).toEqual({ kind: "failed", permanent: true, error });
    expect(requests).toEqual([]);
  });

  test.each([
    ["a turn that took too long", final("timeout", { text: "Request timed out.", isError: true }), "in time: Request"],
    ["an error", final("error", { text: "no credit", isError: true }), "the agent: error: no credit"],
    ["nothing but an error", final("ok", { text: "no credit", isError: true }), "the agent: ok: no credit"],
    ["no answer that can be read", "what", "the agent: undefined"],
    ["a refusal", Object.assign(new Error("unknown agent"), { gatewayCode: "INVALID_REQUEST" }), "the agent: unknown"],
  ])("%s is the end of it", async (_, answer, error) => {
    const { port } = client(answer);
    expect(await askAgent(port, MESSAGE)).toMatchObject({
      kind: "failed",
      permanent: true,
      error: expect.stringContaining(error),
    });
  });

  test("is done again only where the gateway certainly heard nothing of it", async () => {
    const away = new CommandCronError("GATEWAY_CLIENT_UNAVAILABLE", { details: { reason: "starting" } });
    expect(await askAgent(client(away).port, MESSAGE)).toMatchObject({ kind: "failed", permanent: false });
    const cut = new Error("gateway closed (1006)");
    expect(await askAgent(client(cut).port, MESSAGE)).toEqual({ kind: "unknown", error: cut.message });
  });

  test("keeps no more of a long answer than a message could hold", async () => {
    const { port } = client(final("ok", { text: "x".repeat(1_000_000) }));
    const result = await askAgent(port, MESSAGE);
    expect(result.kind === "sent" && String(result.receipt?.["answer"]).length).toBe(65_536);
  });
});
