import { describe, expect, it } from "vitest";
import type { DeliveryRecord, Ledger } from "../../../src/ledger/types.ts";
import type { OutboxDeps } from "../../../src/outbox/deps.ts";
import { createAttempts } from "../../../src/outbox/lanes/attempt.ts";
import type { OutboundMessage, Sender } from "../../../src/outbox/port.ts";
import { createFakeClock } from "../../helpers/clock.ts";

const webhook: DeliveryRecord["destination"] = { mode: "webhook", to: "https://example.com/hook" };
const announce: DeliveryRecord["destination"] = { mode: "announce", channel: "irc", to: "#ops" };

const delivery = (destination: DeliveryRecord["destination"]): DeliveryRecord => ({
  seq: 1,
  id: "d1",
  lane: "lane",
  kind: "result",
  state: "sending",
  required: true,
  destination,
  content: { text: "hello", body: '{"text":"hello"}' },
  attempts: 1,
  createdAtMs: 0,
  updatedAtMs: 0,
});

const closedVault: OutboxDeps["resolveSecret"] = async () => {
  throw new Error("the vault is closed");
};

function start(send: Sender["send"], config: OutboxDeps["config"] = {}, resolveSecret = closedVault) {
  const clock = createFakeClock();
  const attempts = createAttempts({ clock, sender: { send }, config, resolveSecret, ledger: {} as Ledger });
  return { clock, attempts };
}

describe("one attempt to send", () => {
  it("hands the message to whatever sender there is", async () => {
    const got: OutboundMessage[] = [];
    const { attempts } = start(async (message) => {
      got.push(message);
      return { kind: "sent", messageIds: [] };
    });
    await attempts.send(delivery(announce));
    expect(got).toEqual([{ deliveryId: "d1", mode: "announce", channel: "irc", to: "#ops", text: "hello" }]);
  });

  it("ends after 15 s for a webhook, to be repeated, and tells the sender to stop", async () => {
    let aborted = false;
    const { clock, attempts } = start((_message, signal) => {
      signal.addEventListener("abort", () => {
        aborted = true;
      });
      return new Promise(() => {});
    });
    const result = attempts.send(delivery(webhook));
    await clock.advance(14_999);
    expect(aborted).toBe(false);
    await clock.advance(1);
    expect(await result).toEqual({ kind: "failed", permanent: false, error: "no answer within 15 s" });
    expect(aborted).toBe(true);
    expect(clock.timers()).toBe(0);
  });

  it("is unknown when a channel never answers: the message may be out", async () => {
    const { clock, attempts } = start((_message, signal) => {
      return new Promise((done) => {
        signal.addEventListener("abort", () => done({ kind: "failed", permanent: false, error: "aborted" }));
      });
    });
    const result = attempts.send(delivery(announce));
    await clock.advance(120_000);
    expect(await result).toEqual({ kind: "unknown", error: "no answer within 120 s" });
  });

  it("survives a sender that throws, at once or later", async () => {
    const sync = start(() => {
      throw new Error("boom");
    });
    expect(await sync.attempts.send(delivery(announce))).toEqual({ kind: "unknown", error: "the sender failed: boom" });
    const late = start(async () => {
      throw new Error("boom");
    });
    expect(await late.attempts.send(delivery(webhook))).toEqual({
      kind: "failed",
      permanent: false,
      error: "the sender failed: boom",
    });
  });

  const lines = (count: number) => ({ text: "x\n".repeat(count), code: [0, 1] as [number, number] });
  it.each<[string, DeliveryRecord["destination"], DeliveryRecord["content"], seconds: number]>([
    ["a channel sends a long text in parts", announce, { text: "x".repeat(60 * 1_024) }, 240],
    ["a channel sends printed lines one by one", announce, lines(20), 180],
    ["it never sends so many lines apart", announce, lines(1_000), 240],
    ["a webhook takes everything at once", webhook, lines(1_000), 15],
  ])("has time for its text: %s", async (_, destination, content, seconds) => {
    const { clock, attempts } = start(() => new Promise(() => {}));
    let ended = false;
    const result = attempts.send({ ...delivery(destination), content }).finally(() => {
      ended = true;
    });
    await clock.advance(seconds * 1_000 - 1);
    expect(ended).toBe(false);
    await clock.advance(1);
    expect(await result).toMatchObject({ error: `no answer within ${seconds} s` });
  });

  it("takes no answer for an answer only where there is one", async () => {
    const { attempts } = start((async () => undefined) as unknown as Sender["send"]);
    expect(await attempts.send(delivery(announce))).toEqual({ kind: "unknown", error: "the sender gave no answer" });
  });

  it("never sends unsigned what should be signed", async () => {
    let sent = 0;
    const send: Sender["send"] = async () => {
      sent += 1;
      return { kind: "sent", messageIds: [] };
    };
    const secretRef = { source: "env", provider: "default", id: "HOOK" } as const;
    const missing = start(send, { webhook: { secrets: [secretRef] } });
    expect(await missing.attempts.send(delivery(webhook))).toMatchObject({ kind: "failed", permanent: false });
    const short = start(send, { webhook: { secrets: ["short"] } });
    const result = await short.attempts.send(delivery(webhook));
    expect(result).toMatchObject({
      kind: "failed",
      permanent: false,
      error: expect.stringContaining("24 to 64 bytes"),
    });
    expect(sent).toBe(0);
    // Control: a chat message needs no signature.
    expect(await short.attempts.send(delivery(announce))).toMatchObject({ kind: "sent" });
  });

  it("authorizes what the configuration or a job names, and no report to an address of its caller's", async () => {
    const authorized = async (kind: DeliveryRecord["kind"], alertsTo: string) => {
      let got: OutboundMessage | undefined;
      const send: Sender["send"] = async (message) => {
        got = message;
        return { kind: "sent", messageIds: [] };
      };
      const { attempts } = start(send, { alerts: { destination: { mode: "webhook", to: alertsTo } } });
      await attempts.send({ ...delivery(webhook), kind });
      return got?.authorized;
    };
    const elsewhere = "https://example.com/other";
    expect(await authorized("report", elsewhere)).toBeUndefined();
    expect(await authorized("report", "https://example.com/hook")).toBe(true);
    for (const kind of ["result", "completion", "alert", "notice", "digest"] as const) {
      expect(await authorized(kind, elsewhere), kind).toBe(true);
    }
  });

  describe("while a secret provider does not answer", () => {
    const secretRef = { source: "exec", provider: "vault", id: "x" } as const;
    function startHung() {
      const sent: OutboundMessage[] = [];
      let answer = (_secret: string): void => {};
      const resolveSecret = () => new Promise<string>((done) => (answer = done));
      const send: Sender["send"] = async (message) => {
        sent.push(message);
        return { kind: "sent", messageIds: [] };
      };
      const { clock, attempts } = start(send, { webhook: { secrets: [secretRef] } }, resolveSecret);
      return { clock, attempts, sent, answer: () => answer("x".repeat(32)) };
    }

    it("ends in time, to be tried again, and sends nothing when the answer comes after all", async () => {
      const { clock, attempts, sent, answer } = startHung();
      const result = attempts.send(delivery(webhook));
      await clock.advance(15_000);
      expect(await result).toEqual({
        kind: "failed",
        permanent: false,
        error: "no signing secret yet: no answer within 15 s",
      });
      answer();
      await clock.advance(0);
      expect(sent).toEqual([]);
      expect(clock.timers()).toBe(0);
    });

    it("ends when the service stops", async () => {
      const { attempts } = startHung();
      const result = attempts.send(delivery(webhook));
      attempts.abort();
      expect(await result).toMatchObject({ kind: "failed", permanent: false });
    });
  });

  it("ends when the service stops", async () => {
    const { attempts } = start(() => new Promise(() => {}));
    const results = [attempts.send(delivery(webhook)), attempts.send(delivery(announce))];
    await Promise.resolve();
    await new Promise((done) => setImmediate(done));
    attempts.abort();
    expect((await Promise.all(results)).map(({ kind }) => kind)).toEqual(["failed", "unknown"]);
  });
});
