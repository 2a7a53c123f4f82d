import type { RunEntry } from "../../../../schema/wire/run.ts";
import type { LogPage } from "../../../engine/api.ts";
import { formatBytes } from "../../../kernel/durations.ts";
import { present } from "../../../kernel/present.ts";
import { placeText, progressLine } from "../../../kernel/progress.ts";
import { countFlag, eitherFlag, given } from "../../flags/index.ts";
import { cleanLine, shortId } from "../../render/index.ts";
import type { CliCommand, Context } from "../command.ts";
import { createLogPrinter } from "./printer.ts";
import { chosen, type Stream, tailOf } from "./tail.ts";

const FOLLOW_MS = 500;

interface Wanted {
  ref: Record<string, unknown>;
  stream: Stream | undefined;
}

function notesOf(page: LogPage): string[] {
  const notes: string[] = [];
  if (page.gone === true) notes.push("the log, or its end, was removed: by the budget for all logs, or by somebody");
  if (page.unstarted !== undefined) notes.push(`nothing was started: ${page.unstarted}`);
  if (page.droppedBytes > 0)
    notes.push(`${formatBytes(page.droppedBytes)} in the middle were dropped: the log's budget was used up`);
  if (page.cut !== undefined) notes.push(`the log is cut: ${page.cut}`);
  return notes;
}

/** While a log is followed: how far its run is, whenever it has said so anew. */
function notePlace(context: Context, { progress }: LogPage, follow: boolean, before: string): string {
  const place = follow && progress !== undefined ? JSON.stringify([placeText(progress), progress.level]) : before;
  if (place !== before && progress !== undefined)
    context.note(`progress: ${cleanLine(progressLine(progress, context.io.nowMs()))}`);
  return place;
}

/** A run that wrote nothing may never have started. */
async function sayWhyNothing(context: Context, runId: string): Promise<void> {
  const { entries } = await context.call<{ entries: RunEntry[] }>("runs", { runId, limit: 1 });
  const [run] = entries;
  const why = run?.error ?? run?.reason;
  const status = run === undefined ? "" : `; the run is ${run.runStatus}`;
  context.note(`note: nothing was written${status}${why === undefined ? "" : `: ${cleanLine(why)}`}`);
}

async function printLog(context: Context, { ref: wanted, stream }: Wanted): Promise<void> {
  const { options, io } = context;
  const lines = countFlag(options, "--tail", 1);
  const follow = given(options, "--follow");
  const printer = createLogPrinter(io, { timestamps: given(options, "--timestamps"), json: context.json });
  let page =
    lines === undefined
      ? await context.call<LogPage>("log", { ...wanted, offset: 0 })
      : await tailOf(context, wanted, stream, lines);
  // From here on the same run, even if the job starts another one.
  const { runId } = page;
  const one = wanted["attempt"] !== undefined;
  const told = new Set<string>();
  let place = "";
  for (;;) {
    printer.print(chosen(page.chunks, stream), page.attempt);
    for (const note of notesOf(page).filter((text) => !told.has(text))) {
      told.add(note);
      context.note(`note: ${note}`);
    }
    place = notePlace(context, page, follow, place);
    let next = { attempt: page.attempt, offset: page.nextOffset };
    if (page.nextOffset >= page.endOffset) {
      const later = page.attempt < page.attempts;
      if (!follow || (later ? one : !page.running)) break;
      if (later) {
        printer.end();
        next = { attempt: page.attempt + 1, offset: 0 };
        context.note(`note: attempt ${next.attempt}`);
      } else {
        printer.pause();
        await io.sleep(FOLLOW_MS);
      }
    }
    page = await context.callThrough<LogPage>("log", { runId, ...next });
  }
  printer.end();
  const nothing = page.endOffset === 0 && page.gone !== true && page.unstarted === undefined;
  if (nothing && !page.running) await sayWhyNothing(context, runId);
  if (!follow && page.running) context.note(`note: run ${shortId(runId)} goes on; -f follows it`);
}

export const logs: CliCommand = {
  name: "logs",
  arguments: [["<id>", "Run id, or a job for its newest run"]],
  says: "Print what a run wrote, live while it runs",
  flags: (command) =>
    command
      .option("-f, --follow", "Go on until the run ends, through all its attempts and a restart of the gateway")
      .option("--tail <n>", "Only the last lines")
      .option("--stdout", "Only standard output")
      .option("--stderr", "Only standard error")
      .option("--timestamps", "When and where each line was written, UTC")
      .option("--attempt <n>", "Which attempt (default: the newest)"),
  examples: [
    ["command-cron logs Backup -f", "Follow the newest run"],
    ["command-cron logs 7c1e54d0 --stderr --tail 20", "The last errors of one run"],
    ["command-cron logs Backup > out.bin", "Every byte as the command wrote it"],
  ],
  notes: [
    "On a terminal control sequences are removed; into a file or pipe the bytes go unchanged, both streams in order.",
  ],
  async action(context) {
    const { options } = context;
    const stdout = eitherFlag(options, "--stdout", "--stderr");
    const attempt = countFlag(options, "--attempt", 1);
    const stream = stdout === undefined ? undefined : stdout ? "stdout" : "stderr";
    await printLog(context, { ref: present({ ref: context.args[0], attempt }), stream });
  },
};
