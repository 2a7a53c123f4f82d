import { describe, expect, test } from "vitest";
import { classifyAnnounce, sendAnnounce } from "../../../src/host/delivery/announce.ts";
import type { OutboundMessage } from "../../../src/outbox/port.ts";

const failure = (fields: Record<string, unknown>, cause?: unknown): Error =>
  Object.assign(new Error("went wrong", { cause }), fields);
const notDispatched = (retryable: boolean) => failure({ code: "OPENCLAW_PLATFORM_MESSAGE_NOT_DISPATCHED", retryable });
const refused = failure({ code: "ECONNREFUSED", syscall: "connect" });
const outbound = (fields: Record<string, unknown>, cause?: unknown) =>
  failure(
    { name: "OutboundDeliveryError", sentBeforeError: false, results: [], payloadOutcomes: [], ...fields },
    cause,
  );

describe("what the gateway's answer to an announcement means", () => {
  test("sent, with the platform's message ids", () => {
    const result = classifyAnnounce({
      status: "sent",
      results: [{ messageId: "a" }, {}, { messageId: "b" }],
      deliveryIntent: { id: "intent" },
    });
    expect(result).toEqual({ kind: "sent", messageIds: ["a", "b"], receipt: { intentId: "intent" } });
  });

  test("suppressed, with the reason", () => {
    expect(classifyAnnounce({ status: "suppressed", reason: "no_visible_payload" })).toEqual({
      kind: "suppressed",
      reason: "no_visible_payload",
    });
  });

  test("taken without an id: it may have arrived", () => {
    expect(classifyAnnounce({ status: "suppressed", reason: "adapter_returned_no_identity" }).kind).toBe("unknown");
  });

  test("a part arrived: never sent again", () => {
    expect(classifyAnnounce({ status: "partial_failed", error: outbound({ sentBeforeError: true }) }).kind).toBe(
      "unknown",
    );
  });

  const failed = (error: unknown, stage?: "queue" | "platform_send") =>
    classifyAnnounce({ status: "failed", error, ...(stage === undefined ? {} : { stage }) });

  test("an answer to a message that is gone is said by itself; where nothing answers, nothing is tried twice", async () => {
    const asked: { replyToId?: string; silent?: boolean }[] = [];
    const send = async ({ payloads, silent }: Parameters<Parameters<typeof sendAnnounce>[0]["send"]>[0]) => {
      const { replyToId } = payloads[0] ?? {};
      asked.push({ ...(replyToId === undefined ? {} : { replyToId }), ...(silent === undefined ? {} : { silent }) });
      if (replyToId === undefined) return { status: "sent" as const, results: [{ messageId: "2" }] };
      return { status: "failed" as const, error: notDispatched(false) };
    };
    const message: OutboundMessage = { deliveryId: "d", mode: "announce", channel: "telegram", to: "7", text: "x" };
    const { signal } = new AbortController();
    const deps = { send, config: () => ({}) };
    expect(await sendAnnounce(deps, { ...message, replyTo: "1", silent: true }, signal)).toMatchObject({
      kind: "sent",
    });
    expect(asked).toEqual([{ replyToId: "1", silent: true }, { silent: true }]);
    asked.length = 0;
    await sendAnnounce(deps, { ...message, channel: "irc", replyTo: "1" }, signal);
    expect(asked).toEqual([{}]);
  });

  test("held by the gateway is named by the intent that it told of", async () => {
    const error = outbound({ queueCustody: "held" });
    const send = async (params: { onDeliveryIntent?(intent: { id: string }): void }) => {
      params.onDeliveryIntent?.({ id: "intent" });
      return { status: "failed" as const, error };
    };
    const message: OutboundMessage = { deliveryId: "d", mode: "announce", channel: "irc", to: "#ops", text: "x" };
    const deps = { send, config: () => ({}) };
    expect(await sendAnnounce(deps, message, new AbortController().signal)).toEqual({
      kind: "held",
      intentId: "intent",
    });
  });

  test("held by the gateway wins over every other sign", () => {
    expect(failed(outbound({ queueCustody: "held" }, refused)).kind).toBe("held");
    expect(failed(failure({}, outbound({ queueCustody: "held", sentBeforeError: true }))).kind).toBe("held");
    expect(failed(outbound({ queueCustody: "released" }, refused)).kind).toBe("failed");
  });

  test("proof that nothing left makes it safe to try again", () => {
    expect(failed(notDispatched(true))).toMatchObject({ kind: "failed", permanent: false });
    expect(failed(outbound({}, refused))).toMatchObject({ kind: "failed", permanent: false });
    expect(failed(outbound({}, new AggregateError([refused, refused])))).toMatchObject({
      kind: "failed",
      permanent: false,
    });
    expect(failed(failure({}), "queue")).toMatchObject({ kind: "failed", permanent: false });
  });

  test("a refusal for good ends it", () => {
    expect(failed(notDispatched(false))).toMatchObject({ kind: "failed", permanent: true });
    expect(failed(outbound({}, failure({ error_code: 400 })))).toMatchObject({ kind: "failed", permanent: true });
  });

  test("a platform that asks to wait is asked again no earlier", () => {
    const limited = failure({ error_code: 429, parameters: { retry_after: 7 } });
    expect(failed(outbound({}, limited))).toMatchObject({ kind: "failed", permanent: false, retryAfterMs: 7_000 });
  });

  test.each([
    ["a plain error", failure({})],
    ["a timeout", failure({ name: "TimeoutError", code: "ETIMEDOUT", syscall: "read" })],
    ["a connection cut after it stood", outbound({}, failure({ code: "ECONNRESET", syscall: "read" }))],
    ["a server error", outbound({}, failure({ status: 502 }))],
    ["an earlier part sent", outbound({ sentBeforeError: true }, refused)],
    ["one attempt refused, another cut", outbound({}, new AggregateError([refused, failure({ code: "ECONNRESET" })]))],
    ["connection refused by something that is no connect", failure({ code: "ECONNREFUSED" })],
    ["no error at all", undefined],
    ["an error that contains itself", Object.assign(failure({}), { cause: null })],
  ])("%s proves nothing: unknown, never sent again", (_name, error) => {
    expect(failed(error).kind).toBe("unknown");
  });
});

describe("sending an announcement", () => {
  const message: OutboundMessage = { deliveryId: "d", mode: "announce", channel: "irc", to: "#ops", text: "hello" };
  const never = new AbortController().signal;

  test("passes the target and exactly the text", async () => {
    const asked: unknown[] = [];
    const deps = {
      config: () => "config",
      send: async (params: unknown) => {
        asked.push(params);
        return { status: "sent" as const, results: [] };
      },
    };
    await sendAnnounce(deps, { ...message, accountId: "a", threadId: 7 }, never);
    expect(asked).toEqual([
      {
        cfg: "config",
        channel: "irc",
        to: "#ops",
        accountId: "a",
        threadId: 7,
        payloads: [{ text: "hello" }],
        durability: "required",
        deliveryRetryOwner: "caller",
        onDeliveryIntent: expect.any(Function),
        signal: never,
      },
    ]);
  });

  test("a gateway that throws answers like one that fails", async () => {
    const deps = { config: () => ({}), send: () => Promise.reject(refused) };
    expect(await sendAnnounce(deps, message, never)).toMatchObject({ kind: "failed", permanent: false });
  });

  test("without a channel nothing is tried", async () => {
    const deps = { config: () => ({}), send: () => Promise.reject(new Error("asked")) };
    const result = await sendAnnounce(deps, { deliveryId: "d", mode: "announce", text: "x" }, never);
    expect(result).toMatchObject({ kind: "failed", permanent: true, error: expect.stringContaining("no channel") });
  });
});
