import type { RunsResult } from "../../../schema/wire/calls/runs.ts";
import type { Job } from "../../../schema/wire/job.ts";
import type { RunEntry } from "../../../schema/wire/run.ts";
import type { Instant } from "../../engine/api.ts";
import { formatBytes } from "../../kernel/durations.ts";
import { argvText } from "../../kernel/shell.ts";
import {
  cleanLine,
  deliveryText,
  duration,
  jobStatus,
  limitsText,
  progressFacts,
  relative,
  renderFacts,
  renderInstants,
  renderRuns,
  scheduleText,
  survivorText,
  type Tone,
  targetText,
  toneOf,
  utc,
} from "../render/index.ts";
import type { CliCommand, Context } from "./command.ts";
import { JOB_ARGUMENT, withStatus } from "./jobs.ts";

interface Shown {
  job: Job;
  policies: [label: string, value: string | undefined][];
  instants: Instant[];
  runs: RunEntry[];
}

function alertText(alert: Job["failureAlert"]): string {
  if (alert === false) return "off";
  const after = alert?.after === undefined ? "as configured" : `after ${alert.after}`;
  const cooldown = alert?.cooldownMs === undefined ? "" : `, at most one in ${duration(alert.cooldownMs)}`;
  const target =
    alert?.to === undefined && alert?.channel === undefined ? "" : `, to ${targetText({ mode: "announce", ...alert })}`;
  return after + cooldown + target;
}

function lastRunText(job: Job, nowMs: number): string {
  const { lastRunAtMs, lastRunStatus, lastDurationMs } = job.state;
  if (lastRunAtMs === undefined) return "never";
  const took = lastDurationMs === undefined ? "" : `, took ${duration(lastDurationMs)}`;
  return `${lastRunStatus ?? "running"}, ${relative(lastRunAtMs, nowMs)} (${utc(lastRunAtMs)})${took}`;
}

/** Since the job was created. */
function totalsText({ totals }: Job["state"]): string | undefined {
  if (totals === undefined) return undefined;
  const { runs, ok, error, skipped, missed } = totals;
  return `${runs} runs: ${ok} ok, ${error} failed; ${skipped} skipped, ${missed} missed`;
}

/** How what the job looks after is. */
function conditionFacts({ state: { condition } }: Job, nowMs: number): [label: string, value: string, tone?: Tone][] {
  if (condition === undefined) return [];
  const { running, completed, level, pid, stopReason, message, progress = {}, atMs, movedAtMs } = condition;
  const steps = Object.entries(progress).map(([name, value]) => `${name} ${value}`);
  const words = [
    completed ? "completed" : running ? "running" : "stopped",
    ...(pid === undefined ? [] : [`process ${pid}`]),
    ...(level === "ok" ? [] : [level]),
    ...[stopReason, message].filter((text) => text !== undefined),
    ...steps,
    running ? `moved ${relative(movedAtMs, nowMs)}` : relative(atMs, nowMs),
  ];
  return [["condition", words.join(", "), (running || completed) && level === "ok" ? "plain" : "bad"]];
}

/** What became of the state that the newest run left. */
function stateFacts(runs: readonly RunEntry[]): [label: string, value: string, tone?: Tone][] {
  const { version, problem } = runs[0]?.attempts.at(-1)?.state ?? {};
  if (problem !== undefined) return [["last state", `not kept: ${problem}`, "bad"]];
  return version === undefined ? [] : [["last state", `version ${version}`]];
}

/** How far the run is that goes on. */
function running(runs: readonly RunEntry[], nowMs: number): ReturnType<typeof progressFacts> {
  const run = runs.find(({ runStatus }) => runStatus === "running");
  return run === undefined ? [] : progressFacts(run, nowMs);
}

/** What the newest finished run left behind. */
function survivors(runs: readonly RunEntry[]): string {
  const last = runs.find((run) => run.cleanup !== undefined);
  return survivorText(last?.cleanup) ?? "no run yet";
}

function renderShown(context: Context, { job, policies, instants, runs }: Shown): string {
  const nowMs = context.io.nowMs();
  const { style } = context;
  const status = jobStatus(job);
  const also = (job.delivery?.also ?? []).map((target) => `\nalso ${targetText(target)}`).join("");
  const left = runs.find((run) => run.cleanup !== undefined)?.cleanup?.left.length ?? 0;
  const offset = job.staggerOffsetMs === undefined ? "" : `, offset ${duration(job.staggerOffsetMs)}`;
  const head = renderFacts(
    [
      ["name", job.displayName ?? job.name, "bold"],
      ["id", job.id],
      ["declaration", job.declarationKey],
      ["description", job.description],
      ["tags", job.tags?.join(", ")],
      ["status", status, toneOf(status)],
      ["schedule", scheduleText(job) + offset],
      ["command", argvText(job.payload.argv)],
      ["directory", job.payload.cwd],
      // Values may be secrets; `get` shows them.
      ["variables", job.payload.env === undefined ? undefined : Object.keys(job.payload.env).join(", ")],
      ["input", job.payload.input === undefined ? undefined : formatBytes(Buffer.byteLength(job.payload.input))],
      ["limits", limitsText(job)],
      ["delivery", deliveryText(job) + also],
      ["alerts", alertText(job.failureAlert)],
      ["one-shot", job.deleteAfterRun === true ? "deleted after it succeeded" : undefined],
      ...policies,
      ...stateFacts(runs),
      ...running(runs, nowMs),
      ...conditionFacts(job, nowMs),
      ["last run", lastRunText(job, nowMs)],
      ["last ok", job.state.lastOkAtMs === undefined ? undefined : relative(job.state.lastOkAtMs, nowMs)],
      ["last error", job.state.lastError, "bad"],
      ["totals", totalsText(job.state)],
      ["last delivery", job.state.lastDeliveryError ?? job.state.lastDeliveryStatus],
      ["processes", survivors(runs), left > 0 ? "bad" : "plain"],
    ],
    style,
  );
  const none = job.enabled && job.schedule.kind === "after" ? `  ${cleanLine(scheduleText(job))}` : "  none";
  const next = instants.length === 0 ? none : renderInstants(instants, nowMs, style);
  const history = runs.length === 0 ? "  none" : renderRuns(runs, nowMs, style);
  return [head, "", style("bold", "Next"), next, "", style("bold", "Last runs"), history].join("\n");
}

export const show: CliCommand = {
  name: "show",
  arguments: [JOB_ARGUMENT],
  says: "Show a job: policies in force, next instants, last runs, what they left behind",
  examples: [["command-cron show Backup", "Everything about it on one page"]],
  async action(context) {
    const job = await context.call<Job>("get", { id: context.args[0] });
    const [next, runs] = await Promise.all([
      context.call<{ instants: Instant[] }>("next", { id: job.id, count: 3 }),
      context.call<RunsResult>("runs", { id: job.id, limit: 5 }),
    ]);
    const instants = job.enabled ? next.instants : [];
    if (context.json) {
      context.printJson({ ...withStatus(job), next: instants, runs: runs.entries });
      return;
    }
    // The policies' defaults live with the policies; the other commands need not load them.
    const { policyFacts } = await import("../render/policy.ts");
    context.print(renderShown(context, { job, policies: policyFacts(job), instants, runs: runs.entries }));
  },
};
