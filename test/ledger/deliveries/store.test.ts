import { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, expect, it } from "vitest";
import type { DeliveryStore } from "../../../src/ledger/types.ts";
import { createTestLedger, newDelivery, type TestLedger } from "../../helpers/ledger.ts";

let test: TestLedger;
let deliveries: DeliveryStore;

beforeEach(() => {
  test = createTestLedger();
  deliveries = test.ledger.deliveries;
});

const headIds = (): string[] => deliveries.heads().map((head) => head.id);

describe("the delivery store", () => {
  it("gives back what was stored, across a reopening", () => {
    const one = newDelivery("d1", "webhook:x", {
      destination: { mode: "webhook", to: "https://example.test/hook", bestEffort: true },
      content: { text: "ü\u0000\n", body: '{"a":1}' },
      jobId: "j",
      runId: "r",
      alertId: "al",
      required: false,
      nextAttemptAtMs: 5_000,
    });
    deliveries.insert(one);
    deliveries = test.reopen().deliveries;
    expect(deliveries.get("d1")).toEqual({ ...one, seq: 1, state: "pending", attempts: 0, updatedAtMs: 1_000 });
    expect(deliveries.ofRun("r").map((delivery) => delivery.id)).toEqual(["d1"]);
  });

  it("serves each lane oldest first, one at a time, lanes apart", () => {
    for (const [id, lane] of [
      ["a1", "a"],
      ["b1", "b"],
      ["a2", "a"],
    ] as const)
      deliveries.insert(newDelivery(id, lane));
    expect(headIds()).toEqual(["a1", "b1"]);
    expect(deliveries.claim("a2", 2_000), "not the head").toBe(false);
    expect(deliveries.claim("a1", 2_000)).toBe(true);
    expect(deliveries.claim("a1", 2_000), "claimed already").toBe(false);
    expect(deliveries.get("a1")).toMatchObject({ state: "sending", attempts: 1, updatedAtMs: 2_000 });
    expect(headIds(), "the lane is busy").toEqual(["b1"]);
    expect(deliveries.head("a")).toBeUndefined();
    expect(deliveries.claim("a2", 2_000), "the lane is busy").toBe(false);
    deliveries.update("a1", { state: "sent", nowMs: 3_000, receipt: { messageIds: ["m"] } });
    expect(headIds()).toEqual(["b1", "a2"].sort());
    expect(deliveries.head("a")?.id).toBe("a2");
  });

  it("keeps order through a failed attempt", () => {
    deliveries.insert(newDelivery("a1", "a"));
    deliveries.insert(newDelivery("a2", "a"));
    deliveries.claim("a1", 2_000);
    deliveries.update("a1", { state: "pending", nowMs: 2_500, nextAttemptAtMs: 9_000, reason: "HTTP 500" });
    expect(deliveries.head("a")).toMatchObject({ id: "a1", nextAttemptAtMs: 9_000, reason: "HTTP 500", attempts: 1 });
    expect(deliveries.earliestAttemptMs()).toBe(9_000);
    deliveries.insert(newDelivery("b1", "b", { createdAtMs: 4_000 }));
    expect(deliveries.earliestAttemptMs()).toBe(4_000);
    deliveries.update("a1", { state: "pending", nowMs: 2_600, nextAttemptAtMs: null, reason: null });
    expect(deliveries.get("a1")).not.toHaveProperty("reason");
    expect(deliveries.earliestAttemptMs()).toBe(1_000);
  });

  it("leaves out lanes that are paused or disabled until they are let go", () => {
    deliveries.insert(newDelivery("a1", "a"));
    deliveries.setLane("a", { pausedAtMs: 5_000, reason: "by an operator" });
    expect(headIds()).toEqual([]);
    expect(deliveries.head("a")).toBeUndefined();
    expect(deliveries.earliestAttemptMs()).toBeUndefined();
    expect(deliveries.claim("a1", 6_000)).toBe(false);
    expect(deliveries.waiting("a", 5).map((one) => one.id)).toEqual(["a1"]);
    expect(deliveries.lanes()).toEqual([
      { lane: "a", pending: 1, oldestAtMs: 1_000, pausedAtMs: 5_000, reason: "by an operator" },
    ]);
    deliveries.setLane("a", { pausedAtMs: null, reason: null });
    expect(headIds()).toEqual(["a1"]);
    deliveries.setLane("b", { disabledAtMs: 7_000 });
    expect(deliveries.lanes()).toEqual([
      { lane: "a", pending: 1, oldestAtMs: 1_000 },
      { lane: "b", pending: 0, disabledAtMs: 7_000 },
    ]);
  });

  it("does not touch, nor wait for, what the gateway keeps", () => {
    deliveries.insert(newDelivery("a1", "a"));
    deliveries.insert(newDelivery("a2", "a"));
    deliveries.claim("a1", 2_000);
    deliveries.update("a1", { state: "pending", nowMs: 3_000, custody: "gateway" });
    expect(headIds()).toEqual(["a2"]);
    expect(deliveries.claim("a1", 4_000)).toBe(false);
    expect(deliveries.claim("a2", 4_000)).toBe(true);
    deliveries.update("a1", { state: "pending", nowMs: 5_000, custody: null });
    expect(deliveries.get("a1")).not.toHaveProperty("custody");
  });

  it("counts by state", () => {
    for (const id of ["a", "b", "c", "d"]) deliveries.insert(newDelivery(id, id));
    deliveries.insert(newDelivery("e", "e", { state: "suppressed", reason: "quiet" }));
    deliveries.claim("a", 1);
    deliveries.update("b", { state: "sent", nowMs: 1 });
    deliveries.update("c", { state: "unknown", nowMs: 1 });
    deliveries.update("c", { state: "sent", nowMs: 1, settledBy: "cli" });
    expect(deliveries.counts()).toEqual({ pending: 1, sending: 1, sent: 2, suppressed: 1, dead: 0, unknown: 0 });
    expect(deliveries.inState("sent").map((one) => one.id)).toEqual(["b", "c"]);
    expect(deliveries.get("c")?.settledBy).toBe("cli");
  });

  it("gives up a damaged message instead of holding up its lane", () => {
    deliveries.insert(newDelivery("a1", "a"));
    deliveries.insert(newDelivery("a2", "a"));
    const db = new DatabaseSync(test.ledger.path);
    db.exec("UPDATE deliveries SET content = '{\"te' WHERE id = 'a1'");
    db.close();
    expect(deliveries.get("a1")?.content).toEqual({ text: "" });
    expect(headIds()).toEqual(["a2"]);
    expect(deliveries.get("a1")).toMatchObject({ state: "dead", reason: "the stored message cannot be read" });
    expect(test.ledger.check()).toEqual([]);
  });
});
