import type { ReportResult } from "../../../schema/wire/calls/told.ts";
import { present } from "../../kernel/present.ts";
import { given, placeOf, rawFlag, textFlag, usage } from "../flags/index.ts";
import { cleanBlock } from "../render/index.ts";
import type { CliCommand, Context } from "./command.ts";

function destinationOf({ options }: Context): Record<string, unknown> | undefined {
  const { webhook, target } = placeOf(options);
  if (webhook !== undefined) return { mode: "webhook", to: webhook };
  if (Object.keys(target).length === 0) return undefined;
  return { mode: "announce", ...target, ...present({ threadId: textFlag(options, "--thread-id") }) };
}

function required({ options }: Context, flag: string): string {
  const value = textFlag(options, flag);
  if (value === undefined) throw usage(flag, "a value", "nothing");
  return value;
}

export const report: CliCommand = {
  name: "report",
  says: "Send a progress report through the outbox; sent only when sent",
  flags: (command) =>
    command
      .option("--team <name>", "Team")
      .option("--worker <name>", "Who reports")
      .option("--task-id <id>", "Which task")
      .option("--progress <text>", "How far, e.g. 80% or 3 of 7")
      .option("--done <text>", "What is done")
      .option("--next <text>", "What comes next")
      .option("--status <word>", "Status word (default normal)")
      .option("--source <tag>", "Which checkpoint made it (default manual-checkpoint)")
      .option("--channel <channel>", "Channel (default: the configured destination)")
      .option("--to <dest>", "Destination in that channel")
      .option("--account <id>", "Channel account")
      .option("--thread-id <id>", "Thread or topic")
      .option("--webhook <url>", "POST it to this http(s) URL instead")
      .option("--dry-run", "Show the text and which delivery would go first; write nothing"),
  examples: [
    [
      'command-cron report --team core --worker w1 --task-id T-17 --progress "3 of 7" --done "schema" --next "tests"',
      "To the configured destination",
    ],
    ["command-cron report --team core --worker w1 --task-id T-17 --dry-run", "What would be sent first"],
  ],
  async action(context) {
    const { options } = context;
    const result = await context.call<ReportResult>(
      "report",
      present({
        team: required(context, "--team"),
        worker: required(context, "--worker"),
        taskId: required(context, "--task-id"),
        // A report arrives byte for byte as it was given.
        progress: rawFlag(options, "--progress") ?? "",
        done: rawFlag(options, "--done") ?? "",
        next: rawFlag(options, "--next") ?? "",
        status: rawFlag(options, "--status") ?? "normal",
        source: rawFlag(options, "--source") ?? "manual-checkpoint",
        to: destinationOf(context),
        dryRun: given(options, "--dry-run") ? true : undefined,
      }),
    );
    const { deliveryId, text, wouldSendFirst = "this report" } = result;
    context.show(result, () => (deliveryId === undefined ? cleanBlock(text) : `Queued delivery ${deliveryId}.`));
    if (deliveryId === undefined) context.note(`Would send first: ${wouldSendFirst}`);
  },
};
