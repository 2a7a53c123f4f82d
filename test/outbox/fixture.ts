import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Destination } from "../../schema/wire/delivery.ts";
import { createEvents, type Events } from "../../src/kernel/events.ts";
import { newId } from "../../src/kernel/ids.ts";
import { silentLogger } from "../../src/kernel/logger.ts";
import { type LedgerFaults, openLedger } from "../../src/ledger/index.ts";
import type { DeliveryRecord, JobDefinition, Ledger } from "../../src/ledger/types.ts";
import type { OutboxDeps } from "../../src/outbox/deps.ts";
import { createOutbox, type DeliveryRequest, type Outbox } from "../../src/outbox/index.ts";
import type { OutboundMessage, SendResult } from "../../src/outbox/port.ts";
import { afterTest, testDir } from "../helpers/after-test.ts";
import { createFakeClock, type FakeClock, settle } from "../helpers/clock.ts";
import { definition as baseDefinition, newJob } from "../helpers/ledger.ts";

export const OPS: Destination = { mode: "announce", channel: "irc", to: "#ops" };
export const DEV: Destination = { mode: "announce", channel: "irc", to: "#dev" };
export const OWNER: { mode: "announce"; channel: string; to: string } = {
  mode: "announce",
  channel: "irc",
  to: "#owner",
};
export const HOOK: Destination = { mode: "webhook", to: "https://example.com/hook" };

export const SENT: SendResult = { kind: "sent", messageIds: ["m"] };
export const DOWN: SendResult = { kind: "failed", permanent: false, error: "connection refused" };
export const REFUSED: SendResult = { kind: "failed", permanent: true, error: "HTTP 404" };

export interface TestOutbox {
  outbox: Outbox;
  ledger: Ledger;
  events: Events;
  clock: FakeClock;
  /** Every message a sender was given, in order. */
  sent: OutboundMessage[];
  /** Texts given to the sender, in order. */
  texts(): string[];
  /** What the sender answers from now on. */
  answer(how: SendResult | ((message: OutboundMessage) => SendResult | Promise<SendResult>)): void;
  put(text: string, request?: Partial<DeliveryRequest>): string;
  get(id: string): DeliveryRecord;
  /** Moves the clock and waits until everything due has been tried. */
  advance(ms: number): Promise<void>;
  /** Closes and opens everything again, as after a clean stop; `crash` leaves the outbox where it is. */
  restart(options?: { crash?: boolean; config?: OutboxDeps["config"] }): Promise<void>;
  addJob(definition?: Partial<JobDefinition>): string;
  addRun(jobId: string): string;
  close(): Promise<void>;
  dir: string;
}

/** A real ledger and outbox around a fake clock and a scripted sender. */
export async function startTestOutbox(
  options: {
    config?: OutboxDeps["config"];
    deps?: Partial<OutboxDeps>;
    faults?: LedgerFaults;
    start?: boolean;
    startMs?: number;
    /** Syncs take no time: a steered clock must not run away from a real disk. */
    instantDisk?: boolean;
  } = {},
): Promise<TestOutbox> {
  const dir = testDir("cc-outbox-");
  const clock = createFakeClock(options.startMs);
  const sent: OutboundMessage[] = [];
  let how: Parameters<TestOutbox["answer"]>[0] = SENT;
  let config = options.config ?? {};

  /** Ends the timers of what was opened before: a process that died has none. */
  let kill = (): void => {};

  function open(): { ledger: Ledger; outbox: Outbox; events: Events } {
    let alive = true;
    kill = () => {
      alive = false;
    };
    const events = createEvents(silentLogger);
    const ledger = openLedger({
      dir: join(dir, "ledger"),
      clock,
      logger: silentLogger,
      ...(options.faults === undefined ? {} : { faults: options.faults }),
    });
    const outbox = createOutbox({
      ledger: options.instantDisk === true ? { ...ledger, durable: async () => {} } : ledger,
      clock: { ...clock, setTimer: (fn, delayMs) => clock.setTimer(() => alive && fn(), delayMs) },
      random: () => 0,
      logger: silentLogger,
      events,
      config,
      resolveSecret: async () => "",
      stateDir: dir,
      sender: {
        async send(message) {
          sent.push(message);
          return typeof how === "function" ? await how(message) : how;
        },
      },
      ...options.deps,
    });
    return { ledger, outbox, events };
  }

  const test: TestOutbox = {
    ...open(),
    dir,
    clock,
    sent,
    texts: () => sent.map(({ text }) => text),
    answer(next) {
      how = next;
    },
    put(text, request = {}) {
      const id = test.ledger.transaction(() =>
        test.outbox.enqueue({
          kind: "result",
          destination: OPS,
          required: true,
          createdAtMs: clock.nowMs(),
          content: { text },
          ...request,
        }),
      );
      test.outbox.kick();
      return id;
    },
    get(id) {
      const found = test.ledger.deliveries.get(id);
      if (found === undefined) throw new Error(`no delivery ${id}`);
      return found;
    },
    async advance(ms) {
      await clock.advance(ms);
      await test.outbox.idle();
      await settle();
    },
    async restart({ crash = false, config: changed } = {}) {
      if (!crash) await test.outbox.stop();
      else {
        await test.outbox.dropbox.stop();
        kill();
      }
      test.ledger.close();
      config = changed ?? config;
      Object.assign(test, open());
      test.outbox.recover();
      test.outbox.start();
    },
    addJob(definition = {}) {
      const id = newId();
      test.ledger.jobs.insert(
        newJob(id, {
          definition: { ...baseDefinition({ name: "export" }), ...definition },
          createdAtMs: clock.nowMs(),
          cursorMs: clock.nowMs(),
        }),
      );
      return id;
    },
    addRun(jobId) {
      const id = newId();
      const nowMs = clock.nowMs();
      test.ledger.runs.insert({
        ...{ id, jobId, jobName: "export", jobRevision: 1, trigger: "manual", status: "queued", pool: "default" },
        ...{ exclusive: false, queuedAtMs: nowMs, readyAtMs: nowMs },
      });
      test.ledger.runs.begin(id, nowMs);
      test.ledger.runs.settle(id, { status: "succeeded", endedAtMs: nowMs, deliveryStatus: "pending" });
      test.ledger.jobs.patchState(jobId, { lastRunId: id });
      return id;
    },
    close: afterTest(async () => {
      await test.outbox.stop();
      test.ledger.close();
      rmSync(dir, { recursive: true, force: true });
    }),
  };
  if (options.start !== false) test.outbox.start();
  return test;
}
