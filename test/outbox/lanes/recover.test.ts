import { describe, expect, it } from "vitest";
import { type FaultPoint, RESTORED_AT_META } from "../../../src/ledger/index.ts";
import type { SendResult } from "../../../src/outbox/port.ts";
import { waitFor } from "../../helpers/wait-for.ts";
import { DOWN, HOOK, OWNER, SENT, startTestOutbox as start } from "../fixture.ts";

const never = (): Promise<SendResult> => new Promise(() => {});
const diskFull = (): never => {
  throw Object.assign(new Error("database or disk is full"), { code: "ERR_SQLITE_ERROR", errcode: 13 });
};

describe("after a crash in the middle of a send", () => {
  it("a webhook goes again under the same id, in its old place", async () => {
    const test = await start();
    test.answer(never);
    const id = test.put("one", { destination: HOOK });
    test.put("two", { destination: HOOK });
    await waitFor(() => test.sent.length === 1);
    await test.restart({ crash: true });
    test.answer(SENT);
    await test.outbox.idle();
    expect(test.texts()).toEqual(["one", "one", "two"]);
    expect(test.sent.map(({ deliveryId }) => deliveryId).slice(0, 2)).toEqual([id, id]);
    expect(test.sent[0]?.headers?.["webhook-id"]).toBe(test.sent[1]?.headers?.["webhook-id"]);
  });

  it("a chat message is unknown, said so once, and never repeated by itself", async () => {
    const test = await start({ config: { alerts: { destination: OWNER } } });
    test.answer(never);
    const id = test.put("one");
    const next = test.put("two");
    await waitFor(() => test.sent.length === 1);
    test.answer(SENT);
    await test.restart({ crash: true });
    await test.outbox.idle();
    await test.restart({ crash: true });
    await test.outbox.idle();
    expect(test.get(id)).toMatchObject({ state: "unknown", reason: "the gateway ended while it was being sent" });
    expect(test.get(next).state).toBe("sent");
    expect(test.texts().filter((text) => text === "one")).toHaveLength(1);
    expect(test.texts().filter((text) => text.includes("deliveries settle"))).toHaveLength(1);
  });

  it("a clean stop waits for the answer", async () => {
    const test = await start();
    let release = (_: SendResult): void => {};
    test.answer(
      () =>
        new Promise((done) => {
          release = done;
        }),
    );
    const id = test.put("one");
    await waitFor(() => test.sent.length === 1);
    const stopped = test.outbox.stop();
    release(SENT);
    await stopped;
    expect(test.get(id).state).toBe("sent");
  });

  it("a clean stop does not wait for ever: what hangs is settled as after a crash", async () => {
    const test = await start();
    test.answer(never);
    const chat = test.put("one");
    const hook = test.put("two", { destination: HOOK });
    await waitFor(() => test.sent.length === 2);
    const stopped = test.outbox.stop();
    await test.clock.advance(10_000);
    await stopped;
    expect(test.get(chat)).toMatchObject({ state: "unknown" });
    expect(test.get(hook)).toMatchObject({ state: "pending" });
  });
});

describe("after a backup was restored", () => {
  it("a chat message that waited when it was made may have been sent since: unknown; a webhook goes again", async () => {
    const test = await start();
    test.answer(DOWN);
    const old = [test.put("chat"), test.put("chat behind"), test.put("hook", { destination: HOOK })];
    await test.outbox.idle();
    test.ledger.setMeta(RESTORED_AT_META, String(test.clock.nowMs()));
    await test.clock.advance(1);
    const fresh = test.put("fresh");
    test.answer(SENT);
    await test.restart();
    await test.advance(5_000);
    expect(old.map((id) => test.get(id).state)).toEqual(["unknown", "unknown", "sent"]);
    expect(test.get(fresh).state).toBe("sent");
    expect(test.texts().filter((text) => text.startsWith("chat"))).toEqual(["chat"]);
  });
});

describe("when the ledger cannot be written", () => {
  function faulty() {
    let broken: FaultPoint | undefined;
    return {
      faults: { at: (point: FaultPoint) => (point === broken ? diskFull() : undefined) },
      break: (point: FaultPoint | undefined) => {
        broken = point;
      },
    };
  }

  it("nothing is sent whose claim is not on disk", async () => {
    const disk = faulty();
    const test = await start({ faults: disk.faults, start: false });
    const id = test.put("x");
    disk.break("sync");
    test.outbox.start();
    await waitFor(() => test.get(id).reason?.includes("could not be written"));
    expect(test.sent).toEqual([]);
    disk.break(undefined);
    await test.advance(5_000);
    expect(test.texts()).toEqual(["x"]);
    expect(test.get(id).state).toBe("sent");
  });

  it("a receipt waits until it can be recorded, and the message is not sent again", async () => {
    const disk = faulty();
    const test = await start({ faults: disk.faults });
    test.answer(() => {
      disk.break("begin");
      return SENT;
    });
    const id = test.put("x");
    await waitFor(() => test.sent.length === 1);
    await test.clock.advance(10_000);
    expect(test.get(id).state).toBe("sending");
    disk.break(undefined);
    await test.advance(1_000);
    expect(test.get(id).state).toBe("sent");
    expect(test.sent).toHaveLength(1);
  });

  it("a claim that fails is tried again later", async () => {
    const disk = faulty();
    const test = await start({ faults: disk.faults, start: false });
    const id = test.put("x");
    disk.break("write");
    test.outbox.start();
    await test.clock.advance(1_000);
    expect(test.sent).toEqual([]);
    disk.break(undefined);
    await test.advance(5_000);
    expect(test.get(id).state).toBe("sent");
  });
});
