import { describe, expect, it } from "vitest";
import type { DeliveryEntry } from "../../../schema/wire/delivery.ts";
import type { JobInput } from "../../../schema/wire/job.ts";
import type { Progress } from "../../../schema/wire/progress.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src/kernel/durations.ts";
import type { OutboundMessage, SendResult } from "../../../src/outbox/port.ts";
import { settle } from "../../helpers/clock.ts";
import { startTestEngine, type TestEngine } from "../../helpers/engine.ts";

let test: TestEngine;

const CHAT = { mode: "announce", channel: "telegram", to: "777" } as const;

/** A chat as its reader sees it: each message by its id, as it reads now. */
const chat = new Map<string, string>();
const sent: string[] = [];
const withId = ({ edits, text }: OutboundMessage): SendResult => {
  const id = edits ?? `m${chat.size + 1}`;
  if (edits === undefined) sent.push(text);
  chat.set(id, text);
  return { kind: "sent", messageIds: [id] };
};
const refusesEdits = (message: OutboundMessage): SendResult =>
  message.edits === undefined ? withId(message) : { kind: "failed", permanent: true, error: "no edit here" };

async function start(options: Parameters<typeof startTestEngine>[0] = {}): Promise<void> {
  chat.clear();
  sent.length = 0;
  test = await startTestEngine({ answer: withId, ...options });
}

async function begin(job: Partial<JobInput> = {}): Promise<string> {
  const id = await test.add({
    name: "export",
    schedule: { kind: "every", everyMs: 24 * HOUR_MS },
    payload: { kind: "command", argv: ["true"], timeoutSeconds: 0 },
    delivery: CHAT,
    policy: { progress: {} },
    ...job,
  });
  await test.engine.runJob(id, { label: "test" }, {});
  await settle();
  return id;
}

const key = (): string => [...test.runner.running.keys()][0] ?? "";
function tell(percent: number, more: Partial<Progress> = {}): void {
  const atMs = test.clock.nowMs();
  test.runner.tellProgress(key(), { atMs, elapsedMs: 60_000, movedAtMs: atMs, percent, ...more });
}
async function end(out = "backup made", exitCode = 0): Promise<void> {
  test.runner.end(key(), { out, exitCode });
  await settle(20);
  await test.clock.advance(SECOND_MS);
}
const rows = (): DeliveryEntry[] => test.engine.listDeliveries({ limit: 50, offset: 0, sortDir: "asc" }).deliveries;
const reads = (): string[] => [...chat.values()];

describe("the message about a run that goes on", () => {
  it("is one from first to last over two restarts, and ends as the result", async () => {
    await start();
    await begin();
    tell(10, { message: "one" });
    await test.clock.advance(2 * MINUTE_MS);
    expect(reads()).toEqual([
      expect.stringMatching(/^▶ export · running\n▓░{9} 10 %, one\nfor 1 min .* left, by its pace$/),
    ]);
    tell(20, { message: "two" });
    await test.restart();
    await test.clock.advance(MINUTE_MS);
    expect(reads()).toEqual([expect.stringContaining("20 %, two")]);
    await test.restart();
    tell(30, { message: "three", next: "four", level: "warn" });
    await test.clock.advance(MINUTE_MS);
    expect(reads()).toEqual([expect.stringMatching(/^⚠ export · warn\n.*30 %, three\nthen four\n/)]);
    await end();
    expect([...chat]).toEqual([["m1", "backup made"]]);
    expect(sent).toHaveLength(1);
    expect(rows().map(({ kind, state }) => [kind, state])).toEqual([
      ["progress", "sent"],
      ["result", "sent"],
    ]);
    expect(test.engine.runs({ limit: 1, offset: 0 }).entries[0]?.deliveryStatus).toBe("delivered");
  });

  it("is changed at most every quarter of a minute, and when only time passes at most every reportEverySeconds", async () => {
    await start();
    await begin({ policy: { progress: { stallSeconds: 0 } } });
    await test.clock.advance(70 * SECOND_MS);
    test.sent.length = 0;
    for (let n = 0; n < 60; n += 1) {
      tell(n);
      await test.clock.advance(SECOND_MS);
    }
    expect(test.sent.length).toBeGreaterThan(2);
    expect(test.sent.length).toBeLessThanOrEqual(5);
    await test.clock.advance(MINUTE_MS);
    test.sent.length = 0;
    await test.clock.advance(65 * MINUTE_MS);
    expect(test.sent).toHaveLength(2);
  });

  it("is none for a run under a minute, without the policy, and where it is not wanted", async () => {
    await start();
    await begin();
    tell(50);
    await test.clock.advance(50 * SECOND_MS);
    await end();
    expect(reads()).toEqual(["backup made"]);
    const policies: JobInput["policy"][] = [
      {},
      { progress: { reportEverySeconds: 0 } },
      { progress: {}, deliver: { on: "never" } },
    ];
    for (const policy of policies) {
      await begin({ name: JSON.stringify(policy), ...(policy && { policy }) });
      await test.clock.advance(HOUR_MS);
      test.runner.end(key(), {});
      await settle();
    }
    expect(rows().filter(({ kind }) => kind === "progress")).toEqual([]);
  });

  it("is a new one every reportEverySeconds, or at another level, where the channel cannot change one", async () => {
    await start({ answer: refusesEdits });
    await begin({ policy: { progress: { reportEverySeconds: 600 } } });
    for (let n = 0; n < 25; n += 1) {
      tell(n);
      await test.clock.advance(MINUTE_MS);
    }
    expect(sent).toHaveLength(3);
    tell(26, { level: "alert" });
    await test.clock.advance(20 * SECOND_MS);
    expect(sent).toHaveLength(4);
    expect(sent[3]).toMatch(/^⚠ export · alert\n/);
    await end();
    expect(sent.slice(4)).toEqual(["backup made"]);
  });

  it("is not sent a second time when the gateway ended while it was sent, and the result comes all the same", async () => {
    let hangs = true;
    const sender = {
      send(message: OutboundMessage) {
        if (!hangs) return Promise.resolve(withId(message));
        sent.push(message.text);
        return new Promise<SendResult>(() => {});
      },
    };
    await start({ deps: { sender } });
    await begin();
    await test.clock.advance(2 * MINUTE_MS);
    expect(sent).toHaveLength(1);
    void test.engine.stop({ replaced: true });
    await test.clock.advance(5 * SECOND_MS);
    hangs = false;
    await test.restart();
    tell(50);
    await test.clock.advance(20 * MINUTE_MS);
    expect(sent).toHaveLength(1);
    expect(rows()[0]).toMatchObject({ kind: "progress", state: "unknown" });
    await end();
    expect(sent.slice(1)).toEqual(["backup made"]);
  });

  it("is changed again when the gateway ended while it was changed", async () => {
    let hangs = false;
    const sender = {
      send: (message: OutboundMessage) =>
        hangs ? new Promise<SendResult>(() => {}) : Promise.resolve(withId(message)),
    };
    await start({ deps: { sender } });
    await begin();
    await test.clock.advance(2 * MINUTE_MS);
    hangs = true;
    tell(40);
    await test.clock.advance(20 * SECOND_MS);
    expect(rows()[0]?.state).toBe("sending");
    void test.engine.stop({ replaced: true });
    await test.clock.advance(5 * SECOND_MS);
    hangs = false;
    await test.restart();
    await test.clock.advance(20 * SECOND_MS);
    expect([...chat]).toEqual([["m1", expect.stringContaining("40 %")]]);
    await end();
    expect([...chat]).toEqual([["m1", "backup made"]]);
  });

  it("is closed where the result is none, or too long to take its place", async () => {
    await start();
    await begin();
    await test.clock.advance(2 * MINUTE_MS);
    await end("");
    expect(reads()).toEqual([expect.stringMatching(/^✓ export · succeeded · after 2 min/)]);
    await begin({ name: "long" });
    await test.clock.advance(2 * MINUTE_MS);
    await end("x".repeat(5_000));
    expect(reads().slice(1)).toEqual([expect.stringMatching(/^✓ long · succeeded/), "x".repeat(5_000)]);
  });

  it("gives way to a message of its own for the result when it cannot be changed any more", async () => {
    let gone = false;
    await start({ answer: (message) => (gone ? refusesEdits(message) : withId(message)) });
    await begin();
    await test.clock.advance(2 * MINUTE_MS);
    gone = true;
    await end();
    expect(sent.slice(1)).toEqual(["backup made"]);
    expect(rows().at(-1)).toMatchObject({ kind: "result", state: "sent" });
  });

  it("waits a little for a gateway that cannot be asked, and holds nothing up", async () => {
    let away = false;
    const answer = (message: OutboundMessage): SendResult =>
      away && message.edits !== undefined ? { kind: "failed", permanent: false, error: "away" } : withId(message);
    await start({ answer });
    await begin();
    await test.clock.advance(2 * MINUTE_MS);
    away = true;
    tell(50);
    await test.clock.advance(MINUTE_MS);
    expect(rows()[0]?.state).toBe("sent");
    away = false;
    await test.clock.advance(MINUTE_MS);
    expect(reads()).toEqual([expect.stringContaining("50 %")]);
    away = true;
    await end();
    expect(sent).toHaveLength(1);
    await test.clock.advance(MINUTE_MS);
    expect(sent.slice(1)).toEqual(["backup made"]);
  });

  it("is heard with a failure by an alert beside it, since a change makes no sound", async () => {
    await start({ config: { alerts: { destination: CHAT } } });
    await begin({ failureAlert: { after: 1 } });
    await test.clock.advance(2 * MINUTE_MS);
    await end("disk full", 3);
    expect(sent.slice(1)).toEqual([expect.stringMatching(/^✗ export · exit 3/)]);
    expect(chat.get("m1")).toContain("disk full");
  });

  it("is not begun in quiet hours but for an alert; a change makes no sound and goes on, the result with it", async () => {
    const quietHours = [{ start: "12:00", end: "18:00", tz: "UTC" }];
    await start({ config: { delivery: { quietHours } } });
    await begin();
    tell(10);
    await test.clock.advance(5 * MINUTE_MS);
    expect(sent).toEqual([]);
    tell(20, { level: "alert" });
    await test.clock.advance(MINUTE_MS);
    expect(sent).toEqual([expect.stringMatching(/^⚠ export · alert/)]);
    tell(30);
    await test.clock.advance(MINUTE_MS);
    await end();
    expect([...chat]).toEqual([["m1", "backup made"]]);
  });

  it("goes on through the attempts of a run", async () => {
    await start();
    await begin({ policy: { progress: {}, retry: { maxAttempts: 2, delaySeconds: 60 } } });
    await test.clock.advance(2 * MINUTE_MS);
    test.runner.end(key(), { exitCode: 1 });
    await test.clock.advance(3 * MINUTE_MS);
    expect(reads()).toEqual([expect.stringMatching(/^▶ export · running · attempt 2\n/)]);
    await end();
    expect([...chat]).toEqual([["m1", "backup made"]]);
  });

  it("is closed where it is when the job is gone, or speaks elsewhere by now", async () => {
    await start();
    const id = await begin();
    await test.clock.advance(2 * MINUTE_MS);
    await test.engine.updateJob(id, { delivery: { to: "888" } }, { label: "test" });
    await end();
    expect(reads()).toEqual([expect.stringMatching(/^✓ export · succeeded/), "backup made"]);
    const other = await begin({ name: "other" });
    await test.clock.advance(2 * MINUTE_MS);
    await test.engine.removeJob(other, { label: "test" });
    await end();
    expect(reads().slice(2)).toEqual([expect.stringMatching(/^✓ other · succeeded/)]);
  });

  it("is a report every reportEverySeconds for a webhook", async () => {
    const to = "https://example.com/hook";
    await start();
    await begin({ delivery: { mode: "webhook", to }, policy: { progress: { reportEverySeconds: 600 } } });
    tell(50);
    await test.clock.advance(25 * MINUTE_MS);
    expect(test.sent.map(({ body }) => JSON.parse(body ?? "{}").action)).toEqual(["progress", "progress", "progress"]);
    expect(test.sent.every(({ edits }) => edits === undefined)).toBe(true);
  });
});
