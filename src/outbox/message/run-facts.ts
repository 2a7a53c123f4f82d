import type { DeliveryRecord, Ledger, RunRecord } from "../../ledger/types.ts";
import { digestOf, foldedInto } from "./digest.ts";

type Status = RunRecord["deliveryStatus"];

/**
 * Writes on the run (and on its job, when that was the last run) what has become of the messages that decide whether it
 * is complete. Execution is a fact of its own and stays as it is.
 */
export function noteOnRuns(ledger: Ledger, delivery: DeliveryRecord): void {
  for (const runId of runsOf(ledger, delivery)) {
    const run = ledger.runs.get(runId);
    if (run === undefined) continue;
    const { status, error } = runDeliveryStatus(ledger, ledger.deliveries.ofRun(runId).filter(isOfRun));
    if (run.deliveryStatus === status && run.deliveryError === error) continue;
    ledger.runs.setDelivery(runId, status, error);
    const job = ledger.jobs.get(run.jobId);
    if (job?.lastRunId === runId) {
      ledger.jobs.patchState(job.id, { lastDeliveryStatus: status, lastDeliveryError: error ?? null });
    }
  }
}

const isOfRun = ({ kind }: DeliveryRecord): boolean => kind === "result" || kind === "completion";

function runsOf(ledger: Ledger, delivery: DeliveryRecord): string[] {
  if (delivery.kind === "digest") {
    const runs = foldedInto(delivery).map((id) => ledger.deliveries.get(id)?.runId);
    return [...new Set(runs.filter((runId) => runId !== undefined))];
  }
  return isOfRun(delivery) && delivery.runId !== undefined ? [delivery.runId] : [];
}

/**
 * One word for all messages of a run. Required ones decide; with none required a failure is told in `error` and makes
 * nothing incomplete.
 */
function runDeliveryStatus(ledger: Ledger, rows: DeliveryRecord[]): { status: Status; error?: string } {
  const required = rows.filter((row) => row.required);
  const judged = (required.length > 0 ? required : rows).map((row) => outcomeOf(ledger, row));
  const first = (status: Status) => judged.find((outcome) => outcome.status === status);
  const found = first("pending") ?? first("unknown") ?? first("not-delivered") ?? first("delivered");
  if (found === undefined) return { status: "not-requested" };
  if (found.status === "not-delivered" && required.length === 0) {
    return { status: "not-requested", error: `best effort: ${found.error ?? "not delivered"}` };
  }
  return found;
}

function outcomeOf(ledger: Ledger, row: DeliveryRecord): { status: Status; error?: string } {
  const error = row.reason === undefined ? {} : { error: row.reason };
  switch (row.state) {
    case "pending":
    case "sending":
      return { status: "pending", ...(row.attempts > 0 || row.custody !== undefined ? error : {}) };
    case "sent":
      return { status: "delivered" };
    case "unknown":
      return { status: "unknown", ...error };
    case "dead":
      return { status: "not-delivered", ...error };
    case "suppressed": {
      const digest = digestOf(ledger, row);
      if (digest !== undefined) return outcomeOf(ledger, digest);
      // Set aside by a person: it was asked for and did not go out. The channel's own silence is nobody's failure.
      return row.settledBy === undefined ? { status: "not-requested" } : { status: "not-delivered", ...error };
    }
  }
}
