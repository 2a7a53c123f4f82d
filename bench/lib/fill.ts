import { randomUUID } from "node:crypto";
import { systemClock } from "../../src/kernel/clock.ts";
import { silentLogger } from "../../src/kernel/logger.ts";
import { openLedger } from "../../src/ledger/index.ts";
import type { Ledger } from "../../src/ledger/types.ts";

const HOUR_MS = 3_600_000;
const ROWS_A_COMMIT = 10_000;

export const openBenchLedger = (dir: string): Ledger => openLedger({ dir, clock: systemClock, logger: silentLogger });

/** Puts ended runs of so many jobs into a ledger that nobody else has open; the newest ended an hour ago. */
export function fillRuns(dir: string, count: number, jobs: number, spanMs = 20 * 24 * HOUR_MS): void {
  const ledger = openBenchLedger(dir);
  try {
    addRuns(ledger, count, jobs, spanMs);
  } finally {
    ledger.close();
  }
}

/** The job that filled runs are of. */
export const fillerId = (job: number): string => `filler-${job}`;

/** Puts hourly jobs that are not due for an hour into a ledger that nobody else has open. */
export function fillJobs(
  dir: string,
  count: number,
  idOf: (index: number) => string = () => randomUUID(),
  tagsOf?: (index: number) => string[],
): void {
  const ledger = openBenchLedger(dir);
  const nowMs = systemClock.nowMs();
  const schedule = { kind: "every" as const, everyMs: HOUR_MS };
  try {
    for (let from = 0; from < count; from += ROWS_A_COMMIT) {
      ledger.transaction(() => {
        for (let index = from; index < Math.min(count, from + ROWS_A_COMMIT); index += 1) {
          ledger.jobs.insert({
            id: idOf(index),
            origin: "plugin",
            definition: {
              name: `filler ${index}`,
              schedule,
              payload: { kind: "command", argv: ["true"] },
              delivery: { mode: "none" },
              ...(tagsOf === undefined ? {} : { tags: tagsOf(index) }),
            },
            enabled: true,
            createdAtMs: nowMs,
            cursorMs: nowMs,
            nextDueMs: nowMs + HOUR_MS,
          });
        }
      });
      ledger.checkpoint();
    }
  } finally {
    ledger.close();
  }
}

/** One ended run of one of the filler jobs. */
export function addRun(ledger: Ledger, id: string, job: number, atMs: number): void {
  ledger.runs.insert({
    id,
    jobId: fillerId(job),
    jobName: `filler ${job}`,
    jobRevision: 1,
    trigger: "manual",
    status: "succeeded",
    pool: "default",
    exclusive: true,
    queuedAtMs: atMs,
    readyAtMs: atMs,
    endedAtMs: atMs + 20,
  });
}

/** Ended runs spread evenly over a time up to an hour ago. */
export function addRuns(ledger: Ledger, count: number, jobs: number, spanMs: number): void {
  const newestMs = systemClock.nowMs() - HOUR_MS;
  const stamp = `${process.pid}-${performance.now()}`;
  for (let from = 0; from < count; from += ROWS_A_COMMIT) {
    ledger.transaction(() => {
      for (let index = from; index < Math.min(count, from + ROWS_A_COMMIT); index += 1) {
        addRun(ledger, `${stamp}-${index}`, index % jobs, Math.round(newestMs - spanMs * (1 - index / count)));
      }
    });
    ledger.checkpoint();
  }
}
