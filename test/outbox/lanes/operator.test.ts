import { describe, expect, it } from "vitest";
import { laneOf } from "../../../src/outbox/message/index.ts";
import { waitFor } from "../../helpers/wait-for.ts";
import { DEV, DOWN, HOOK, OPS, OWNER, REFUSED, SENT, startTestOutbox as start } from "../fixture.ts";

const GONE = { kind: "failed", permanent: true, error: "HTTP 410", disableDestination: true } as const;
const hookLane = laneOf(HOOK);

describe("an operator", () => {
  it("tries a message now, in lane order, without waiting for its time", async () => {
    const test = await start();
    test.answer(DOWN);
    const first = test.put("one");
    const second = test.put("two");
    await test.outbox.idle();
    test.answer(SENT);
    test.outbox.retry(second, "ann");
    await test.outbox.idle();
    expect(test.texts()).toEqual(["one"]);
    test.outbox.retry(first, "ann");
    await test.outbox.idle();
    expect(test.texts()).toEqual(["one", "one", "two"]);
  });

  it("gives a dead message a whole new schedule of attempts, in its old place", async () => {
    const test = await start({ config: { delivery: { backoffSeconds: [0, 5], jitter: 0 } } });
    test.answer(DOWN);
    const id = test.put("x");
    await test.outbox.idle();
    await test.advance(5_000);
    expect(test.get(id).state).toBe("dead");
    test.outbox.retry(id, "ann");
    await test.outbox.idle();
    expect(test.get(id).state).toBe("pending");
    await test.advance(5_000);
    expect(test.get(id)).toMatchObject({ state: "dead", attempts: 4 });
  });

  it("drops what shall not go, and the lane goes on", async () => {
    const test = await start();
    test.answer(DOWN);
    const [first, second] = [test.put("one"), test.put("two")];
    await test.outbox.idle();
    test.answer(SENT);
    test.outbox.drop(first, "ann");
    await test.outbox.idle();
    expect(test.get(first)).toMatchObject({ state: "suppressed", reason: "dropped by ann", settledBy: "ann" });
    expect(test.get(second).state).toBe("sent");
  });

  it("settles what is unknown, as sent or to be sent again", async () => {
    const test = await start();
    test.answer({ kind: "unknown", error: "cut" });
    const [first, second] = [test.put("one"), test.put("two")];
    await test.outbox.idle();
    expect(test.ledger.notices.open()).toHaveLength(1);
    test.answer(SENT);
    test.outbox.settle(first, "sent", "ann");
    await test.outbox.idle();
    expect(test.get(first)).toMatchObject({ state: "sent", settledBy: "ann" });
    expect(test.ledger.notices.open()).toHaveLength(1);
    test.outbox.settle(second, "resend", "ann");
    await test.outbox.idle();
    expect(test.get(second).state).toBe("sent");
    expect(test.texts()).toEqual(["one", "two", "two"]);
    expect(test.ledger.notices.open()).toEqual([]);
  });

  it("settles what the gateway keeps, and cannot retry it by mistake", async () => {
    const test = await start();
    test.answer({ kind: "held" });
    const id = test.put("x");
    await test.outbox.idle();
    expect(() => test.outbox.retry(id, "ann")).toThrow(expect.objectContaining({ code: "DELIVERY_STATE" }));
    test.outbox.settle(id, "sent", "ann");
    expect(test.get(id).state).toBe("sent");
    expect(test.get(id).custody).toBeUndefined();
  });

  it("is refused where it makes no sense, and nothing changes", async () => {
    const test = await start();
    const sent = test.put("x");
    await test.outbox.idle();
    test.answer(DOWN);
    const pending = test.put("y");
    await test.outbox.idle();
    const refused = expect.objectContaining({ code: "DELIVERY_STATE" });
    expect(() => test.outbox.retry(sent, "ann")).toThrow(refused);
    expect(() => test.outbox.drop(sent, "ann")).toThrow(refused);
    expect(() => test.outbox.settle(sent, "resend", "ann")).toThrow(refused);
    expect(() => test.outbox.settle(pending, "sent", "ann")).toThrow(refused);
    expect(() => test.outbox.retry("nothing", "ann")).toThrow(expect.objectContaining({ code: "DELIVERY_NOT_FOUND" }));
    expect(test.get(sent).state).toBe("sent");
    expect(test.get(pending)).toMatchObject({ state: "pending", attempts: 1 });
  });

  it("cannot take back what is being sent at this moment", async () => {
    const test = await start();
    test.answer(() => new Promise((done) => setTimeout(done, 50, SENT)));
    const id = test.put("x");
    await waitFor(() => test.get(id).state === "sending");
    const refused = expect.objectContaining({ code: "DELIVERY_STATE" });
    expect(() => test.outbox.drop(id, "ann")).toThrow(refused);
    expect(() => test.outbox.retry(id, "ann")).toThrow(refused);
    await test.outbox.idle();
    expect(test.get(id).state).toBe("sent");
  });
});

describe("a paused lane", () => {
  it("keeps its messages, over a restart, and sends them in order when it is resumed", async () => {
    const test = await start();
    test.outbox.pause(laneOf(OPS), "ann");
    const ids = [test.put("one"), test.put("two")];
    const other = test.put("other", { destination: DEV });
    await test.outbox.idle();
    await test.restart();
    await test.outbox.idle();
    expect(test.texts()).toEqual(["other"]);
    expect(test.get(other).state).toBe("sent");
    expect(test.ledger.deliveries.lanes()).toMatchObject([{ pending: 2, reason: "paused by ann" }]);
    test.outbox.resume(laneOf(OPS));
    await test.outbox.idle();
    expect(test.texts()).toEqual(["other", "one", "two"]);
    expect(ids.map((id) => test.get(id).state)).toEqual(["sent", "sent"]);
  });
});

describe("a destination that is gone (410)", () => {
  it("is disabled with a reason, its messages end, and one alert goes another way", async () => {
    const test = await start({ config: { alerts: { destination: OWNER } } });
    test.answer((message) => (message.mode === "webhook" ? GONE : SENT));
    const ids = ["one", "two", "three"].map((text) => test.put(text, { destination: HOOK }));
    await test.outbox.idle();
    expect(ids.map((id) => test.get(id).state)).toEqual(["dead", "dead", "dead"]);
    expect(test.get(ids[2] ?? "").reason).toBe("the lane is disabled: HTTP 410");
    expect(test.sent.filter(({ mode }) => mode === "webhook")).toHaveLength(1);
    expect(test.ledger.deliveries.lanes()).toMatchObject([{ lane: hookLane, pending: 0, reason: "HTTP 410" }]);
    expect(test.sent.filter(({ to }) => to === OWNER.to).map(({ text }) => text)).toEqual([
      expect.stringContaining("Nothing further is sent to the webhook at https://example.com: HTTP 410"),
    ]);
  });

  it("takes nothing new, also after a restart", async () => {
    const test = await start();
    test.answer(GONE);
    test.put("one", { destination: HOOK });
    await test.outbox.idle();
    await test.restart();
    test.answer(SENT);
    const late = test.put("late", { destination: HOOK });
    await test.outbox.idle();
    expect(test.get(late).state).toBe("dead");
    expect(test.texts()).toEqual(["one"]);
    expect(() => test.outbox.retry(late, "ann")).toThrow("resume it first");
  });

  it("serves again when an operator resumes it, old messages first", async () => {
    const test = await start();
    test.answer(GONE);
    const ids = [test.put("one", { destination: HOOK }), test.put("two", { destination: HOOK })];
    await test.outbox.idle();
    test.answer(SENT);
    test.outbox.resume(hookLane);
    for (const id of ids) test.outbox.retry(id, "ann");
    test.put("three", { destination: HOOK });
    await test.outbox.idle();
    expect(test.texts()).toEqual(["one", "one", "two", "three"]);
    expect(test.ledger.notices.open()).toEqual([]);
    expect(test.ledger.deliveries.lanes()).toEqual([]);
  });

  it("ends more waiting messages than fit one turn", async () => {
    const test = await start();
    test.answer(DOWN);
    const first = test.put("0", { destination: HOOK });
    test.ledger.transaction(() => {
      for (let n = 1; n <= 450; n += 1) {
        test.outbox.enqueue({
          ...{ kind: "result", destination: HOOK, required: true, createdAtMs: 0, content: { text: String(n) } },
        });
      }
    });
    await test.outbox.idle();
    test.answer(GONE);
    test.outbox.retry(first, "ann");
    await test.outbox.idle();
    expect(test.ledger.deliveries.counts()).toMatchObject({ dead: 451, pending: 0 });
  });
});

describe("bad news about a lane", () => {
  it("goes once an incident, by the job's failure destination or the configured one, never on the lane itself", async () => {
    const test = await start({ config: { alerts: { destination: OWNER } } });
    const failureDestination = { mode: "announce", channel: "irc", to: "#oncall" } as const;
    const jobId = test.addJob({ delivery: { mode: "webhook", to: "https://example.com/hook", failureDestination } });
    test.answer((message) => (message.mode === "webhook" ? REFUSED : SENT));
    for (const text of ["one", "two", "three"]) test.put(text, { destination: HOOK, jobId });
    await test.outbox.idle();
    const told = test.sent.filter(({ mode }) => mode === "announce");
    expect(told.map(({ to }) => to)).toEqual(["#oncall"]);
    expect(told[0]?.text).toContain('Not delivered: result of job "export" to the webhook at https://example.com');
    expect(told[0]?.text).not.toContain("/hook");
    expect(test.ledger.notices.open()).toMatchObject([{ code: "DELIVERY_DEAD", times: 3 }]);
  });

  it("is kept as a notice alone when the only way out is the lane itself", async () => {
    const test = await start({ config: { alerts: { destination: OWNER } } });
    test.answer(REFUSED);
    test.put("x", { destination: OWNER });
    await test.outbox.idle();
    expect(test.sent).toHaveLength(1);
    expect(test.ledger.notices.open()).toMatchObject([{ code: "DELIVERY_DEAD" }]);
  });

  it("ends with the next message that gets through", async () => {
    const test = await start();
    test.answer(REFUSED);
    test.put("x");
    await test.outbox.idle();
    expect(test.ledger.notices.open()).toHaveLength(1);
    test.answer(SENT);
    test.put("y");
    await test.outbox.idle();
    expect(test.ledger.notices.open()).toEqual([]);
  });

  it("that cannot be sent either causes no further news", async () => {
    const test = await start({ config: { alerts: { destination: OWNER } } });
    test.answer(REFUSED);
    test.put("x");
    await test.outbox.idle();
    expect(test.sent.map(({ to }) => to)).toEqual(["#ops", "#owner"]);
  });

  it("comes when a lane has been blocked for an hour", async () => {
    const test = await start({ config: { alerts: { destination: OWNER } }, instantDisk: true });
    test.answer((message) => (message.to === OWNER.to ? SENT : DOWN));
    const id = test.put("x");
    await test.advance(40 * 60_000);
    expect(test.sent.filter(({ to }) => to === OWNER.to)).toEqual([]);
    await test.advance(10 * 3_600_000);
    const told = test.sent.filter(({ to }) => to === OWNER.to);
    expect(told.map(({ text }) => text)).toEqual([expect.stringContaining("Nothing gets through since")]);
    expect(test.get(id).attempts).toBeGreaterThan(4);
  });

  it("ends when an operator drops what it was about", async () => {
    const test = await start({ instantDisk: true });
    test.answer(DOWN);
    const blocked = test.put("x");
    await test.advance(10 * 3_600_000);
    test.answer(REFUSED);
    const dead = test.put("y", { destination: DEV });
    await test.outbox.idle();
    expect(test.ledger.notices.open().map(({ code }) => code)).toEqual(["LANE_BLOCKED", "DELIVERY_DEAD"]);
    test.outbox.drop(blocked, "ann");
    test.outbox.drop(dead, "ann");
    expect(test.ledger.notices.open()).toEqual([]);
  });

  it("is not made of what was declared best effort", async () => {
    const test = await start({ config: { alerts: { destination: OWNER } } });
    test.answer(REFUSED);
    const id = test.put("x", { required: false });
    await test.outbox.idle();
    expect(test.get(id).state).toBe("dead");
    expect(test.ledger.notices.open()).toEqual([]);
    expect(test.sent).toHaveLength(1);
  });
});
