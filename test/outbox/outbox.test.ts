import { describe, expect, it } from "vitest";
import { triesOf } from "../../src/outbox/lanes/index.ts";
import type { SendResult } from "../../src/outbox/port.ts";
import { settle } from "../helpers/clock.ts";
import { waitFor } from "../helpers/wait-for.ts";
import { DEV, DOWN, HOOK, OPS, OWNER, REFUSED, SENT, startTestOutbox as start } from "./fixture.ts";

describe("a lane", () => {
  it("sends the oldest first, each once", async () => {
    const test = await start();
    const ids = ["one", "two", "three"].map((text) => test.put(text));
    await test.outbox.idle();
    expect(test.texts()).toEqual(["one", "two", "three"]);
    expect(ids.map((id) => test.get(id).state)).toEqual(["sent", "sent", "sent"]);
  });

  it("stops at its first failing item and tries nothing behind it", async () => {
    const test = await start();
    test.answer((message) => (message.text === "two" ? DOWN : SENT));
    const ids = ["one", "two", "three"].map((text) => test.put(text));
    await test.outbox.idle();
    expect(test.texts()).toEqual(["one", "two"]);
    expect(ids.map((id) => test.get(id).state)).toEqual(["sent", "pending", "pending"]);
    expect(test.get(ids[2] ?? "").attempts).toBe(0);
  });

  it("shows how long its head has been blocking it, and why", async () => {
    const test = await start();
    test.answer(DOWN);
    const id = test.put("one");
    test.put("two");
    await test.outbox.idle();
    await test.advance(60_000);
    expect(test.ledger.deliveries.lanes()).toEqual([
      { lane: "announce/irc/#ops", pending: 2, oldestAtMs: test.get(id).createdAtMs },
    ]);
    expect(test.get(id).reason).toBe("connection refused");
  });

  it("goes on by itself when the cause is gone, with the same items in order", async () => {
    const test = await start();
    test.answer(DOWN);
    const ids = ["one", "two", "three"].map((text) => test.put(text));
    await test.outbox.idle();
    test.answer(SENT);
    await test.advance(5_000);
    expect(test.texts()).toEqual(["one", "one", "two", "three"]);
    expect(ids.map((id) => test.get(id).state)).toEqual(["sent", "sent", "sent"]);
  });

  it("drains its whole backlog, however long", async () => {
    const test = await start();
    const texts = Array.from({ length: 60 }, (_, index) => `item ${index}`);
    for (const text of texts) test.put(text);
    await test.outbox.idle();
    expect(test.texts()).toEqual(texts);
  });

  it("does not wait for a lane that hangs", async () => {
    const test = await start();
    let release = (_: SendResult): void => {};
    test.answer((message) =>
      message.to === "#ops"
        ? new Promise((done) => {
            release = done;
          })
        : SENT,
    );
    const stuck = test.put("stuck");
    const free = test.put("free", { destination: DEV });
    await waitFor(() => test.get(free).state === "sent");
    expect(test.get(stuck).state).toBe("sending");
    release(SENT);
    await test.outbox.idle();
    expect(test.get(stuck).state).toBe("sent");
  });

  it("is one of at most eight that are served side by side", async () => {
    const test = await start();
    let sending = 0;
    let most = 0;
    test.answer(async () => {
      sending += 1;
      most = Math.max(most, sending);
      await settle();
      sending -= 1;
      return SENT;
    });
    for (let lane = 0; lane < 20; lane += 1) test.put("x", { destination: { ...OPS, to: `#${lane}` } });
    await test.outbox.idle();
    expect(test.sent).toHaveLength(20);
    expect(most).toBeLessThanOrEqual(8);
    expect(most).toBeGreaterThan(1);
  });
});

describe("a delivery", () => {
  it("is recorded as being sent before it is sent, and as sent only after", async () => {
    const test = await start();
    const seen: string[] = [];
    test.answer((message) => {
      seen.push(test.get(message.deliveryId).state);
      return SENT;
    });
    const id = test.put("x");
    await test.outbox.idle();
    expect(seen).toEqual(["sending"]);
    expect(test.get(id).state).toBe("sent");
  });

  it("keeps message ids, and of each attempt its time, length, result and reason", async () => {
    const test = await start();
    test.answer(DOWN);
    const id = test.put("x");
    await test.outbox.idle();
    test.answer({ kind: "sent", messageIds: ["m7", "m8"], receipt: { intentId: "i1" } });
    await test.advance(5_000);
    const found = test.get(id);
    expect(found.receipt).toMatchObject({ messageIds: ["m7", "m8"], intentId: "i1" });
    expect(triesOf(found)).toEqual([
      { atMs: found.createdAtMs, tookMs: 0, result: "failed", detail: "connection refused" },
      { atMs: found.createdAtMs + 5_000, tookMs: 0, result: "sent" },
    ]);
  });

  it("backs off by the schedule, and is dead when it is used up", async () => {
    const test = await start({ config: { delivery: { backoffSeconds: [0, 5, 300], jitter: 0 } } });
    test.answer(DOWN);
    const id = test.put("x");
    await test.outbox.idle();
    const startMs = test.get(id).createdAtMs;
    await test.advance(4_999);
    expect(test.sent).toHaveLength(1);
    await test.advance(1);
    expect(test.sent).toHaveLength(2);
    await test.advance(300_000);
    expect(triesOf(test.get(id)).map(({ atMs }) => atMs - startMs)).toEqual([0, 5_000, 305_000]);
    expect(test.get(id)).toMatchObject({ state: "dead", reason: "given up after 3 attempts: connection refused" });
    expect(test.clock.timers()).toBe(0);
  });

  it("is tried ten times over about three days by default", async () => {
    const test = await start({ config: { delivery: { jitter: 0 } }, instantDisk: true });
    test.answer(DOWN);
    const id = test.put("x", { destination: HOOK });
    await test.advance(4 * 86_400_000);
    const tries = triesOf(test.get(id));
    expect(tries).toHaveLength(10);
    const days = ((tries.at(-1)?.atMs ?? 0) - (tries[0]?.atMs ?? 0)) / 86_400_000;
    expect(days).toBeGreaterThan(2.5);
    expect(days).toBeLessThan(3.5);
    expect(test.get(id).state).toBe("dead");
  });

  it("waits as long as the receiver asks", async () => {
    const test = await start();
    test.answer({ kind: "failed", permanent: false, error: "HTTP 429", retryAfterMs: 90_000 });
    test.put("x", { destination: HOOK });
    await test.outbox.idle();
    test.answer(SENT);
    await test.advance(89_999);
    expect(test.sent).toHaveLength(1);
    await test.advance(1);
    expect(test.sent).toHaveLength(2);
  });

  it("keeps its wait over a restart", async () => {
    const test = await start();
    test.answer(DOWN);
    test.put("x");
    await test.outbox.idle();
    await test.advance(5_000);
    expect(test.sent).toHaveLength(2);
    await test.restart();
    test.answer(SENT);
    await test.advance(299_000);
    expect(test.sent).toHaveLength(2);
    await test.advance(1_000);
    expect(test.sent).toHaveLength(3);
  });

  it("that is refused for good ends at once, and the lane goes on", async () => {
    const test = await start({ config: { alerts: { destination: OWNER } } });
    test.answer((message) => (message.text === "bad" ? REFUSED : SENT));
    const bad = test.put("bad", { destination: HOOK });
    const good = test.put("good", { destination: HOOK });
    await test.outbox.idle();
    expect(test.get(bad)).toMatchObject({ state: "dead", reason: "HTTP 404", attempts: 1 });
    expect(test.get(good).state).toBe("sent");
  });

  it("that no sender can take ends with the reason by name", async () => {
    const test = await start();
    test.answer({ kind: "failed", permanent: true, error: "Blocked hostname or private IP address: 127.0.0.1" });
    const id = test.put("x", { destination: { mode: "webhook", to: "http://127.0.0.1/" } });
    await test.outbox.idle();
    expect(test.get(id)).toMatchObject({ state: "dead", reason: expect.stringContaining("private IP address") });
  });

  it("that the gateway keeps is pending in its custody, never sent again by us, and blocks nothing", async () => {
    const test = await start();
    test.answer({ kind: "held", intentId: "i1" });
    const id = test.put("held");
    await test.outbox.idle();
    expect(test.get(id)).toMatchObject({ state: "pending", custody: "gateway", receipt: { intentId: "i1" } });
    test.answer(SENT);
    const next = test.put("next");
    await test.outbox.idle();
    await test.restart();
    await test.advance(60_000);
    expect(test.texts()).toEqual(["held", "next"]);
    expect(test.get(next).state).toBe("sent");
    expect(test.get(id)).toMatchObject({ state: "pending", custody: "gateway" });
  });

  it("whose fate is unknown is listed and never repeated by itself", async () => {
    const test = await start({ config: { alerts: { destination: OWNER } } });
    test.answer((message) => (message.text === "cut" ? { kind: "unknown", error: "connection lost" } : SENT));
    const id = test.put("cut");
    const next = test.put("next");
    await test.advance(4 * 86_400_000);
    await test.restart();
    await test.advance(4 * 86_400_000);
    expect(test.get(id)).toMatchObject({ state: "unknown", reason: "connection lost" });
    expect(test.get(next).state).toBe("sent");
    expect(test.texts().filter((text) => text === "cut")).toHaveLength(1);
    expect(test.ledger.notices.open()).toMatchObject([{ code: "DELIVERY_UNKNOWN" }]);
    expect(test.texts().some((text) => text.includes(`deliveries settle ${id}`))).toBe(true);
  });

  it("that the channel had nothing to say for is suppressed", async () => {
    const test = await start();
    test.answer({ kind: "suppressed", reason: "no_visible_payload" });
    const id = test.put("x");
    await test.outbox.idle();
    expect(test.get(id)).toMatchObject({ state: "suppressed", reason: "no_visible_payload" });
  });

  it("arrives at the sender byte for byte", async () => {
    const test = await start();
    const text = `${"数据".repeat(1000)} nul \u0000 rtl \u202e @everyone 🚀\r\n\ttab`;
    test.put(text);
    test.put(text, { destination: HOOK, content: { text, body: JSON.stringify({ text }) } });
    await test.outbox.idle();
    expect(test.texts()).toEqual([text, text]);
    expect(JSON.parse(test.sent[1]?.body ?? "")).toEqual({ text });
  });

  it("to a webhook has a body even where its author gave only text", async () => {
    const test = await start();
    const id = test.put("plain", { kind: "report", destination: HOOK });
    await test.outbox.idle();
    expect(JSON.parse(test.sent[0]?.body ?? "")).toMatchObject({ action: "report", deliveryId: id, text: "plain" });
    expect(test.sent[0]?.headers).toMatchObject({ "content-type": "application/json", "webhook-id": id });
  });

  it("tells what became of it", async () => {
    const test = await start();
    const heard: string[] = [];
    test.events.on("delivery-changed", ({ state }) => heard.push(state));
    test.answer(DOWN);
    test.put("x");
    await test.outbox.idle();
    test.answer(SENT);
    await test.advance(5_000);
    expect(heard).toEqual(["pending", "sent"]);
  });

  it("is forgotten with the transaction that wrote it", async () => {
    const test = await start();
    expect(() =>
      test.ledger.transaction(() => {
        test.outbox.enqueue({
          kind: "result",
          destination: OPS,
          required: true,
          createdAtMs: 0,
          content: { text: "never" },
        });
        throw new Error("the run could not be settled");
      }),
    ).toThrow();
    test.put("other");
    await test.outbox.idle();
    expect(test.texts()).toEqual(["other"]);
  });
});
