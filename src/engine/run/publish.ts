import type { RunStatus } from "../../../schema/wire/run.ts";
import type { AttemptResult } from "../../executor/types.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { JobRecord, JobStatePatch, Ledger, RunRecord, RunSettlement } from "../../ledger/types.ts";
import { destinationsFor, type Outbox, resultContent } from "../../outbox/index.ts";
import { decideDelivery, summarize, toWireStatus } from "../../policy/index.ts";
import type { Watch } from "../../watch/index.ts";

/** Text kept on a run row for lists. */
const SUMMARY_MAX_BYTES = 4_096;
/** Text handed to a channel or put into a webhook body. The log holds everything. */
export const DELIVERED_MAX_BYTES = 65_536;

export interface PublisherDeps {
  ledger: Ledger;
  clock: Clock;
  outbox: Outbox;
  watch: Watch;
}

export interface Publisher {
  /**
   * Decides what a finished run says and to whom, and writes the outbox rows, inside the settling transaction.
   * Answers what the run and the job remember of it.
   */
  publish(end: {
    run: RunRecord;
    job: JobRecord | undefined;
    result: AttemptResult;
    status: RunStatus;
    error: string | undefined;
  }): {
    settlement: Pick<RunSettlement, "deliveryStatus"> & Partial<Pick<RunSettlement, "summary" | "suppression">>;
    patch: JobStatePatch;
  };
}

/** The bridge from a finished run to the outbox and to alerts. */
export function createPublisher({ ledger, clock, outbox, watch }: PublisherDeps): Publisher {
  return {
    publish({ run, job, result, status, error }) {
      const wireStatus = toWireStatus(status) ?? "error";
      const deliver = job?.definition.policy?.deliver ?? {};
      const streams = {
        stdout: captured(result.stdout),
        stderr: captured(result.stderr),
        actionLines: result.actionLines,
      };
      const text = summarize({ ...streams, stream: deliver.stream ?? "auto", maxBytes: DELIVERED_MAX_BYTES });
      const summary = summarize({ ...streams, stream: "auto", maxBytes: SUMMARY_MAX_BYTES });
      if (job === undefined) {
        return { settlement: { deliveryStatus: "not-requested", ...(summary === "" ? {} : { summary }) }, patch: {} };
      }
      for (const alert of watch.judgeRun({ job, run, result, status, error, text: summary })) outbox.enqueue(alert);

      const targets = destinationsFor(job.definition);
      const verdict = decideDelivery({
        deliver,
        wireStatus,
        previousStatus: previousStatus(job),
        text,
        error,
        lastDeliveredText: job.lastDeliveredText,
      });
      const remembered = summary === "" ? {} : { summary };
      if (targets.length === 0) {
        return {
          settlement: { deliveryStatus: "not-requested", ...remembered },
          patch: { lastDeliveryStatus: "not-requested" },
        };
      }
      if (verdict.verdict === "suppress") {
        return {
          settlement: { deliveryStatus: "not-requested", suppression: verdict.reason, ...remembered },
          patch: { lastDeliveryStatus: "not-requested", lastDeliveryError: null },
        };
      }
      const nowMs = clock.nowMs();
      for (const target of targets) {
        outbox.enqueue({
          kind: target.kind,
          destination: target.destination,
          required: target.destination.bestEffort !== true,
          // Quiet hours hold back what went well; a failure is heard at once.
          routine: target.kind === "result" && wireStatus === "ok",
          jobId: job.id,
          runId: run.id,
          createdAtMs: nowMs,
          content: resultContent({
            job,
            run,
            result,
            status,
            wireStatus,
            error,
            text: verdict.text,
            summary,
            stdout: summarize({ ...streams, stream: "stdout", maxBytes: DELIVERED_MAX_BYTES }),
            stderr: summarize({ ...streams, stream: "stderr", maxBytes: DELIVERED_MAX_BYTES }),
            attempts: ledger.attempts.ofRun(run.id).length,
          }),
        });
      }
      return {
        settlement: { deliveryStatus: "pending", ...remembered },
        patch: { lastDeliveryStatus: "pending", lastDeliveryError: null, lastDeliveredText: verdict.remember },
      };
    },
  };
}

/** How the job's last run that really ran ended. */
const previousStatus = (job: JobRecord): "ok" | "error" | undefined =>
  job.consecutiveErrors > 0 ? "error" : job.lastOkAtMs === undefined ? undefined : "ok";

/** A stream as policy reads it: the kept bytes and how many there were. */
export const captured = (stream: AttemptResult["stdout"]) => ({
  bytes: stream.bytes,
  head: Buffer.from(stream.head, "base64"),
  tail: Buffer.from(stream.tail, "base64"),
});
