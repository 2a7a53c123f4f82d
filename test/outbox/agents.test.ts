import { describe, expect, it } from "vitest";
import type { AgentReceiver } from "../../schema/wire/delivery.ts";
import { RESTORED_AT_META } from "../../src/ledger/index.ts";
import type { SendResult } from "../../src/outbox/port.ts";
import { settle } from "../helpers/clock.ts";
import { HOOK, SENT, startTestOutbox, type TestOutbox } from "./fixture.ts";

const agent = (agentId: string): AgentReceiver => ({ mode: "agent", when: "always", agentId, timeoutSeconds: 60 });
const ask = (to: TestOutbox, agentId: string): string =>
  to.put("What is it?", { kind: "question", destination: agent(agentId) });

describe("agents that never answer", () => {
  it("keep nobody else waiting, and are given up when their time is over", async () => {
    const test = await startTestOutbox();
    const late = Promise.withResolvers<SendResult>();
    test.answer((message) => (message.mode === "agent" ? late.promise : SENT));
    const asked = Array.from({ length: 12 }, (_, nth) => ask(test, `a${nth}`));
    const said = Array.from({ length: 12 }, (_, nth) =>
      test.put("hello", { destination: { ...HOOK, to: `https://example.com/${nth}` } }),
    );
    await settle();
    expect(said.map((id) => test.get(id).state)).toEqual(said.map(() => "sent"));
    expect(asked.filter((id) => test.get(id).state === "sending")).toHaveLength(2);
    await test.clock.advance(151_000);
    await settle();
    const ended = asked.filter((id) => test.get(id).state === "unknown");
    expect(ended.length).toBeGreaterThanOrEqual(2);
    expect(test.get(ended[0] ?? "").reason).toBe("no answer within 150 s");
    expect(test.ledger.notices.open().map(({ message }) => message)).toContainEqual(
      expect.stringContaining("question to the agent a0"),
    );
    late.resolve(SENT);
    await settle();
    expect(test.get(ended[0] ?? "").state).toBe("unknown");
  });
});

describe("a gateway that ends while an agent is asked", () => {
  it("does not ask it again: whether it was is unknown", async () => {
    const test = await startTestOutbox();
    test.answer(() => new Promise(() => {}));
    const id = ask(test, "main");
    await settle();
    expect(test.get(id).state).toBe("sending");
    test.answer(SENT);
    await test.restart({ crash: true });
    await settle();
    expect(test.get(id)).toMatchObject({ state: "unknown", attempts: 1 });
    expect(test.sent).toHaveLength(1);
  });

  it("asks what it had not asked yet, once", async () => {
    const test = await startTestOutbox({ start: false });
    const id = ask(test, "main");
    await test.restart({ crash: true });
    await settle();
    await test.restart({ crash: true });
    await settle();
    expect(test.get(id)).toMatchObject({ state: "sent", attempts: 1 });
    expect(test.sent).toHaveLength(1);
  });

  it("does not know what was asked since a backup that was put back was made", async () => {
    const test = await startTestOutbox({ start: false });
    const id = ask(test, "main");
    test.ledger.setMeta(RESTORED_AT_META, String(test.clock.nowMs() + 1));
    await test.restart({ crash: true });
    await settle();
    expect(test.get(id).state).toBe("unknown");
    expect(test.sent).toEqual([]);
  });
});
