import { randomUUID } from "node:crypto";
import { systemClock } from "../../src/kernel/clock.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../src/kernel/durations.ts";
import { silentLogger } from "../../src/kernel/logger.ts";
import { openLedger } from "../../src/ledger/index.ts";
import type { Ledger } from "../../src/ledger/types.ts";

interface PastJob {
  name: string;
  argv: string[];
  everyMs: number;
  /** How long its runs take, one after the other. */
  tookMs: number[];
  prints: string;
  /** Exit codes of the newest runs, the newest first; all before them went well. */
  exits?: number[];
  error?: string;
  /** The newest of them that did not run at all. */
  missed?: number;
}

const PAST: readonly PastJob[] = [
  {
    name: "nightly backup",
    argv: ["backup.sh"],
    everyMs: DAY_MS,
    tookMs: [41, 44, 39].map((min) => min * MINUTE_MS),
    prints: "412 files, 8.1 GB",
  },
  {
    name: "disk space",
    argv: ["df", "-h", "/"],
    everyMs: 15 * MINUTE_MS,
    tookMs: [80, 95, 120, 84],
    prints: "/ 61% used",
  },
  {
    name: "export orders",
    argv: ["export-orders", "--since", "1h"],
    everyMs: HOUR_MS,
    tookMs: [95, 102, 91, 140, 99].map((seconds) => seconds * SECOND_MS),
    prints: "1,204 orders",
    exits: [3, 3, 0, 0, 0, 0, 3],
    error: "command exited with code 3",
  },
  {
    name: "rotate certificates",
    argv: ["certbot", "renew"],
    everyMs: DAY_MS / 2,
    tookMs: [12 * SECOND_MS],
    prints: "no renewal due",
  },
  {
    name: "mail queue",
    argv: ["check-queue"],
    everyMs: 2 * HOUR_MS,
    tookMs: [900, 1_100],
    prints: "queue: 3",
    missed: 3,
  },
];
const DAYS = 3;

/** Puts jobs and what they did in the last days into the ledger of a plugin that has never been started. */
export function fillPastDays(dir: string): void {
  const ledger = openLedger({ dir, clock: systemClock, logger: silentLogger });
  try {
    ledger.transaction(() => {
      for (const past of PAST) addPast(ledger, past);
    });
  } finally {
    ledger.close();
  }
}

function addPast(
  ledger: Ledger,
  { name, argv, everyMs, tookMs, prints, exits = [], error, missed = 0 }: PastJob,
): void {
  const nowMs = systemClock.nowMs();
  const jobId = randomUUID();
  const times = Math.floor((DAYS * DAY_MS) / everyMs);
  const newestMs = Math.floor(nowMs / everyMs) * everyMs;
  ledger.jobs.insert({
    id: jobId,
    origin: "plugin",
    definition: {
      name,
      schedule: { kind: "every", everyMs, anchorMs: newestMs - times * everyMs },
      payload: { kind: "command", argv },
      delivery: { mode: "none" },
    },
    enabled: true,
    createdAtMs: nowMs - 30 * DAY_MS,
    cursorMs: nowMs,
    nextDueMs: newestMs + everyMs,
  });
  for (let back = times; back >= 0; back -= 1) {
    const scheduledForMs = newestMs - back * everyMs;
    const run = {
      id: randomUUID(),
      jobId,
      jobName: name,
      jobRevision: 1,
      pool: "default",
      exclusive: true,
      scheduledForMs,
    };
    const base = { ...run, trigger: "schedule" as const, queuedAtMs: scheduledForMs, readyAtMs: scheduledForMs };
    if (back < missed) {
      ledger.runs.insert({
        ...base,
        status: "missed",
        reason: "misfire_policy",
        throughMs: scheduledForMs,
        covers: 1,
        endedAtMs: nowMs,
      });
      continue;
    }
    ledger.runs.insert({ ...base, status: "queued" });
    const startedAtMs = scheduledForMs + 180;
    ledger.runs.begin(run.id, startedAtMs);
    const exitCode = exits[back] ?? 0;
    const failed = exitCode !== 0;
    const durationMs = tookMs[back % tookMs.length] ?? SECOND_MS;
    ledger.runs.settle(run.id, {
      status: failed ? "failed" : "succeeded",
      endedAtMs: startedAtMs + durationMs,
      outcome: "exited",
      exitCode,
      ...(failed && error !== undefined ? { error } : { summary: prints }),
      deliveryStatus: "not-requested",
    });
    const lastStatus = failed ? ("error" as const) : ("ok" as const);
    ledger.jobs.patchState(jobId, {
      lastRunId: run.id,
      lastRunAtMs: startedAtMs,
      lastStatus,
      lastDurationMs: durationMs,
      addTotals: { runs: 1, [lastStatus]: 1 },
    });
  }
}
