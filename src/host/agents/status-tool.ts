import type { ApprovalEntry, ApprovalsResult } from "../../../schema/wire/calls/approvals.ts";
import type { LogResult } from "../../../schema/wire/calls/runs.ts";
import type { Job } from "../../../schema/wire/job.ts";
import type { RunEntry } from "../../../schema/wire/run.ts";
import { pick } from "../../kernel/present.ts";
import type { AgentTool, PluginApi } from "../gateway/index.ts";
import type { Service } from "../service.ts";

/** Must be listed in the manifest's `contracts.tools`. */
export const STATUS_TOOL = "command_cron_status";
const AGENT = { label: "agent" };
const LIST_LIMIT = 50;
const RUNS_LIMIT = 10;
const TAIL_BYTES = 4_096;

const parameters = {
  type: "object",
  additionalProperties: false,
  properties: {
    job: { type: "string", description: "Id or exact name of a job; without it all jobs are listed." },
    log: { type: "boolean", description: "With `job`: the last lines its newest run printed." },
  },
};

/** Lets an agent look at command jobs: which there are, how their last runs went, what they printed. It can change nothing. */
export function registerStatusTool(api: PluginApi, service: Service): void {
  const tool: AgentTool = {
    name: STATUS_TOOL,
    label: "Command cron status",
    description:
      "Read-only: lists command cron jobs and the runs that wait for a person's approval, or shows one job's last runs and the end of its log. Jobs can only be created, changed or run by an operator.",
    parameters,
    async execute(_callId, params) {
      const found = await look(service, (params ?? {}) as { job?: string; log?: boolean });
      return { content: [{ type: "text", text: JSON.stringify(found, null, 2) }], details: found };
    },
  };
  api.registerTool(tool);
}

async function look(service: Service, { job, log }: { job?: string; log?: boolean }): Promise<unknown> {
  if (job === undefined || job.trim() === "") {
    const page = { limit: LIST_LIMIT };
    const every = { ...page, includeDisabled: true };
    const { jobs, total } = await ask<{ jobs: Job[]; total: number }>(service, "list", every);
    const { approvals } = await ask<ApprovalsResult>(service, "approvals", page);
    return { total, jobs: jobs.map(briefJob), waitingForApproval: approvals.map(briefApproval) };
  }
  const found = await ask<Job>(service, "get", { id: job });
  const { entries } = await ask<{ entries: RunEntry[] }>(service, "runs", { id: found.id, limit: RUNS_LIMIT });
  return {
    job: briefJob(found),
    runs: entries.map(briefRun),
    ...(log === true && entries.length > 0 ? { log: await tail(service, found.id) } : {}),
  };
}

/** That a person is asked, and about which job; neither command nor plan, and nothing that an approval needs. */
const briefApproval = (entry: ApprovalEntry) =>
  pick(entry, "runId", "jobId", "jobName", "risk", "requestedAtMs", "expiresAtMs");

/** Neither argv nor environment nor input: they may hold what an agent must not see. */
const briefJob = (job: Job) => pick(job, "id", "name", "enabled", "schedule", "state");

const briefRun = (run: RunEntry) =>
  pick(run, "runId", "status", "outcome", "exitCode", "error", "runAtMs", "durationMs", "deliveryStatus");

async function tail(service: Service, id: string): Promise<string> {
  const page = await ask<LogResult>(service, "log", { id, tailBytes: TAIL_BYTES });
  return Buffer.concat(page.chunks.map((chunk) => Buffer.from(chunk.dataBase64, "base64"))).toString("utf8");
}

async function ask<T>(service: Service, method: string, params: unknown): Promise<T> {
  const answer = await service.call(`cron.command.${method}`, params, AGENT);
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.payload as T;
}
