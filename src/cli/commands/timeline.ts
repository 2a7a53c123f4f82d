import type { ListResult } from "../../../schema/wire/calls/jobs.ts";
import type { Job } from "../../../schema/wire/job.ts";
import type { JobTimeline } from "../../engine/api.ts";
import { DAY_MS } from "../../kernel/durations.ts";
import { countFlag } from "../flags/index.ts";
import { cleanLine, renderTimeline, slotsBeside } from "../render/index.ts";
import { type CliCommand, type Context, pageNote } from "./command.ts";
import { instantFlag } from "./runs.ts";

const JOBS = 20;
/** The least the method takes. */
const SLOT_MIN_MS = 1_000;

/** One job, or as many as fit, those that are due next first. */
async function jobsOf(context: Context): Promise<Job[]> {
  const [id] = context.args;
  if (id !== undefined) return [await context.call<Job>("get", { id })];
  const limit = countFlag(context.options, "--limit", 1) ?? JOBS;
  const page = await context.call<ListResult>("list", { includeDisabled: true, limit });
  pageNote(context, page, page.jobs.length, "jobs");
  return page.jobs;
}

export const timeline: CliCommand = {
  name: "timeline",
  arguments: [["[id]", "Job id, the start of one, or an exact name; without one all jobs, the next due first"]],
  says: "Picture what ran over time, one line a job",
  flags: (command) =>
    command
      .option("--since <when>", "From then on: an ISO time, today, yesterday, or a duration back from now (default 1d)")
      .option("--limit <n>", `Jobs, 1 to 200 (default ${JOBS})`),
  examples: [
    ["command-cron timeline", "The last day of every job"],
    ["command-cron timeline Backup --since 7d", "One job's week"],
  ],
  async action(context) {
    const untilMs = context.io.nowMs();
    const asked = instantFlag(context, "--since") ?? untilMs - DAY_MS;
    const jobs = await jobsOf(context);
    if (jobs.length === 0) {
      context.show({ jobs: [] }, () => "No command jobs.");
      return;
    }
    const { style } = context;
    const names = jobs.map((job) => cleanLine(job.displayName ?? job.name));
    const slots = slotsBeside(names, style.width);
    const slotMs = Math.max(SLOT_MIN_MS, Math.ceil((untilMs - asked) / slots));
    // On the grid by which runs are counted together; now falls into the last slot.
    const sinceMs = (Math.ceil(untilMs / slotMs) - slots) * slotMs;
    const params = { ids: jobs.map(({ id }) => id), sinceMs, untilMs, slotMs };
    const timeline = await context.call<{ jobs: JobTimeline[] }>("timeline", params);
    const marks = new Map(timeline.jobs.map((job) => [job.jobId, job.marks]));
    const rows = jobs.map(({ id }, at) => ({ name: names[at] ?? "", marks: marks.get(id) ?? [] }));
    context.show(timeline, () => renderTimeline(rows, { sinceMs, untilMs, slotMs, slots }, style));
  },
};
