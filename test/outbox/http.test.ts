import { randomBytes } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { sendWebhook } from "../../src/host/delivery/webhook.ts";
import { triesOf } from "../../src/outbox/lanes/index.ts";
import type { Sender } from "../../src/outbox/port.ts";
import { freePort } from "../helpers/free-port.ts";
import { startReceiver } from "../helpers/receiver.ts";
import { waitFor } from "../helpers/wait-for.ts";
import { startTestOutbox, type TestOutbox } from "./fixture.ts";

/** The host's sender over plain HTTP: what the gateway guards is not what is tested here. */
const sender: Sender = {
  send: (message, signal) =>
    sendWebhook(
      {
        fetch: async ({ url, init }) => ({ response: await fetch(url, { ...init, signal, redirect: "manual" }) }),
        policy: () => undefined,
        token: async () => undefined,
        nowMs: Date.now,
      },
      message,
      signal,
    ),
};

const secret = `whsec_${randomBytes(32).toString("base64")}`;
async function start(options: Parameters<typeof startTestOutbox>[0] = {}): Promise<TestOutbox> {
  const config = { delivery: { jitter: 0 }, webhook: { secrets: [secret] } };
  return startTestOutbox({ config, deps: { sender }, startMs: Date.now(), ...options });
}
const listen = (port?: number) => startReceiver(port === undefined ? {} : { port });

const put = (test: TestOutbox, text: string, url: string): string =>
  test.put(text, { destination: { mode: "webhook", to: url }, content: { text, body: JSON.stringify({ text }) } });

describe("webhooks over HTTP", () => {
  it("five messages while the receiver is down arrive in order, once, signed, over two restarts", async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/hook`;
    const test = await start();
    const ids = [];
    for (let n = 1; n <= 5; n += 1) {
      ids.push(put(test, `run ${n}`, url));
      await test.outbox.idle();
      if (n === 2 || n === 4) await test.restart();
    }
    expect(ids.map((id) => test.get(id).state)).toEqual(Array(5).fill("pending"));
    const receiver = await listen(port);
    await test.advance(300_000);
    expect(receiver.requests.map(({ body }) => JSON.parse(body).text)).toEqual([1, 2, 3, 4, 5].map((n) => `run ${n}`));
    expect(ids.map((id) => test.get(id).state)).toEqual(Array(5).fill("sent"));
    for (const [index, { body, headers }] of receiver.requests.entries()) {
      expect(headers["webhook-id"]).toBe(ids[index]);
      // The steered clock is some minutes ahead of the library's.
      const atMs = Number(headers["webhook-timestamp"]) * 1_000;
      expect(new Webhook(secret).sign(ids[index] ?? "", new Date(atMs), body)).toBe(headers["webhook-signature"]);
    }
  });

  it("verifies with the reference library as it arrives", async () => {
    const receiver = await listen();
    const test = await start();
    put(test, "ünïcödé 🚀", receiver.url);
    await test.outbox.idle();
    const [request] = receiver.requests;
    expect(new Webhook(secret).verify(request?.body ?? "", request?.headers ?? {})).toEqual({ text: "ünïcödé 🚀" });
  });

  it.each([
    ["500", { status: 500 }],
    ["429", { status: 429, headers: { "retry-after": "7" } }],
    ["a connection cut after reading", "reset" as const],
  ])("is sent again after %s, under the same id with a fresh time", async (_, reply) => {
    const receiver = await listen();
    receiver.next(reply);
    const test = await start();
    const id = put(test, "x", receiver.url);
    await test.outbox.idle();
    expect(test.get(id).state).toBe("pending");
    await test.advance(7_000);
    expect(test.get(id).state).toBe("sent");
    expect(receiver.requests.map(({ headers }) => headers["webhook-id"])).toEqual([id, id]);
    const times = receiver.requests.map(({ headers }) => Number(headers["webhook-timestamp"]));
    expect(times[1]).toBeGreaterThan(times[0] ?? Number.POSITIVE_INFINITY);
    const waits = triesOf(test.get(id)).map(({ atMs }) => atMs);
    expect((waits[1] ?? 0) - (waits[0] ?? 0)).toBe(typeof reply === "object" && reply.status === 429 ? 7_000 : 5_000);
  });

  it.each([
    [301, "redirects"],
    [404, "HTTP 404"],
    [401, "HTTP 401"],
  ])("ends at once on %d", async (status, reason) => {
    const receiver = await listen();
    receiver.always({ status, headers: { location: receiver.url } });
    const test = await start();
    const id = put(test, "x", receiver.url);
    await test.outbox.idle();
    expect(test.get(id).state).toBe("dead");
    if (status !== 301) expect(test.get(id).reason).toContain(reason);
    expect(receiver.requests).toHaveLength(1);
  });

  it("a hanging receiver is given up after 15 s and holds up nobody else", async () => {
    const hanging = await listen();
    hanging.always("hang");
    const well = await listen();
    const test = await start();
    const stuck = put(test, "x", hanging.url);
    await waitFor(() => hanging.requests.length === 1);
    for (let n = 0; n < 3; n += 1) put(test, `y${n}`, well.url);
    await well.received(3);
    expect(test.get(stuck).state).toBe("sending");
    await waitFor(async () => {
      await test.clock.advance(15_000);
      return test.get(stuck).state === "pending";
    });
    expect(test.get(stuck).reason).toBe("no answer within 15 s");
  });

  it("410 disables the destination and nothing further is posted", async () => {
    const receiver = await listen();
    receiver.always({ status: 410 });
    const test = await start();
    const ids = [put(test, "x", receiver.url), put(test, "y", receiver.url)];
    await test.outbox.idle();
    put(test, "z", receiver.url);
    await test.outbox.idle();
    expect(ids.map((id) => test.get(id).state)).toEqual(["dead", "dead"]);
    expect(receiver.requests).toHaveLength(1);
    expect(test.ledger.deliveries.lanes()[0]?.reason).toContain("410");
  });

  it("a receiver that answers late but in time is sent once", async () => {
    const receiver = await listen();
    receiver.next({ status: 200, delayMs: 200 });
    const test = await start();
    const id = put(test, "x", receiver.url);
    await test.outbox.idle();
    expect(test.get(id).state).toBe("sent");
    expect(receiver.requests).toHaveLength(1);
  });
});
