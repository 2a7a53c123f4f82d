import type { Clock } from "../kernel/clock.ts";
import { errorText } from "../kernel/errors.ts";
import type { Events } from "../kernel/events.ts";
import type { Logger } from "../kernel/logger.ts";
import type { Ledger } from "../ledger/types.ts";
import type { Outbox } from "../outbox/index.ts";
import type { Watch } from "../watch/index.ts";

export interface Notices {
  /** Something an operator must be able to see. Stored, logged, and sent once per incident. */
  raise(code: string, key: string, message: string): void;
  close(code: string, key: string): void;
  /** The ledger refused a write (or, with undefined, works again). Kept in memory meanwhile: it cannot be stored. */
  ledger(error: unknown | undefined): void;
  /** The service is up: nothing is wrong that we know of. */
  ready(): void;
}

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
    close: (code, key) => void ledger.notices.close(code, key, clock.nowMs()),
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
