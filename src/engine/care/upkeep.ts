import { rm } from "node:fs/promises";
import type { Clock } from "../../kernel/clock.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../kernel/durations.ts";
import { errorText } from "../../kernel/errors.ts";
import type { Logger } from "../../kernel/logger.ts";
import type { Ledger } from "../../ledger/types.ts";
import type { Settings } from "../deps.ts";
import { logDirOf } from "../run/index.ts";

const FIRST_ROUND_MS = 20 * SECOND_MS;
const ROUND_MS = 10 * MINUTE_MS;
/** A round that found more to do than its budget comes again so soon. */
const AGAIN_MS = SECOND_MS;
/** Some 6 ms of work, measured at a million runs. */
const ROWS_A_STEP = 100;
const LOGS_A_STEP = 100;
const JOBS_A_STEP = 200;

export interface UpkeepDeps {
  ledger: Ledger;
  clock: Clock;
  logger: Logger;
  settings: Settings;
  stateDir: string;
  audit: { step(count: number): boolean };
  notices: { expire(): void };
}

/** Everything that keeps the state small and honest: retention of rows and logs, the write-ahead log, the audit. */
export function createUpkeep(deps: UpkeepDeps): { start(): void; stop(): void; round(): Promise<boolean> } {
  const { ledger, clock, settings } = deps;
  let cancel: (() => void) | undefined;
  let checkpointedAtMs = Number.NEGATIVE_INFINITY;

  async function removeLog(runId: string, attempt: number): Promise<void> {
    await rm(logDirOf(deps.stateDir, runId, attempt), { recursive: true, force: true });
    ledger.attempts.markLogGone(runId, attempt);
  }

  async function pruneLogs(): Promise<boolean> {
    const { rows, totalBytes } = ledger.attempts.logs(LOGS_A_STEP);
    const oldestMs = clock.nowMs() - settings.retentionDays * 24 * HOUR_MS;
    let left = totalBytes;
    let removed = 0;
    for (const row of rows) {
      if (left <= settings.logTotalBytes && row.endedAtMs >= oldestMs) break;
      await removeLog(row.runId, row.attempt);
      left -= row.bytes;
      removed += 1;
    }
    return removed === LOGS_A_STEP;
  }

  async function pruneRows(): Promise<boolean> {
    const pruned = ledger.prune({
      nowMs: clock.nowMs(),
      days: settings.retentionDays,
      runsPerJob: settings.runsPerJob,
      budget: ROWS_A_STEP,
    });
    for (const { runId, attempt } of pruned.logs) await removeLog(runId, attempt);
    return pruned.more;
  }

  function checkpoint(): void {
    if (clock.monotonicMs() - checkpointedAtMs < HOUR_MS) return;
    ledger.checkpoint();
    checkpointedAtMs = clock.monotonicMs();
  }

  /** A chore that fails keeps no other from being done. Answers whether it has more to do at once. */
  async function chore(what: string, work: () => unknown): Promise<boolean> {
    try {
      return (await work()) === true;
    } catch (error) {
      deps.logger.warn(`${what} comes again later: ${errorText(error)}`);
      return false;
    }
  }

  async function round(): Promise<boolean> {
    const more = [
      await chore("removing logs", pruneLogs),
      await chore("removing old runs", pruneRows),
      await chore("the audit", () => !deps.audit.step(JOBS_A_STEP)),
    ];
    await chore("putting notices away", () => deps.notices.expire());
    await chore("folding in the write-ahead log", checkpoint);
    return more.includes(true);
  }

  function arm(delayMs: number): void {
    cancel = clock.setTimer(() => {
      void round().then((more) => arm(more ? AGAIN_MS : ROUND_MS));
    }, delayMs);
  }

  return {
    round,
    start: () => arm(FIRST_ROUND_MS),
    stop() {
      cancel?.();
      cancel = undefined;
    },
  };
}
