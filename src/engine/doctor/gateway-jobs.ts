import { shellWord } from "../../kernel/shell.ts";
import type { JobRecord, LedgerReads } from "../../ledger/types.ts";
import { commandLine, onlyRuns } from "../../policy/text/index.ts";
import type { DoctorFinding } from "../api.ts";
import { inSteps } from "../care/index.ts";
import type { GatewayCron, GatewayJob } from "../deps.ts";

const scheduleFlags = ({ schedule = {} }: GatewayJob): string => {
  const { kind, expr, everyMs, tz, at } = schedule;
  const zone = typeof tz === "string" ? ` --tz ${shellWord(tz)}` : "";
  if (kind === "cron" && typeof expr === "string") return `--cron ${shellWord(expr)}${zone}`;
  if (kind === "every" && typeof everyMs === "number") return `--every ${everyMs}ms`;
  return kind === "at" && typeof at === "string" ? `--at ${shellWord(at)}` : "<when>";
};

/** What is on in the gateway's own cron and better here: commands that run here as well, and agents that only run one. */
export async function gatewayJobFindings(
  ledger: Pick<LedgerReads, "jobs">,
  gatewayCron: GatewayCron | undefined,
): Promise<DoctorFinding[]> {
  const all = (await gatewayCron?.jobs()) ?? [];
  const native = all.filter(({ id, enabled }) => enabled !== false && ledger.jobs.get(id) === undefined);
  if (native.length === 0) return [];
  const ours = new Map<string, JobRecord>();
  for await (const jobs of inSteps(ledger)) {
    for (const job of jobs) if (job.enabled) ours.set(commandLine(job.definition.payload.argv), job);
  }
  const both = (job: GatewayJob, line: string): DoctorFinding[] => {
    const same = ours.get(line);
    if (same === undefined) return [];
    return [
      {
        check: "two schedulers",
        level: "warn",
        detail: `the gateway's job ${job.name ?? job.id} (${job.id}) and job ${same.definition.name} (${same.id}) start the same command`,
        action: `openclaw cron disable ${job.id}, or command-cron disable ${same.id}`,
      },
    ];
  };
  return native.flatMap((job): DoctorFinding[] => {
    const { kind, argv, message } = job.payload ?? {};
    if (kind === "command") {
      if (argv === undefined) return [];
      const twice = both(job, commandLine(argv));
      if (twice.length > 0) return twice;
      const detail = `the gateway's own cron runs the command of job ${job.name ?? job.id} (${job.id})`;
      return [{ check: "gateway commands", level: "ok", detail, action: `command-cron adopt ${job.id}` }];
    }
    const command = kind === "agentTurn" && message !== undefined ? onlyRuns(message) : undefined;
    if (command === undefined) return [];
    const twice = both(job, commandLine(["sh", "-c", command]));
    const create = `command-cron create ${scheduleFlags(job)} --name ${shellWord(job.name ?? job.id)} --command ${shellWord(command)}`;
    return [
      ...twice,
      {
        check: "agent jobs",
        level: "warn",
        detail: `the gateway's job ${job.name ?? job.id} (${job.id}) asks an agent for nothing but to run a command, which costs a model turn each time`,
        action: `${create}, then: openclaw cron disable ${job.id}`,
      },
    ];
  });
}
