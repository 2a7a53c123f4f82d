import { RUN_STATUSES } from "../../../schema/limits.ts";
import type { RunsResult } from "../../../schema/wire/calls/runs.ts";
import type { DeliveriesResult } from "../../../schema/wire/calls/told.ts";
import type { RunEntry } from "../../../schema/wire/run.ts";
import { present } from "../../kernel/present.ts";
import {
  addFilterFlags,
  beginOf,
  choiceFlag,
  filterParams,
  given,
  isIsoTime,
  pageParams,
  readDuration,
  textFlag,
  usage,
} from "../flags/index.ts";
import { cleanBlock, cleanLine, renderRuns, utc } from "../render/index.ts";
import { type CliCommand, type Context, pageNote } from "./command.ts";
import { renderFinished } from "./run.ts";

const WIRE_STATUSES = ["all", "ok", "error", "skipped"];

/** The gateway's words go to `status`, our finer ones to `runStatuses`. */
function statusParams(context: Context): Record<string, unknown> {
  const status = choiceFlag(context.options, "--status", [
    ...WIRE_STATUSES,
    ...RUN_STATUSES.filter((word) => word !== "skipped"),
  ]);
  if (status === undefined) return {};
  return WIRE_STATUSES.includes(status) ? { status } : { runStatuses: [status] };
}

/** An instant, a duration back from now, or a day in words; words are answered with the instant they were taken for. */
export function instantFlag(context: Context, flag: string): number | undefined {
  const text = textFlag(context.options, flag);
  if (text === undefined) return undefined;
  const nowMs = context.io.nowMs();
  const back = text.toLowerCase() === "now" ? 0 : readDuration(text.replace(/\s+ago$/i, ""));
  const meant = beginOf(text, nowMs) ?? (back === undefined ? undefined : nowMs - back);
  if (meant !== undefined) {
    if (/[a-z]{3}/i.test(text)) context.note(`${flag} ${text}: ${utc(meant)}`);
    return meant;
  }
  const at = isIsoTime(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at))
    throw usage(
      flag,
      "an ISO time, `today`, `yesterday`, `tomorrow`, or a duration back from now such as `2h`",
      JSON.stringify(text),
    );
  return at;
}

function jobOf(context: Context): string | undefined {
  const [positional] = context.args;
  const flag = textFlag(context.options, "--id");
  if (positional !== undefined && flag !== undefined && positional !== flag) {
    throw usage("--id", "the same job as the argument", JSON.stringify(flag));
  }
  return positional ?? flag;
}

/** What the run said, to whom, and whether it has arrived; nothing where it said nothing or that cannot be asked. */
async function saidOf(context: Context, { runId, deliveryStatus }: RunEntry): Promise<string[]> {
  if (deliveryStatus === "not-requested") return [];
  const asked = context.call<DeliveriesResult>("deliveries", {
    runId,
    limit: SAID_MAX,
    sortDir: "asc",
  });
  const { deliveries } = await asked.catch(() => ({ deliveries: [] }));
  return deliveries.map(({ kind, lane, state, text = "" }) => {
    const head = `${kind} to ${cleanLine(lane)}, ${state}:`;
    return text === "" ? head : `${head}\n${cleanBlock(text)}`;
  });
}

/** Messages of one run that are shown. */
const SAID_MAX = 20;

export const runs: CliCommand = {
  name: "runs",
  aliases: ["history"],
  arguments: [["[id]", "Job id, the start of one, or an exact name; without one the runs of all jobs"]],
  says: "Show what ran, newest first",
  flags: (command) =>
    addFilterFlags(command)
      .option("--id <id>", "The job, instead of the argument")
      .option("--all-cron", "Those of the gateway's own jobs as well")
      .option("--run-id <runId>", "One run, with its output")
      .option("--chain <runId>", "One passage: the first run and every run it caused, in their order")
      .option("--status <status>", `all, ok, error, skipped, or finer: ${RUN_STATUSES.join(", ")}`)
      .option("--delivery-status <status>", "delivered, not-delivered, unknown, not-requested or pending")
      .option("--query <text>", "Text in summary or error")
      .option("--since <when>", "Runs since an ISO time, today, yesterday, or a duration back from now such as 2h")
      .option("--until <when>", "Runs until then")
      .option("--sort <direction>", "desc (default) or asc"),
  paged: true,
  examples: [
    ["command-cron runs Backup --limit 5", "The last five runs"],
    ["command-cron runs --status error --since yesterday", "Everything that failed since yesterday's midnight here"],
    ["command-cron runs --all-cron --since today", "With the agent and system-event jobs of the gateway"],
    ["command-cron runs --run-id 7c1e", "One run with its output and what was left of it"],
    ["command-cron runs --chain 7c1e", "What that run caused, and what caused it"],
  ],
  async action(context) {
    const { options } = context;
    const runId = textFlag(options, "--run-id");
    const page = await context.call<RunsResult>(
      "runs",
      present({
        ...filterParams(options),
        id: jobOf(context),
        allCron: given(options, "--all-cron") ? true : undefined,
        runId,
        chain: textFlag(options, "--chain"),
        ...statusParams(context),
        deliveryStatus: choiceFlag(options, "--delivery-status", [
          "delivered",
          "not-delivered",
          "unknown",
          "not-requested",
          "pending",
        ]),
        query: textFlag(options, "--query"),
        sinceMs: instantFlag(context, "--since"),
        untilMs: instantFlag(context, "--until"),
        sortDir: choiceFlag(options, "--sort", ["asc", "desc"]),
        ...pageParams(options),
      }),
    );
    const [first] = page.entries;
    if (context.json || first === undefined || runId === undefined || page.entries.length > 1) {
      context.page(page, page.entries, "runs", "No runs.", renderRuns);
      return;
    }
    context.print([renderFinished(context, first), ...(await saidOf(context, first))].join("\n"));
    pageNote(context, page, 1, "runs");
  },
};
