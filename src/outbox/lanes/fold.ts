import type { Receiver } from "../../../schema/wire/delivery.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { DeliveryRecord, Ledger } from "../../ledger/types.ts";
import type { DeliveryRequest } from "../deps.ts";
import { digestContent, digestReason } from "../message/index.ts";
import type { Recorder } from "./recorder.ts";

const FOLDED_AT_ONCE = 500;

/**
 * Turns what waited in a lane for the end of quiet hours into one message, once they are over or a person has asked for it.
 * Answers when to look again.
 */
export function createFolder(deps: {
  ledger: Ledger;
  clock: Clock;
  recorder: Recorder;
  quietUntil(destination: Receiver): number | undefined;
  hostTz: string;
  enqueue(request: DeliveryRequest): string;
}): (head: DeliveryRecord) => number | undefined {
  const { ledger, clock, recorder } = deps;

  function nameOf(row: DeliveryRecord): string {
    const job = row.jobId === undefined ? undefined : ledger.jobs.get(row.jobId);
    return (
      job?.definition.name ?? (row.runId === undefined ? undefined : ledger.runs.get(row.runId)?.jobName) ?? row.kind
    );
  }

  return (head) => {
    const nowMs = clock.nowMs();
    const rows = ledger.deliveries.waiting(head.lane, FOLDED_AT_ONCE);
    // A person who asked for one of them now gets what waits with it now.
    const isWanted = rows.some(({ nextAttemptAtMs }) => nextAttemptAtMs === undefined);
    const quietMs = isWanted ? undefined : deps.quietUntil(head.destination);
    if (quietMs !== undefined) {
      // The clock may have been set back.
      if (quietMs !== head.nextAttemptAtMs) {
        ledger.deliveries.update(head.id, { state: "pending", nowMs, nextAttemptAtMs: quietMs });
      }
      return quietMs;
    }
    recorder.commit((told) => {
      const digestId = deps.enqueue({
        kind: "digest",
        destination: head.destination,
        required: rows.some((row) => row.required),
        createdAtMs: nowMs,
        content: digestContent(rows, nameOf, deps.hostTz),
      });
      for (const row of rows) {
        recorder.move(told, row, { state: "suppressed", nextAttemptAtMs: null, reason: digestReason(digestId) });
      }
    });
    return rows.length < FOLDED_AT_ONCE ? undefined : nowMs;
  };
}
