import type { RunResult } from "../../../schema/wire/calls/jobs.ts";
import type { RunsResult } from "../../../schema/wire/calls/runs.ts";
import type { RunEntry } from "../../../schema/wire/run.ts";
import { pick, present } from "../../kernel/present.ts";
import { given, parseDuration, rawFlag, textFlag, usage } from "../flags/index.ts";
import { GatewayCallError } from "../gateway/index.ts";
import {
  cleanLine,
  duration,
  endText,
  nodeText,
  progressFacts,
  renderFacts,
  renderOutput,
  shortId,
  survivorText,
  toneOf,
} from "../render/index.ts";
import { type CliCommand, type Context, LONG_TIMEOUT_MS } from "./command.ts";
import { EXIT_FAILED, EXIT_OK } from "./failure.ts";
import { actOnMany, addManyFlags, asPlanned, JOB_OR_FILTER, meansMany } from "./many.ts";

/** Asks until the run has its final status, and says so when it waits for a person. Undefined when the time is up. */
async function waitForRun(context: Context, runId: string, limits: WaitLimits): Promise<RunEntry | undefined> {
  const endMs = context.io.nowMs() + limits.timeoutMs;
  let askedFor: number | undefined;
  for (let pauseMs = Math.min(100, limits.pollMs); ; pauseMs = Math.min(pauseMs * 2, limits.pollMs)) {
    const page = await context.callThrough<RunsResult>("runs", { runId, limit: 1 }, endMs);
    const entry = page.entries[0];
    if (entry?.status !== undefined) return entry;
    if (entry?.runStatus === "awaiting_approval" && askedFor !== entry.attempts.length) {
      askedFor = entry.attempts.length;
      context.note(`It waits for approval: command-cron approvals ${shortId(runId)}`);
    }
    const remainingMs = endMs - context.io.nowMs();
    if (remainingMs <= 0) return undefined;
    await context.io.sleep(Math.min(pauseMs, remainingMs));
  }
}

interface WaitLimits {
  timeoutMs: number;
  pollMs: number;
}

/** Read before the run starts: who corrects a flag and repeats the command must not run the job twice. */
function waitLimits(context: Context): WaitLimits {
  const timeoutMs = waitFlag(context, "--wait-timeout", "10m");
  const pollMs = waitFlag(context, "--poll-interval", "2s");
  if (pollMs < 1) throw usage("--poll-interval", "a duration longer than nothing", "0");
  return { timeoutMs, pollMs };
}

/** A bare number is milliseconds, as the gateway reads it. */
function waitFlag(context: Context, flag: string, standard: string): number {
  const text = textFlag(context.options, flag) ?? standard;
  return /^\d+$/.test(text) ? Number(text) : parseDuration(text, flag);
}

export function renderFinished(context: Context, run: RunEntry): string {
  const { style } = context;
  const facts = renderFacts(
    [
      ["run", run.runId],
      ["status", `${run.runStatus} (${endText(run)})`, toneOf(run.runStatus)],
      ["on node", nodeText(run, context.io.nowMs())],
      ["took", duration(run.durationMs)],
      ...progressFacts(run, context.io.nowMs()),
      ["error", run.error, "bad"],
      ["reason", run.reason],
      ["follows run", run.causedByRunId],
      ["processes", survivorText(run.cleanup), (run.cleanup?.left.length ?? 0) > 0 ? "bad" : "plain"],
      ["delivery", run.deliveryStatus, toneOf(run.deliveryStatus)],
    ],
    style,
  );
  const output = [renderOutput("stdout", run.stdout, style), renderOutput("stderr", run.stderr, style)];
  return [facts, ...output.filter((block) => block !== undefined)].join("\n");
}

async function waitAndShow(context: Context, started: RunResult, runId: string, limits: WaitLimits): Promise<number> {
  const run = await waitForRun(context, runId, limits);
  if (run === undefined) {
    const waited = duration(limits.timeoutMs);
    context.io.stderr.write(`error: run ${runId} did not finish within ${waited}; it goes on\n`);
    if (context.json) context.printJson({ ...started, completed: false });
    return EXIT_FAILED;
  }
  const answer = { ...started, completed: true, ...pick(run, "status", "completionStatus"), run };
  context.show(answer, () => renderFinished(context, run));
  return run.status === "ok" ? EXIT_OK : EXIT_FAILED;
}

/** Starts each; none is waited for. */
async function runMany(context: Context, params: { mode: string; alone: true | undefined }): Promise<number> {
  const { options } = context;
  if (given(options, "--wait")) throw usage("--wait", "one job", "a filter");
  if (rawFlag(options, "--idempotency-key") !== undefined) throw usage("--idempotency-key", "one job", "a filter");
  return actOnMany(context, {
    verb: "run",
    done: "Started",
    plan: () => ({ action: "do" }),
    async act(job) {
      await asPlanned(context, job);
      const { id } = job;
      const { enqueued, runId, reason } = await context.call<RunResult>("run", present({ id, ...params }));
      if (!enqueued) throw new GatewayCallError(`not started: ${reason ?? "no reason given"}`, "GATEWAY_REFUSED", {});
      return runId === undefined ? undefined : `run ${runId}`;
    },
  });
}

export const run: CliCommand = {
  name: "run",
  arguments: [JOB_OR_FILTER],
  says: "Run a job now",
  flags: (command) =>
    addManyFlags(command)
      .option("--due", "Only when an instant of its schedule is due")
      .option("--alone", "Start none of the jobs that follow it")
      .option("--wait", "Wait until it finished; the exit code is 0 only when it succeeded")
      .option("--wait-timeout <duration>", "Longest wait (default 10m); the run goes on after it")
      .option("--poll-interval <duration>", "Longest pause between two looks (default 2s)")
      .option("--idempotency-key <key>", "A repeat with the same key answers with the first run"),
  examples: [
    ["command-cron run Backup", "Starts it and answers with the run's id"],
    ["command-cron run --tag nightly --failing --yes", "All that fit, one after the other"],
    ["command-cron run Backup --wait --wait-timeout 1h", "For scripts: exit 0 only when the command succeeded"],
  ],
  async action(context) {
    const limits = waitLimits(context);
    const idempotencyKey = textFlag(context.options, "--idempotency-key");
    const mode = given(context.options, "--due") ? "due" : "force";
    const alone = given(context.options, "--alone") ? true : undefined;
    if (meansMany(context)) return runMany(context, { mode, alone });
    const started = await context.call<RunResult>("run", present({ id: context.args[0], mode, idempotencyKey, alone }));
    if (given(context.options, "--wait") && started.runId !== undefined) {
      return waitAndShow(context, started, started.runId, limits);
    }
    if (context.json) context.printJson(started);
    else if (started.runId !== undefined) context.print(`Started run ${started.runId}.`);
    if (started.enqueued) return EXIT_OK;
    context.io.stderr.write(`error: not started: ${cleanLine(started.reason ?? "no reason given")}\n`);
    return EXIT_FAILED;
  },
};

interface Canceled {
  canceled: { runId: string; left: number }[];
}

export const cancel: CliCommand = {
  name: "cancel",
  timeoutMs: LONG_TIMEOUT_MS,
  arguments: [["<id>", "Run id, or a job for all its active runs"]],
  says: "End a run now, with every process it started",
  examples: [
    ["command-cron cancel 7c1e54d0", "Answers when the processes are gone"],
    ["command-cron cancel Backup", "Whatever the job has running or waiting"],
  ],
  async action(context) {
    const result = await context.call<Canceled>("cancel", { ref: context.args[0] });
    const left = result.canceled.reduce((sum, run) => sum + run.left, 0);
    const line = (run: Canceled["canceled"][number]): string =>
      `Ended run ${run.runId}: ${run.left === 0 ? "no process left" : `${run.left} processes left`}.`;
    context.list(result, result.canceled, "Nothing was running or waiting.", (runs) => runs.map(line).join("\n"));
    return left === 0 ? EXIT_OK : EXIT_FAILED;
  },
};
