import { describe, expect, it } from "vitest";
import type { SendResult } from "../../../src/outbox/port.ts";
import { DEV, DOWN, OPS, OWNER, SENT, startTestOutbox, type TestOutbox } from "../fixture.ts";

const HELD: SendResult = { kind: "held", intentId: "i1" };
const MINUTE = 60_000;

let test: TestOutbox;

/** An outbox whose gateway keeps what goes to #ops, after the answers `before`; `queue` is what it says that it keeps. */
async function startHeld(queue: () => Promise<ReadonlySet<string> | undefined>, before: SendResult[] = []) {
  const sent: TestOutbox["sent"] = [];
  test = await startTestOutbox({
    config: { alerts: { destination: OWNER }, delivery: { backoffSeconds: [0, 7_200], jitter: 0 } },
    deps: {
      sender: {
        async send(message) {
          sent.push(message);
          return message.to === "#ops" ? (before.shift() ?? HELD) : SENT;
        },
        kept: queue,
      },
    },
  });
  Object.assign(test, { sent, texts: () => sent.map(({ text }) => text) });
}

const toOwner = (): string[] => test.sent.filter(({ to }) => to === "#owner").map(({ text }) => text);

describe("a message that was handed over to the gateway", () => {
  it("is unknown, and told of, as soon as the gateway's queue has dropped it", async () => {
    const queue = new Set(["i1"]);
    await startHeld(async () => queue);
    const id = test.put("disk full");
    await test.outbox.idle();
    expect(test.ledger.deliveries.lanes()).toEqual([{ lane: "announce/irc/#ops", pending: 0, custody: 1 }]);
    await test.advance(MINUTE);
    expect(test.get(id)).toMatchObject({ state: "pending", custody: "gateway" });
    queue.clear();
    await test.advance(30_000);
    expect(test.get(id)).toMatchObject({
      state: "unknown",
      reason: expect.stringContaining("dropped it from its queue"),
    });
    expect(test.get(id).custody).toBeUndefined();
    expect(test.ledger.deliveries.lanes()).toEqual([]);
    expect(test.ledger.notices.open()).toMatchObject([{ code: "DELIVERY_UNKNOWN" }]);
    expect(toOwner()).toEqual([expect.stringContaining(`deliveries settle ${id} sent|resend`)]);
    await test.advance(60 * MINUTE);
    expect(test.sent).toHaveLength(2);
  });

  it("blocks no lane, however long it could not be handed over", async () => {
    await startHeld(async () => new Set(["i1"]), [DOWN]);
    const id = test.put("disk full");
    await test.advance(120 * MINUTE);
    expect(test.get(id)).toMatchObject({ state: "pending", custody: "gateway", attempts: 2 });
    expect(test.ledger.notices.open()).toEqual([]);
  });

  it.each([
    ["still has it", async () => new Set(["i1"])],
    ["cannot be asked", async () => undefined],
    ["does not answer", () => new Promise<undefined>(() => {})],
    ["fails to answer", () => Promise.reject(new Error("locked"))],
  ])("is unknown after five minutes where the gateway %s, not before", async (_how, queue) => {
    await startHeld(queue);
    const id = test.put("disk full");
    await test.advance(4 * MINUTE);
    expect(test.get(id)).toMatchObject({ state: "pending", custody: "gateway" });
    await test.advance(2 * MINUTE);
    expect(test.get(id)).toMatchObject({ state: "unknown", reason: expect.stringContaining("5 min") });
  });

  it("is followed up after a restart, and when the clock is set back", async () => {
    await startHeld(async () => undefined);
    const id = test.put("disk full");
    await test.outbox.idle();
    await test.restart();
    test.clock.setWall(test.clock.nowMs() - 86_400_000);
    await test.advance(6 * MINUTE);
    expect(test.get(id).state).toBe("unknown");
  });

  it("costs no timer when there is none", async () => {
    await startHeld(async () => new Set());
    test.put("hello", { destination: DEV });
    await test.outbox.idle();
    await test.advance(MINUTE);
    const idle = test.clock.timers();
    test.put("disk full");
    await test.outbox.idle();
    expect(test.clock.timers()).toBe(idle + 1);
    await test.advance(MINUTE);
    expect(test.clock.timers()).toBe(idle);
  });

  it("is nothing to look at once a person has settled it", async () => {
    await startHeld(async () => new Set());
    const id = test.put("disk full");
    await test.outbox.idle();
    test.outbox.settle(id, "sent", "me");
    await test.advance(10 * MINUTE);
    expect(test.get(id)).toMatchObject({ state: "sent", settledBy: "me" });
  });
});

describe("an alert that did not get through", () => {
  const alert = (to: typeof OPS) =>
    test.put("export failed", { kind: "alert", alertId: "a1", required: false, destination: to });

  it("goes on by the next way, though the result before it was told of on the same lane", async () => {
    await startHeld(async () => new Set());
    test.put("result");
    alert(OPS);
    await test.advance(MINUTE);
    expect(toOwner()).toHaveLength(2);
    expect(toOwner()).toContainEqual(
      expect.stringMatching(/^export failed\n\nIt is unknown whether this arrived: alert/),
    );
    const sentOn = test.ledger.deliveries.ofAlert("a1");
    expect(sentOn.map(({ state, lane }) => [state, lane])).toEqual([
      ["unknown", "announce/irc/#ops"],
      ["sent", "announce/irc/#owner"],
    ]);
  });

  it("goes on when it was refused for good, and goes no way twice", async () => {
    test = await startTestOutbox({ config: { alerts: { destination: OWNER } } });
    test.answer({ kind: "failed", permanent: true, error: "no such chat" });
    alert(OPS);
    await test.advance(10 * MINUTE);
    expect(test.sent.map(({ to }) => to)).toEqual(["#ops", "#owner"]);
    expect(test.texts()[1]).toContain("no such chat");
  });
});
