import { present } from "../../kernel/present.ts";
import type { DeliveryRecord, Ledger } from "../../ledger/types.ts";
import { answerAddress } from "../../policy/addresses/index.ts";
import { answerText, headline } from "../../policy/text/index.ts";
import type { DeliveryRequest } from "../deps.ts";
import { ownDestination } from "./destinations.ts";

/**
 * What an agent has answered, as a message to where its question wants it, else to the job's own destination. Undefined:
 * nowhere, or nobody needs to know.
 */
export function answerTo(
  deps: { ledger: Ledger; hostName: string | undefined; nowMs: number },
  question: DeliveryRecord,
  answer: string,
): DeliveryRequest | undefined {
  const { destination: asked, jobId, runId } = question;
  const text = answerText(answer);
  if (asked.mode !== "agent" || text === undefined) return undefined;
  const delivery = jobId === undefined ? undefined : deps.ledger.jobs.get(jobId)?.definition.delivery;
  const destination = answerAddress(asked) ?? (delivery && ownDestination(delivery));
  if (destination === undefined) return undefined;
  const run = runId === undefined ? undefined : deps.ledger.runs.get(runId);
  const about = { jobName: run?.jobName ?? "a job", hostName: deps.hostName };
  return {
    kind: "answer",
    destination,
    required: true,
    // As the result it is about: a failure is heard at once.
    routine: run?.status === "succeeded",
    ...present({ jobId, runId }),
    createdAtMs: deps.nowMs,
    content: { text: `${headline("▸", about, `${asked.agentId ?? "the agent"} answers`)}\n${text}` },
  };
}

/** A question that waits gives way to a newer one about the same job: nobody needs to be told of what is past. */
export function replaceWaiting(ledger: Ledger, lane: string, { jobId, createdAtMs }: DeliveryRequest): void {
  if (jobId === undefined) return;
  const waiting = ledger.deliveries.list({ jobId, lane, kind: "question", state: "pending", limit: 20, offset: 0 });
  for (const { id } of waiting.rows) {
    const reason = "a newer question about the job took its place";
    ledger.deliveries.update(id, { state: "suppressed", nowMs: createdAtMs, nextAttemptAtMs: null, reason });
  }
}
