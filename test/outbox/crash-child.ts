/**
 * A process with a real ledger and outbox that settles one run after another and ends itself, as SIGKILL would, at a
 * named point. Argument: one JSON object, see ChildOptions. Prints `idle` when nothing is left to send.
 */
import { join } from "node:path";
import { systemClock } from "../../src/kernel/clock.ts";
import { createEvents } from "../../src/kernel/events.ts";
import { silentLogger } from "../../src/kernel/logger.ts";
import { openLedger } from "../../src/ledger/index.ts";
import { createOutbox } from "../../src/outbox/index.ts";

export interface ChildOptions {
  dir: string;
  url: string;
  /** Settles a run with this text; absent: only sends what is left. */
  text?: string;
  mode: "webhook" | "announce";
  /** `committed`: the run and its message are in the ledger, nothing else happened. `accepted`: the receiver has it. */
  killAt?: "committed" | "claimed" | "accepted";
}

const options = JSON.parse(process.argv[2] ?? "{}") as ChildOptions;
const die = (): void => void process.kill(process.pid, "SIGKILL");

const ledger = openLedger({ dir: join(options.dir, "ledger"), clock: systemClock, logger: silentLogger });
const outbox = createOutbox({
  ledger,
  clock: systemClock,
  random: () => 0,
  logger: silentLogger,
  events: createEvents(silentLogger),
  config: { delivery: { backoffSeconds: Array(50).fill(0.05), jitter: 0 } },
  resolveSecret: async () => "",
  stateDir: options.dir,
  sender: {
    async send(message) {
      if (message.text === options.text && options.killAt === "claimed") die();
      const response = await fetch(options.url, {
        method: "POST",
        headers: { "webhook-id": message.deliveryId },
        body: message.text,
      });
      await response.arrayBuffer();
      if (message.text === options.text && options.killAt === "accepted") die();
      return { kind: "sent", messageIds: [] };
    },
  },
});

outbox.recover();
if (options.text !== undefined) {
  const text = options.text;
  const nowMs = Date.now();
  ledger.transaction(() => {
    ledger.runs.insert({
      ...{ id: text, jobId: "job", jobName: "job", jobRevision: 1, trigger: "manual", status: "queued" },
      ...{ pool: "default", exclusive: false, queuedAtMs: nowMs, readyAtMs: nowMs },
    });
    ledger.runs.begin(text, nowMs);
    outbox.enqueue({
      kind: "result",
      destination:
        options.mode === "webhook"
          ? { mode: "webhook", to: options.url }
          : { mode: "announce", channel: "irc", to: "#ops" },
      required: true,
      jobId: "job",
      runId: text,
      createdAtMs: nowMs,
      content: { text },
    });
    ledger.runs.settle(text, { status: "succeeded", endedAtMs: nowMs, deliveryStatus: "pending" });
  });
  if (options.killAt === "committed") die();
}
outbox.start();
await outbox.idle();
await outbox.stop();
ledger.close();
process.stdout.write("idle\n");
