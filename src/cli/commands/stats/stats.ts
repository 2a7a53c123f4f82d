import type { StatsResult } from "../../../../schema/wire/calls/runs.ts";
import { present } from "../../../kernel/present.ts";
import { addFilterFlags, filterParams, pageParams } from "../../flags/index.ts";
import { renderStats, renderStatsTable, utc } from "../../render/index.ts";
import { type CliCommand, pageNote } from "../command.ts";
import { instantFlag } from "../runs.ts";

export const stats: CliCommand = {
  name: "stats",
  arguments: [["[id]", "Job id, the start of one, or an exact name; otherwise all jobs"]],
  says: "How runs went: how many, ok rate, durations, lateness, output, CPU, memory",
  flags: (command) =>
    addFilterFlags(command)
      .option(
        "--since <when>",
        "The day (UTC) of an ISO time, today, yesterday, or a duration back such as 7d (default 30d)",
      )
      .option("--until <when>", "Days up to this one")
      .option("--limit <n>", "Jobs, 1 to 200 (default 50)")
      .option("--cursor <cursor>", "Go on behind a page, as its note says"),
  examples: [
    ["command-cron stats", "All together, and one line a job"],
    ["command-cron stats Backup --since 90d", "One job, three months"],
    ["command-cron stats --slow", "Those that take longer of late"],
  ],
  async action(context) {
    const { options, args, style } = context;
    const answer = await context.call<StatsResult>(
      "stats",
      present({
        ...filterParams(options),
        id: args[0],
        sinceMs: instantFlag(context, "--since"),
        untilMs: instantFlag(context, "--until"),
        ...pageParams(options),
      }),
    );
    if (context.json) {
      context.printJson(answer);
      return;
    }
    const since = `${utc(answer.sinceMs)}, whole days`;
    const [first] = answer.jobs;
    if (args[0] !== undefined && first !== undefined) {
      context.print(renderStats(first.name, since, first, style));
      return;
    }
    const jobs = answer.jobs.length === 0 ? "No command jobs." : renderStatsTable(answer.jobs, style);
    const title = Object.keys(filterParams(options)).length === 0 ? "all jobs" : "all that fit";
    context.print(answer.all === undefined ? jobs : `${renderStats(title, since, answer.all, style)}\n\n${jobs}`);
    pageNote(context, answer, answer.jobs.length, "jobs");
  },
};
