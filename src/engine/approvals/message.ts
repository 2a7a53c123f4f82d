import { present } from "../../kernel/present.ts";
import type { ApprovalRecord, ApprovalSubject, JobRecord, RunRecord } from "../../ledger/types.ts";
import type { DeliveryRequest } from "../../outbox/index.ts";
import { failureRoutes, type Routing } from "../../policy/addresses/index.ts";
import { firstBytes, maskLikelySecrets } from "../../policy/text/index.ts";

const COMMAND_MAX_BYTES = 500;
const PLAN_SHOWN_BYTES = 3_000;
/** Digits of a hash that a person compares. */
const HASH_SHOWN = 12;

/** What a person is shown of a job: its command in one line, what looks like a secret masked. */
export const subjectOf = ({ definition: { payload, policy } }: Pick<JobRecord, "definition">): ApprovalSubject =>
  present({
    command: firstBytes(maskLikelySecrets(payload.argv.join(" ")).replace(/\s+/g, " ").trim(), COMMAND_MAX_BYTES),
    risk: policy?.risk,
    why: policy?.approval?.reason,
  });

interface Said {
  job: JobRecord;
  run: RunRecord;
  request: ApprovalRecord;
  config: Routing;
  nowMs: number;
}

/** Asks a person. It goes out in quiet hours, too. */
export function askingMessage({ job, run, request, config, nowMs }: Said): DeliveryRequest | undefined {
  const { command, risk, why } = request.subject;
  const hash = request.hash?.slice(0, HASH_SHOWN);
  const head = [
    `${job.definition.name} asks to be approved${risk === undefined ? "" : ` (risk: ${risk})`}`,
    ...(why === undefined ? [] : [why]),
    `Command: ${command}`,
    `Hash: ${hash}, run ${run.id}`,
    `Until: ${new Date(request.expiresAtMs).toISOString()}; without an answer it is not run`,
    `Approve: command-cron approve ${run.id} --hash ${hash}`,
    `Reject: command-cron reject ${run.id} --reason "…"`,
  ].join("\n");
  const plan = planText(request.plan);
  const text = plan === undefined ? head : `${head}\n\nPlan:\n${plan}`;
  const code: [number, number] | undefined = plan === undefined ? undefined : [text.length - plan.length, text.length];
  return message({ job, run, request, config, nowMs }, text, code);
}

/** Nobody answered. */
export const expiredMessage = (said: Said): DeliveryRequest | undefined =>
  message(
    said,
    `${said.job.definition.name} was not ${said.run.attempt > 0 ? "tried again" : "run"}: nobody approved run ${said.run.id} in time`,
  );

/** Somebody approved it, and it is not run all the same. */
export const notStartedMessage = (said: Said, why: string): DeliveryRequest | undefined =>
  message(
    said,
    `${said.job.definition.name} was not run, though ${said.request.decidedBy} approved run ${said.run.id}: ${why}. Its next start is asked about anew`,
  );

function planText(plan: string | undefined): string | undefined {
  if (plan === undefined) return undefined;
  const shown = firstBytes(plan.trimEnd(), PLAN_SHOWN_BYTES);
  if (shown === "") return "(it printed nothing)";
  return shown.length < plan.trimEnd().length ? `${shown}\n… (command-cron approvals shows all of it)` : shown;
}

function message(
  { job, run, request, config, nowMs }: Said,
  text: string,
  code?: [number, number],
): DeliveryRequest | undefined {
  const [destination] = failureRoutes(job.definition, config);
  if (destination === undefined) return undefined;
  const about = { jobId: job.id, runId: run.id };
  const { hash, expiresAtMs, plan } = request;
  const facts = { action: "approval", ...about, jobName: job.definition.name, hash, expiresAtMs, plan };
  return {
    ...{ kind: "approval", destination, required: false, ...about, createdAtMs: nowMs },
    content: {
      text,
      ...present({ code }),
      ...(destination.mode === "webhook" ? { body: JSON.stringify({ ...facts, text }) } : {}),
    },
  };
}
