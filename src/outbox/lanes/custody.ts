import { within } from "../../kernel/clock.ts";
import { formatDurationMs, MINUTE_MS, SECOND_MS } from "../../kernel/durations.ts";
import { errorText } from "../../kernel/errors.ts";
import { eachApart } from "../../ledger/index.ts";
import type { DeliveryRecord } from "../../ledger/types.ts";
import type { OutboxDeps } from "../deps.ts";
import type { LaneNotices } from "./notices.ts";
import type { Recorder } from "./recorder.ts";
import { triesOf } from "./tries.ts";

/** The gateway decides within seconds what it makes of a message that it kept. */
const FIRST_LOOK_MS = 10 * SECOND_MS;
const LOOK_MS = 30 * SECOND_MS;
/** A queue that does not answer is not waited for. */
const ANSWER_MS = 10 * SECOND_MS;
/** Nobody is left to wonder for longer, whatever the gateway's queue says. */
const CUSTODY_MAX_MS = 5 * MINUTE_MS;

/**
 * Follows up what was handed over to the gateway. It tells no end: what its queue has dropped, and what it has kept for too
 * long, becomes `unknown`, is told, and is for a person to settle.
 */
export function createCustody(
  deps: OutboxDeps & {
    recorder: Recorder;
    notices: LaneNotices;
    /** Something was written that is to be sent. */
    kick(): void;
  },
) {
  const { ledger, clock, logger } = deps;
  /** By the clock that nobody can set back. */
  const seenAtMs = new Map<string, number>();
  let cancel: (() => void) | undefined;
  let stopped = false;

  function arm(delayMs: number): void {
    if (!stopped) cancel ??= clock.setTimer(() => void look(), delayMs);
  }

  /** Nothing known is no proof of anything: then age alone decides. */
  function kept(): Promise<ReadonlySet<string> | undefined> {
    const asked = Promise.resolve()
      .then(() => deps.sender.kept?.())
      .catch((error) => {
        logger.warn(`the gateway's queue cannot be read: ${errorText(error)}`);
        return undefined;
      });
    return within(clock, ANSWER_MS, asked, () => undefined);
  }

  function ageMs(delivery: DeliveryRecord): number {
    const seen = seenAtMs.get(delivery.id) ?? clock.monotonicMs();
    seenAtMs.set(delivery.id, seen);
    const handedOverMs = triesOf(delivery).at(-1)?.atMs ?? delivery.updatedAtMs;
    return Math.max(clock.nowMs() - handedOverMs, clock.monotonicMs() - seen);
  }

  function whyOver(delivery: DeliveryRecord, inQueue: ReadonlySet<string> | undefined): string | undefined {
    const intentId = delivery.receipt?.["intentId"];
    if (typeof intentId === "string" && inQueue?.has(intentId) === false)
      return "the gateway took it over, dropped it from its queue and told no result";
    if (ageMs(delivery) < CUSTODY_MAX_MS) return undefined;
    return `the gateway took it over and told no result for ${formatDurationMs(CUSTODY_MAX_MS)}`;
  }

  function settle(inQueue: ReadonlySet<string> | undefined): void {
    deps.recorder.commit((told) => {
      const rows = ledger.deliveries.inCustody();
      const held = new Set(rows.map(({ id }) => id));
      for (const id of seenAtMs.keys()) if (!held.has(id)) seenAtMs.delete(id);
      const end = (delivery: DeliveryRecord): void => {
        const reason = whyOver(delivery, inQueue);
        if (reason === undefined) return;
        deps.recorder.move(told, delivery, { state: "unknown", custody: null, nextAttemptAtMs: null, reason });
        deps.notices.unknown(told, delivery, reason);
      };
      eachApart(ledger, rows, end, ({ id }, error) => logger.error(`delivery ${id}: ${errorText(error)}`));
    });
  }

  async function look(): Promise<void> {
    const inQueue = ledgerHas() ? await kept() : undefined;
    cancel = undefined;
    if (stopped) return;
    try {
      settle(inQueue);
      deps.kick();
      if (!ledgerHas()) return;
    } catch (error) {
      logger.warn(`what was handed over is looked at again later: ${errorText(error)}`);
    }
    arm(LOOK_MS);
  }

  function ledgerHas(): boolean {
    try {
      return ledger.deliveries.inCustody().length > 0;
    } catch {
      return true;
    }
  }

  return {
    /** Something may have been handed over. */
    note(): void {
      if (cancel === undefined && ledgerHas()) arm(FIRST_LOOK_MS);
    },
    stop(): void {
      stopped = true;
      cancel?.();
      cancel = undefined;
    },
  };
}
