import { rm } from "node:fs/promises";
import { delay } from "../../kernel/clock.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../kernel/durations.ts";
import { errorText } from "../../kernel/errors.ts";
import type { Core, Settings } from "../deps.ts";
import { logDirOf } from "../run/index.ts";
import { removeExpired } from "./expired.ts";

const FIRST_ROUND_MS = 20 * SECOND_MS;
const ROUND_MS = 10 * MINUTE_MS;
/** A round that found more to do than its budget comes again so soon. */
const AGAIN_MS = SECOND_MS;
/** Rows a step looks at: so many that it holds the event loop for no longer than this, found while it runs. */
const HOLD_MS = 4;
const [FEWEST_ROWS, MOST_ROWS] = [10, 1_000];
/** After a step the loop is everybody's for so many times as long as the step took. */
const PAUSE = 1;
/** Then the audit has its turn, and what is left comes in the next round. */
const PRUNE_MAX_MS = 10 * SECOND_MS;
const LOGS_A_STEP = 100;
/** Files removed side by side. */
const REMOVED_AT_ONCE = 16;
const JOBS_A_STEP = 200;
/** However far the clock goes, age goes no further than this in ten minutes: a wrong clock must not remove all history. */
const AGE_STEP_MS = DAY_MS;
const AGE_META = "retention.at";

interface UpkeepDeps extends Core {
  settings: Settings;
  stateDir: string;
  audit: { step(count: number): boolean };
  notices: { expire(): void };
}

/** Everything that keeps the state small and honest: retention of rows and logs, the write-ahead log, the audit. */
export function createUpkeep(deps: UpkeepDeps): { start(): void; stop(): void } {
  const { ledger, clock, settings } = deps;
  let cancel: (() => void) | undefined;
  let checkpointedAtMs = Number.NEGATIVE_INFINITY;
  let expiredAtMs = Number.NEGATIVE_INFINITY;

  let budget = FEWEST_ROWS * 10;
  let stopped = false;
  let agedAtMs = Number.NEGATIVE_INFINITY;

  async function removeLogs(logs: readonly { runId: string; attempt: number }[]): Promise<void> {
    for (let from = 0; from < logs.length && !stopped; from += REMOVED_AT_ONCE) {
      await Promise.all(
        logs.slice(from, from + REMOVED_AT_ONCE).map(async ({ runId, attempt }) => {
          await rm(logDirOf(deps.stateDir, runId, attempt), { recursive: true, force: true });
          if (!stopped) ledger.attempts.markLogGone(runId, attempt);
        }),
      );
    }
  }

  async function pruneLogs(atMs: number): Promise<boolean> {
    const { rows, totalBytes } = ledger.attempts.logs(LOGS_A_STEP);
    const oldestMs = atMs - settings.retentionDays * DAY_MS;
    let left = totalBytes;
    const stays = rows.findIndex((row) => {
      if (left <= settings.logTotalBytes && row.endedAtMs >= oldestMs) return true;
      left -= row.bytes;
      return false;
    });
    const removed = stays === -1 ? rows : rows.slice(0, stays);
    await removeLogs(removed);
    return removed.length === LOGS_A_STEP;
  }

  /** As many steps as there is work for, each short, with room between them; true when work is left. */
  async function prune(atMs: number): Promise<boolean> {
    const untilMs = clock.monotonicMs() + PRUNE_MAX_MS;
    for (;;) {
      const moreLogs = await pruneLogs(atMs);
      if (stopped) return false;
      const beganMs = clock.monotonicMs();
      const pruned = ledger.prune({
        nowMs: atMs,
        days: settings.retentionDays,
        runsPerJob: settings.runsPerJob,
        budget,
      });
      const tookMs = clock.monotonicMs() - beganMs;
      if (tookMs > HOLD_MS) budget = Math.max(FEWEST_ROWS, Math.floor(budget * 0.6));
      else if (tookMs < HOLD_MS / 2) budget = Math.min(MOST_ROWS, Math.ceil(budget * 1.25));
      await removeLogs(pruned.logs);
      const more = moreLogs || pruned.more;
      if (!more || stopped || clock.monotonicMs() >= untilMs) return more;
      await delay(clock, Math.max(1, PAUSE * Math.min(tookMs, HOLD_MS)));
    }
  }

  /** The time that age is counted from. */
  function ageAt(): number {
    const nowMs = clock.nowMs();
    const before = Number(ledger.getMeta(AGE_META) ?? nowMs);
    const mayStep = clock.monotonicMs() - agedAtMs >= ROUND_MS;
    const atMs = Math.min(nowMs, before + (mayStep ? AGE_STEP_MS : 0));
    if (mayStep) agedAtMs = clock.monotonicMs();
    if (mayStep || atMs < before) ledger.setMeta(AGE_META, String(atMs));
    return atMs;
  }

  function checkpoint(): void {
    if (clock.monotonicMs() - checkpointedAtMs < HOUR_MS) return;
    ledger.checkpoint();
    checkpointedAtMs = clock.monotonicMs();
  }

  async function expire(): Promise<void> {
    if (clock.monotonicMs() - expiredAtMs < HOUR_MS) return;
    expiredAtMs = clock.monotonicMs();
    await removeExpired(deps, ageAt());
  }

  function forget(): boolean {
    const beforeMs = ageAt() - settings.retentionDays * DAY_MS;
    return ledger.observed.prune({ beforeMs, runsPerJob: settings.runsPerJob, budget: MOST_ROWS }) >= MOST_ROWS;
  }

  /** A chore that fails keeps no other from being done. Answers whether it has more to do at once. */
  async function chore(what: string, work: () => unknown): Promise<boolean> {
    try {
      return !stopped && (await work()) === true;
    } catch (error) {
      if (!stopped) deps.logger.warn(`${what} comes again later: ${errorText(error)}`);
      return false;
    }
  }

  async function round(): Promise<boolean> {
    const more = [
      await chore("removing old runs and logs", () => prune(ageAt())),
      await chore("the audit", () => !deps.audit.step(JOBS_A_STEP)),
    ];
    await chore("removing jobs that are off", expire);
    more.push(await chore("forgetting what was observed", forget));
    await chore("putting notices away", () => deps.notices.expire());
    await chore("folding in the write-ahead log", checkpoint);
    return more.includes(true);
  }

  function arm(delayMs: number): void {
    if (stopped) return;
    cancel = clock.setTimer(() => {
      void round().then((more) => arm(more ? AGAIN_MS : ROUND_MS));
    }, delayMs);
  }

  return {
    start() {
      if (ledger.getMeta(AGE_META) === undefined) ledger.setMeta(AGE_META, String(clock.nowMs()));
      arm(FIRST_ROUND_MS);
    },
    stop() {
      stopped = true;
      cancel?.();
      cancel = undefined;
    },
  };
}
