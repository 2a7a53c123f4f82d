import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "../../src/kernel/clock.ts";
import { createEvents } from "../../src/kernel/events.ts";
import { silentLogger } from "../../src/kernel/logger.ts";
import { openLedger } from "../../src/ledger/index.ts";
import { createOutbox } from "../../src/outbox/index.ts";
import { figure } from "../lib/figure.ts";

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
      const dir = mkdtempSync(join(tmpdir(), "cc-bench-drop-"));
      try {
        const { firstMs, holdMs, allMs, count } = await deliverAll(dir, bench.quick ? FILES / 5 : FILES);
        record("first", firstMs);
        record("hold", holdMs);
        record("rate", (count * 1_000) / allMs);
      } finally {
        rmSync(dir, { recursive: true, force: true });
      }
    }
  },
});

async function deliverAll(dir: string, count: number) {
  const clock = systemClock;
  const ledger = openLedger({ dir: join(dir, "ledger"), clock, logger: silentLogger });
  let firstAtMs = 0;
  const events = createEvents(silentLogger);
  const outbox = createOutbox({
    ledger,
    clock,
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
  const hold = watchHolds();
  const beginMs = performance.now();
  outbox.start();
  while (ledger.deliveries.counts().sent < count) await sleep(200);
  while (readdirSync(pendingDir).length > 0) await sleep(50);
  const allMs = performance.now() - beginMs;
  const holdMs = hold.stop();
  await outbox.stop();
  const { sent } = ledger.deliveries.counts();
  ledger.close();
  if (sent !== count) throw new Error(`${sent} of ${count} reports were sent`);
  return { firstMs: firstAtMs - beginMs, holdMs, allMs, count };
}

/** What this thread computed between two of its turns; other processes on a busy host do not count. */
function watchHolds(): { stop(): number } {
  const cpuMs = (): number => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1_000;
  };
  let before = cpuMs();
  let longest = 0;
  const timer = setInterval(() => {
    const now = cpuMs();
    longest = Math.max(longest, now - before);
    before = now;
  }, 1);
  return {
    stop() {
      clearInterval(timer);
      return longest;
    },
  };
}

function prepare(pendingDir: string, count: number): void {
  mkdirSync(pendingDir, { recursive: true });
  for (let n = 0; n < count; n += 1) {
    const report = `team: alpha\nworker: w${n % 10}\ntaskId: T-${n}\nstatus: normal\n\nThe ${n}th of them.\n`;
    writeFileSync(join(pendingDir, `report-${String(n).padStart(5, "0")}.md`), report);
  }
}
