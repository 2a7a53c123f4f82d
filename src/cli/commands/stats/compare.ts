import type { JobStats, RunsResult } from "../../../../schema/wire/calls/runs.ts";
import type { Job } from "../../../../schema/wire/job.ts";
import type { RunEntry } from "../../../../schema/wire/run.ts";
import { formatBytes } from "../../../kernel/durations.ts";
import { CommandCronError } from "../../../kernel/errors.ts";
import {
  type Column,
  cleanBlock,
  duration,
  endText,
  renderTable,
  type Style,
  shareText,
  shortId,
  utc,
} from "../../render/index.ts";
import type { CliCommand, Context } from "../command.ts";
import { outcomeOf } from "../failure.ts";

/** How runs end that ran; what is queued or never started has nothing to compare. */
const RAN = ["succeeded", "failed", "timed_out", "canceled", "lost", "skipped"];
/** Lines around a difference. */
const AROUND_LINES = 2;
/** Lines of differences that are printed; `--json` has all. */
const SHOWN_LINES = 200;

interface Side {
  run: RunEntry;
  /** Where a job was named. */
  stats?: JobStats;
}

/** A job for its newest run that ended, else a run. Raises what the gateway says when it is neither. */
async function sideOf(context: Context, ref: string): Promise<Side> {
  const runs = async (params: Record<string, unknown>): Promise<RunEntry | undefined> =>
    (await context.call<RunsResult>("runs", { ...params, limit: 1 })).entries[0];
  const job = await context.call<Job>("get", { id: ref }).catch((error: unknown) => {
    if (outcomeOf(error).code !== "JOB_NOT_FOUND") throw error;
    return undefined;
  });
  const run = await runs(job === undefined ? { runId: ref } : { id: job.id, runStatuses: RAN });
  if (run === undefined) {
    const got = job === undefined ? ref : `${job.name}, a job without a run that has ended`;
    throw new CommandCronError("RUN_NOT_FOUND", { got });
  }
  if (job === undefined) return { run };
  const { jobs } = await context.call<{ jobs: JobStats[] }>("stats", { id: job.id });
  return jobs[0] === undefined ? { run } : { run, stats: jobs[0] };
}

/** Lines that differ, as a patch has them; empty where none do. */
async function difference(a: string, b: string): Promise<string> {
  if (a === b) return "";
  const { createTwoFilesPatch } = await import("diff");
  const patch = createTwoFilesPatch("a", "b", a, b, undefined, undefined, { context: AROUND_LINES });
  return patch.slice(patch.indexOf("@@"));
}

function renderSides(a: Side, b: Side, style: Style): string {
  type Row = [label: string, of: (side: Side) => string];
  const rows: Row[] = [
    ["job", ({ run }) => run.jobName ?? shortId(run.jobId)],
    ["run", ({ run }) => shortId(run.runId)],
    ["began", ({ run }) => utc(run.runAtMs)],
    ["end", ({ run }) => `${run.runStatus} (${endText(run)})`],
    ["took", ({ run }) => duration(run.durationMs)],
    ["late", ({ run }) => duration(run.latenessMs)],
    ["revision", ({ run }) => run.configRevision ?? "-"],
    ["stdout", ({ run }) => formatBytes(run.stdoutBytes)],
    ["stderr", ({ run }) => formatBytes(run.stderrBytes)],
    ["CPU", ({ run }) => duration(run.resources?.cpuMs)],
  ];
  if (a.stats !== undefined || b.stats !== undefined) {
    rows.push(
      ["runs, 30 days", ({ stats }) => String(stats?.runs ?? "-")],
      ["ok rate", ({ stats }) => shareText(stats?.okRate)],
      ["p50", ({ stats }) => duration(stats?.durationMs?.p50)],
      ["p95", ({ stats }) => duration(stats?.durationMs?.p95)],
    );
  }
  const columns: Column<Row>[] = [
    { title: "", cell: ([label]) => ({ text: label, tone: "dim" }) },
    { title: "A", wraps: true, cell: ([, of]) => of(a) },
    { title: "B", wraps: true, cell: ([, of]) => of(b) },
    { title: "", drop: 1, cell: ([, of]) => ({ text: of(a) === of(b) ? "" : "differs", tone: "warn" }) },
  ];
  return renderTable(rows, columns, style);
}

function renderStream(name: string, text: string): string {
  if (text === "") return `${name}: no difference`;
  const lines = text.trimEnd().split("\n");
  const more = lines.length > SHOWN_LINES ? [`[... ${lines.length - SHOWN_LINES} more lines, with --json]`] : [];
  return `${name}: - A, + B\n${cleanBlock([...lines.slice(0, SHOWN_LINES), ...more].join("\n"))}`;
}

export const compare: CliCommand = {
  name: "compare",
  arguments: [
    ["<a>", "A run, or a job for its newest run that ended"],
    ["<b>", "Another one"],
  ],
  says: "What is different between two runs or two jobs: end, duration, output",
  examples: [
    ["command-cron compare 7c1e54d0 91b0aa12", "Two runs, and the lines of output that differ"],
    ["command-cron compare Backup Backup-2", "Two jobs: how they do, and their newest runs"],
  ],
  notes: ["Of output the text that `runs` answers is compared, the last 64 KiB of each stream."],
  async action(context) {
    const [a, b] = [await sideOf(context, context.args[0] ?? ""), await sideOf(context, context.args[1] ?? "")];
    const [stdout, stderr] = [
      await difference(a.run.stdout, b.run.stdout),
      await difference(a.run.stderr, b.run.stderr),
    ];
    context.show({ a, b, difference: { stdout, stderr } }, () =>
      [renderSides(a, b, context.style), renderStream("stdout", stdout), renderStream("stderr", stderr)].join("\n\n"),
    );
  },
};
