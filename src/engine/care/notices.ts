import type { Clock } from "../../kernel/clock.ts";
import { DAY_MS } from "../../kernel/durations.ts";
import { errorText } from "../../kernel/errors.ts";
import type { Events } from "../../kernel/events.ts";
import type { Logger } from "../../kernel/logger.ts";
import type { Ledger, NoticeRecord } from "../../ledger/types.ts";
import type { Outbox } from "../../outbox/index.ts";
import type { Watch } from "../../watch/index.ts";

export interface Notices {
  /** Something an operator must be able to see. Stored, logged, and sent once per incident. */
  raise(code: string, key: string, message: string): void;
  /** Puts away what needs nobody any more: events a day after the last of them, and settings that are well again. */
  expire(problems?: readonly string[]): void;
  /** The job was edited, switched or removed: what was wrong with it is looked at anew. */
  jobChanged(jobId: string): void;
  /** The ledger refused a write (or, with undefined, works again). Kept in memory meanwhile: it cannot be stored. */
  ledger(error: unknown | undefined): void;
  /** The service is up: nothing is wrong that we know of. */
  ready(): void;
}

/** These tell of something that is over; the others last until their cause is gone. */
const EVENTS: ReadonlySet<string> = new Set([
  "CLOCK_JUMP",
  "LEDGER_WAS_DOWN",
  "OCCURRENCE_GAP",
  "RESTORED",
  "RUNNER_LOST",
  "RUNNER_UNAVAILABLE",
]);
/** Long enough to be seen; one that comes again within it is the same incident. */
const EVENT_SHOWN_MS = DAY_MS;

/** Operational findings: one row an incident, one line in the log, one message to the alert destination. */
export function createNotices(deps: {
  ledger: Ledger;
  clock: Clock;
  logger: Logger;
  events: Events;
  outbox: Outbox;
  watch: Watch;
  health(problem: string | undefined): void;
}): Notices {
  const { ledger, clock, logger, events } = deps;
  let ledgerDownSinceMs: number | undefined;

  function raise(code: string, key: string, message: string): void {
    logger.warn(`${code}: ${message}`);
    events.emit("notice", { code, message });
    try {
      ledger.transaction(() => {
        if (ledger.notices.raise({ code, key, message, atMs: clock.nowMs() }) !== "opened") return;
        for (const delivery of deps.watch.noticeDeliveries({ code, message })) deps.outbox.enqueue(delivery);
      });
      deps.outbox.kick();
    } catch (error) {
      logger.error(`notice ${code} could not be stored: ${errorText(error)}`);
    }
  }

  return {
    raise,
    expire(problems) {
      const nowMs = clock.nowMs();
      const isOver = ({ code, key, lastAtMs }: NoticeRecord): boolean =>
        code === "CONFIG_INVALID"
          ? problems?.includes(key) === false
          : // One that lies in the future was raised by a clock that has been set right since.
            EVENTS.has(code) && Math.abs(nowMs - lastAtMs) >= EVENT_SHOWN_MS;
      try {
        for (const { code, key } of ledger.notices.open().filter(isOver)) ledger.notices.close(code, key, nowMs);
      } catch (error) {
        logger.warn(`notices are put away later: ${errorText(error)}`);
      }
    },
    jobChanged(jobId) {
      const job = ledger.jobs.get(jobId);
      const nowMs = clock.nowMs();
      // An enabled job without a next instant is one that no edit has repaired.
      if (job?.enabled !== true || job.nextDueMs !== undefined) ledger.notices.close("JOB_UNSCHEDULABLE", jobId, nowMs);
      if (job?.enabled !== false) ledger.notices.close("JOB_DISABLED", jobId, nowMs);
    },
    ledger(error) {
      if (error !== undefined) {
        if (ledgerDownSinceMs === undefined) deps.health(`ledger: ${errorText(error)}`);
        ledgerDownSinceMs ??= clock.nowMs();
        return;
      }
      if (ledgerDownSinceMs === undefined) return;
      const seconds = Math.round((clock.nowMs() - ledgerDownSinceMs) / 1_000);
      ledgerDownSinceMs = undefined;
      deps.health(undefined);
      raise(
        "LEDGER_WAS_DOWN",
        "ledger",
        `the ledger could not be written for ${seconds} s; nothing was started meanwhile`,
      );
    },
    ready: () => deps.health(undefined),
  };
}
