import type { Clock } from "../../kernel/clock.ts";
import type { DeliveryRecord, Ledger } from "../../ledger/types.ts";
import { describeDestination, type LaneNotices } from "./notices.ts";
import type { Recorder, Told } from "./recorder.ts";

const BURIED_A_TURN = 200;

/** Lanes that stand still: paused by an operator, or disabled because the destination is gone. */
export function createLaneStops(room: { ledger: Ledger; clock: Clock; recorder: Recorder; notices: LaneNotices }) {
  const { ledger, clock, recorder, notices } = room;
  const paused = new Set<string>();
  const disabled = new Map<string, string>();

  return {
    /** Reads which lanes stand; at the start. Answers those with messages that can no longer go. */
    load(): string[] {
      const waiting: string[] = [];
      for (const { lane, pending, pausedAtMs, disabledAtMs, reason } of ledger.deliveries.lanes()) {
        if (pausedAtMs !== undefined) paused.add(lane);
        if (disabledAtMs === undefined) continue;
        disabled.set(lane, reason ?? "disabled");
        if (pending > 0) waiting.push(lane);
      }
      return waiting;
    },
    isStopped: (lane: string): boolean => paused.has(lane) || disabled.has(lane),
    isDisabled: (lane: string): boolean => disabled.has(lane),
    pause(lane: string, by: string): void {
      ledger.deliveries.setLane(lane, { pausedAtMs: clock.nowMs(), reason: `paused by ${by}` });
      paused.add(lane);
    },
    /** Ends a pause or a disabling; later messages go again. */
    resume(lane: string): void {
      ledger.transaction(() => {
        ledger.deliveries.setLane(lane, { pausedAtMs: null, disabledAtMs: null, reason: null });
        notices.close("LANE_DISABLED", lane);
      });
      paused.delete(lane);
      disabled.delete(lane);
    },
    /** The receiver is gone for good: nothing further is sent there until an operator resumes the lane. */
    disable(told: Told, delivery: DeliveryRecord, reason: string): void {
      const { lane, destination } = delivery;
      ledger.deliveries.setLane(lane, { disabledAtMs: clock.nowMs(), reason });
      disabled.set(lane, reason);
      const text =
        `Nothing further is sent to ${describeDestination(destination)}: ${reason}\n` +
        "When it is there again: openclaw command-cron lanes resume <lane>, then deliveries retry";
      notices.raise(told, "LANE_DISABLED", delivery, text);
    },
    /**
     * Ends what waits in a disabled lane as `dead`, some at a time, each with the reason; `retry` brings them back after
     * `resume`. True when there is more.
     */
    bury(lane: string): boolean {
      const rows = ledger.deliveries.waiting(lane, BURIED_A_TURN);
      recorder.commit((told) => {
        for (const row of rows) {
          const reason = `the lane is disabled: ${disabled.get(lane) ?? "unknown reason"}`;
          recorder.move(told, row, { state: "dead", nextAttemptAtMs: null, reason });
          notices.sendElsewhere(row, `Not delivered to ${describeDestination(row.destination)}: ${reason}`);
        }
      });
      return rows.length === BURIED_A_TURN;
    },
  };
}
export type LaneStops = ReturnType<typeof createLaneStops>;
