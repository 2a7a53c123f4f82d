import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "../../src/kernel/clock.ts";
import { createEvents } from "../../src/kernel/events.ts";
import { silentLogger } from "../../src/kernel/logger.ts";
import { createOutbox } from "../../src/outbox/index.ts";
import { figure } from "../lib/figure.ts";
import { openBenchLedger } from "../lib/fill.ts";
import { inTempDir } from "../lib/temp-dir.ts";
import { watchTurns } from "../lib/turns.ts";

const FILES = 10_000;
/** Files wait so long after their last change. */
const SETTLED_MS = 1_500;

export const drop = figure({
  name: "drop",
  title: "10,000 reports in the file drop at the start",
  rows: {
    first: { label: "until the first is sent", unit: "ms" },
    hold: { label: "longest hold of the event loop until all are sent and moved, CPU", unit: "ms" },
    rate: { label: "read, sent by a sender that takes no time, and moved", unit: "/s" },
  },
  plots: [],
  async measure(bench, record) {
    for (let round = 0; round < (bench.quick ? 1 : 3); round += 1) {
      const count = bench.quick ? FILES / 5 : FILES;
      const { firstMs, holdMs, allMs } = await inTempDir("drop", (dir) => deliverAll(dir, count));
      record("first", firstMs);
      record("hold", holdMs);
      record("rate", (count * 1_000) / allMs);
    }
  },
});

async function deliverAll(dir: string, count: number) {
  const ledger = openBenchLedger(join(dir, "ledger"));
  let firstAtMs = 0;
  const events = createEvents(silentLogger);
  const outbox = createOutbox({
    ledger,
    clock: systemClock,
    random: Math.random,
    logger: silentLogger,
    events,
    config: { alerts: { destination: { mode: "announce", channel: "irc", to: "#owner" } } },
    resolveSecret: async () => "",
    stateDir: dir,
    sender: {
      async send() {
        if (firstAtMs === 0) firstAtMs = performance.now();
        return { kind: "sent", messageIds: ["m"] };
      },
    },
  });
  const { pendingDir } = outbox.dropbox;
  prepare(pendingDir, count);
  await sleep(SETTLED_MS);
  const turns = watchTurns((look) => setTimeout(look, 1));
  const beginMs = performance.now();
  outbox.start();
  while (ledger.deliveries.counts().sent < count) await sleep(200);
  while (readdirSync(pendingDir).length > 0) await sleep(50);
  const allMs = performance.now() - beginMs;
  const holdMs = turns.stop();
  await outbox.stop();
  const { sent } = ledger.deliveries.counts();
  ledger.close();
  if (sent !== count) throw new Error(`${sent} of ${count} reports were sent`);
  return { firstMs: firstAtMs - beginMs, holdMs, allMs };
}

function prepare(pendingDir: string, count: number): void {
  mkdirSync(pendingDir, { recursive: true });
  for (let n = 0; n < count; n += 1) {
    const report = `team: alpha\nworker: w${n % 10}\ntaskId: T-${n}\nstatus: normal\n\nThe ${n}th of them.\n`;
    writeFileSync(join(pendingDir, `report-${String(n).padStart(5, "0")}.md`), report);
  }
}
