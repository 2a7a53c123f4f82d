import type { QuietHours } from "../../../schema/wire/config.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { DeliveryRecord, Ledger } from "../../ledger/types.ts";
import type { DeliveryRequest } from "../deps.ts";
import { digestContent, digestReason, heldUntil } from "../message/index.ts";
import type { Recorder } from "./recorder.ts";

const FOLDED_AT_ONCE = 500;

/** Turns what waited in a lane for the end of quiet hours into one message, once its head is due. Answers when to look again. */
export function createFolder(deps: {
  ledger: Ledger;
  clock: Clock;
  recorder: Recorder;
  quietRules: readonly QuietHours[];
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
    // The clock may have been set back. A person who asked for it now gets it now.
    const quietMs =
      head.nextAttemptAtMs === undefined ? undefined : heldUntil(deps.quietRules, head.destination, nowMs, deps.hostTz);
    if (quietMs !== undefined) {
      ledger.deliveries.update(head.id, { state: "pending", nowMs, nextAttemptAtMs: quietMs });
      return quietMs;
    }
    const rows = ledger.deliveries.waiting(head.lane, FOLDED_AT_ONCE);
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
