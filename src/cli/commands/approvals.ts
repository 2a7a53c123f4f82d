import type { ApprovalEntry, ApprovalsResult } from "../../../schema/wire/calls/approvals.ts";
import { present } from "../../kernel/present.ts";
import { given, pageParams, textFlag, usage } from "../flags/index.ts";
import { renderApproval, renderApprovals } from "../render/index.ts";
import { type CliCommand, type Context, pageNote } from "./command.ts";

const RUN_ARGUMENT = ["<run>", "Run id or the start of one"] as const;

function printOne(context: Context, entry: ApprovalEntry): void {
  context.show(entry, () => renderApproval(entry, context.io.nowMs(), context.style));
}

const list: CliCommand = {
  name: "approvals",
  arguments: [["[run]", "Run id or the start of one: all about it, with what its plan printed"]],
  says: "Show what waits for a person's decision",
  flags: (command) =>
    command
      .option("--job <id>", "Only of this job")
      .option("--all", "Decided ones as well")
      .option("--limit <n>", "Rows, 1 to 200 (default 50)")
      .option("--cursor <cursor>", "Go on behind a page, as its note says"),
  examples: [
    ["command-cron approvals", "What waits"],
    ["command-cron approvals 7c1e", "One request with its plan and its hash"],
    ["command-cron approvals --job Deploy --all", "Who approved what, and when"],
  ],
  async action(context) {
    const { options, args } = context;
    const page = await context.call<ApprovalsResult>(
      "approvals",
      present({
        runId: args[0],
        id: textFlag(options, "--job"),
        all: given(options, "--all") || args[0] !== undefined ? true : undefined,
        ...pageParams(options),
      }),
    );
    const [first] = page.approvals;
    if (first === undefined || args[0] === undefined) {
      const none = args[0] === undefined ? "Nothing waits." : "Nothing was asked about this run.";
      context.page(page, page.approvals, "approvals", none, renderApprovals);
      return;
    }
    context.show(page, () => renderApproval(first, context.io.nowMs(), context.style));
    pageNote(context, page, page.approvals.length, "approvals");
  },
};

/** What waits for a person, and the decision. */
export const approvals: readonly CliCommand[] = [
  list,
  {
    name: "approve",
    arguments: [RUN_ARGUMENT],
    says: "Let a run start that waits for approval",
    flags: (command) =>
      command.option("--hash <hash>", "Of what you looked at, eight digits or more: refused when it is another by now"),
    examples: [["command-cron approve 7c1e --hash 3f9a0c12be77", "Start it, if it is still what you saw"]],
    async action(context) {
      const hash = textFlag(context.options, "--hash")?.toLowerCase();
      printOne(context, await context.call<ApprovalEntry>("approve", present({ runId: context.args[0], hash })));
    },
  },
  {
    name: "reject",
    arguments: [RUN_ARGUMENT],
    says: "End a run that waits for approval",
    flags: (command) => command.option("--reason <text>", "Why; kept with the run"),
    examples: [['command-cron reject 7c1e --reason "not before the backup"', "It is skipped"]],
    async action(context) {
      const reason = textFlag(context.options, "--reason");
      if (reason === undefined) throw usage("--reason", "why it is rejected", "nothing");
      printOne(context, await context.call<ApprovalEntry>("reject", { runId: context.args[0], reason }));
    },
  },
];
