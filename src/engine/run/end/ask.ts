import type { AgentReceiver } from "../../../../schema/wire/delivery.ts";
import type { RunStatus } from "../../../../schema/wire/run.ts";
import type { AttemptResult } from "../../../executor/types.ts";
import type { JobRecord, Ledger, RunRecord } from "../../../ledger/types.ts";
import type { Outbox } from "../../../outbox/index.ts";
import { agentsOf } from "../../../outbox/message/index.ts";
import { outcomeWords } from "../../../policy/alerts/index.ts";
import { toWireStatus } from "../../../policy/run/index.ts";
import { type DeliveryDecision, questionText } from "../../../policy/text/index.ts";

interface AskDeps {
  ledger: Ledger;
  outbox: Pick<Outbox, "enqueue">;
  hostName: string | undefined;
}

type Words = Extract<DeliveryDecision, { verdict: "deliver" }>;

/** The first run that speaks has changed nothing: nobody knows what was said before it. */
function isAsked({ when }: AgentReceiver, { lastDeliveredText }: JobRecord, words: Words, failed: boolean): boolean {
  if (when === "failure") return failed;
  if (when === "change") return lastDeliveredText !== undefined && lastDeliveredText !== words.remember;
  return true;
}

/** Writes what agents are asked about a run that speaks, inside the settling transaction. */
export function askAgents(
  { ledger, outbox, hostName }: AskDeps,
  { run, result, status }: { run: RunRecord; result: AttemptResult; status: RunStatus },
  job: JobRecord,
  said: { words: Words; summary: string },
): void {
  const { words, summary } = said;
  const failed = toWireStatus(status) !== "ok";
  const asked = agentsOf(job.definition).filter((receiver) => isAsked(receiver, job, words, failed));
  if (asked.length === 0) return;
  const [good] = ledger.runs.list({ jobId: job.id, statuses: ["ok"], limit: 1, offset: 0 }).rows;
  const lastGood = good && { summary: good.summary ?? "", atMs: good.endedAtMs ?? good.queuedAtMs };
  const { outcome, exitCode, signal, endedAtMs } = result;
  const facts = {
    jobName: run.jobName,
    hostName,
    outcome: failed
      ? `failed: ${outcomeWords({ status, outcome, exitCode, signal, reason: run.reason })}`
      : "succeeded",
    endedAtMs,
    text: words.remember,
    summary,
    lastGood,
  };
  for (const destination of asked) {
    const text = questionText({ ...facts, message: destination.message });
    const about = { jobId: job.id, runId: run.id, createdAtMs: endedAtMs };
    outbox.enqueue({ kind: "question", destination, required: true, ...about, content: { text } });
  }
}
