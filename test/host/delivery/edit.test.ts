import { expect, it, vi } from "vitest";
import { editAnnounce } from "../../../src/host/delivery/edit.ts";
import { CommandCronError } from "../../../src/kernel/errors.ts";
import type { OutboundMessage } from "../../../src/outbox/port.ts";

const MESSAGE: OutboundMessage = {
  deliveryId: "d1",
  mode: "announce",
  channel: "telegram",
  to: "777",
  accountId: "work",
  edits: "501",
  text: "▶ x\n**50**\nfor 1 min",
  code: [4, 10],
};

function edit(answer: () => unknown, change: Partial<OutboundMessage> = {}, gatewayVersion = "2026.9.6", write = true) {
  const request = vi.fn(async () => answer());
  const client = { allows: () => write, request: request as never };
  const result = editAnnounce({ client, gatewayVersion }, { ...MESSAGE, ...change });
  return { result, request };
}
const refusal = (code: string, text: string) => (): never => {
  throw Object.assign(new Error(text), { code });
};

it("a message is changed by its id, with what was printed as a block, as each gateway wants to be asked", async () => {
  const { result, request } = edit(() => ({ ok: true }));
  expect(await result).toEqual({ kind: "sent", messageIds: ["501"] });
  expect(request).toHaveBeenCalledWith("message.action", {
    channel: "telegram",
    action: "edit",
    params: { to: "777", messageId: "501", message: "▶ x\n```\n**50**\n```\nfor 1 min" },
    accountId: "work",
    idempotencyKey: expect.stringMatching(/^d1:/),
    conversationReadOrigin: "direct-operator",
  });
  const older = edit(() => ({ ok: true }), {}, "2026.6.1");
  await older.result;
  expect(older.request).not.toHaveBeenCalledWith(
    "message.action",
    expect.objectContaining({ conversationReadOrigin: expect.anything() }),
  );
});

it("what is as it was already counts as changed", async () => {
  const same = refusal("UNAVAILABLE", "400: Bad Request: message is not modified");
  expect(await edit(same).result).toEqual({ kind: "sent", messageIds: ["501"] });
});

it.each([
  ["the operator does not allow it", {}, false],
  ["the channel cannot", { channel: "irc" }, true],
] as const)("nothing is asked where %s", async (_why, change, write) => {
  const { result, request } = edit(() => ({}), change, "2026.9.6", write);
  expect(await result).toMatchObject({ kind: "failed", permanent: true });
  expect(request).not.toHaveBeenCalled();
});

it("a refusal is final, and everything else may be tried again", async () => {
  const refused = refusal("INVALID_REQUEST", "Channel x does not support action edit");
  expect(await edit(refused).result).toMatchObject({ kind: "failed", permanent: true });
  const away = () => {
    throw new CommandCronError("GATEWAY_CLIENT_UNAVAILABLE");
  };
  for (const failing of [
    away,
    refusal("UNAVAILABLE", "HttpError: network request failed"),
    refusal("X", "request timeout"),
  ])
    expect(await edit(failing).result).toMatchObject({ kind: "failed", permanent: false });
});
