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
    const { jobs, total } = (await ask(service, "list", { includeDisabled: true, limit: LIST_LIMIT })) as {
      jobs: JobView[];
      total: number;
    };
    const { approvals = [] } = (await ask(service, "approvals", { limit: LIST_LIMIT })) as {
      approvals?: ApprovalView[];
    };
    return { total, jobs: jobs.map(briefJob), waitingForApproval: approvals.map(briefApproval) };
  }
  const found = (await ask(service, "get", { id: job })) as JobView;
  const { entries } = (await ask(service, "runs", { id: found.id, limit: RUNS_LIMIT })) as { entries: RunView[] };
  return {
    job: briefJob(found),
    runs: entries.map(briefRun),
    ...(log === true && entries.length > 0 ? { log: await tail(service, found.id) } : {}),
  };
}

interface ApprovalView {
  runId: string;
  jobId: string;
  jobName: string;
  risk?: string;
  requestedAtMs: number;
  expiresAtMs: number;
}

/** That a person is asked, and about which job; neither command nor plan, and nothing that an approval needs. */
const briefApproval = ({ runId, jobId, jobName, risk, requestedAtMs, expiresAtMs }: ApprovalView): ApprovalView => ({
  runId,
  jobId,
  jobName,
  ...(risk === undefined ? {} : { risk }),
  requestedAtMs,
  expiresAtMs,
});

interface JobView {
  id: string;
  name: string;
  enabled: boolean;
  schedule: unknown;
  state: unknown;
}
interface RunView {
  runId: string;
  status?: string;
  outcome: string | null;
  exitCode: number | null;
  error?: string;
  runAtMs?: number;
  durationMs?: number;
  deliveryStatus: string;
}

/** Neither argv nor environment nor input: they may hold what an agent must not see. */
const briefJob = ({ id, name, enabled, schedule, state }: JobView): JobView => ({ id, name, enabled, schedule, state });

const briefRun = ({ runId, status, outcome, exitCode, error, runAtMs, durationMs, deliveryStatus }: RunView) => ({
  runId,
  status,
  outcome,
  exitCode,
  error,
  runAtMs,
  durationMs,
  deliveryStatus,
});

async function tail(service: Service, id: string): Promise<string> {
  const page = (await ask(service, "log", { id, tailBytes: TAIL_BYTES })) as { chunks: { dataBase64: string }[] };
  return Buffer.concat(page.chunks.map((chunk) => Buffer.from(chunk.dataBase64, "base64"))).toString("utf8");
}

async function ask(service: Service, method: string, params: unknown): Promise<unknown> {
  const answer = await service.call(`cron.command.${method}`, params, AGENT);
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.payload;
}
