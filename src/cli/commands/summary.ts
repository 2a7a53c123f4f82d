import type { SummaryResult } from "../../../schema/wire/calls/jobs.ts";
import { pick, present } from "../../kernel/present.ts";
import { choiceFlag, pageParams, textFlag } from "../flags/index.ts";
import { renderSummary } from "../render/index.ts";
import type { CliCommand, Context } from "./command.ts";

/** Asks for everything that is scheduled here, and prints it. */
export async function printSummary(context: Context, asked: { source?: string; query?: string }): Promise<void> {
  const page = await context.call<SummaryResult>("summary", {
    ...asked,
    ...pick(pageParams(context.options), "limit", "offset"),
  });
  context.page(page, page.jobs, "jobs", "Nothing is scheduled here.", renderSummary);
}

export const summary: CliCommand = {
  name: "summary",
  says: "Show everything that is scheduled here on one screen, the gateway's own jobs as well",
  flags: (command) =>
    command
      .option("--source <which>", "all (default), command for jobs that run here, gateway for the gateway's own")
      .option("--query <text>", "Only jobs with this text in id or name")
      .option("--limit <n>", "Rows, 1 to 200 (default 50)")
      .option("--offset <n>", "Rows to leave out first"),
  examples: [
    ["command-cron summary", "State, last and next run, streak, share of good runs, last good"],
    ["command-cron summary --source gateway", "The gateway's agent and system-event jobs alone"],
  ],
  async action(context) {
    const source = choiceFlag(context.options, "--source", ["all", "command", "gateway"]);
    await printSummary(context, present({ source, query: textFlag(context.options, "--query") }));
  },
};
