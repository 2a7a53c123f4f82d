import type { Command } from "commander";
import type { LogChunk, LogPage } from "../../engine/api.ts";
import { atMostOne, compact, countFlag, given } from "../flags/index.ts";
import type { CliIo } from "../io.ts";
import { shortId } from "../render/index.ts";
import { addCommand, type Context } from "./command.ts";
import { createLogPrinter } from "./log-printer.ts";

const FIRST_TAIL_BYTES = 16_384;
const MAX_TAIL_BYTES = 4_194_304;
const FOLLOW_MS = 500;

type Stream = LogChunk["stream"];

interface Wanted {
  ref: Record<string, unknown>;
  stream: Stream | undefined;
}

const NEWLINE = 10;

const linesIn = (chunks: readonly LogChunk[]): number =>
  chunks.reduce((sum, { dataBase64 }) => {
    const data = Buffer.from(dataBase64, "base64");
    let lines = 0;
    for (let at = data.indexOf(NEWLINE); at !== -1; at = data.indexOf(NEWLINE, at + 1)) lines += 1;
    return sum + lines;
  }, 0);

const chosen = (page: LogPage, stream: Stream | undefined): LogChunk[] =>
  stream === undefined ? page.chunks : page.chunks.filter((chunk) => chunk.stream === stream);

/** The last lines of the chunks: whole chunks, the first of them cut at a line. */
function lastLines(chunks: readonly LogChunk[], count: number): LogChunk[] {
  let surplus = linesIn(chunks) - count;
  // A last line without an end counts as a line.
  const last = chunks.at(-1);
  if (last !== undefined && Buffer.from(last.dataBase64, "base64").at(-1) !== NEWLINE) surplus += 1;
  const kept: LogChunk[] = [];
  for (const chunk of chunks) {
    let data = Buffer.from(chunk.dataBase64, "base64");
    while (surplus > 0 && data.length > 0) {
      const at = data.indexOf(NEWLINE);
      if (at === -1) data = Buffer.alloc(0);
      else {
        data = data.subarray(at + 1);
        surplus -= 1;
      }
    }
    if (data.length > 0) kept.push({ ...chunk, dataBase64: data.toString("base64") });
  }
  return kept;
}

/** Asks for more and more of the end of the log until it holds enough lines. */
async function tail(context: Context, { ref, stream }: Wanted, lines: number): Promise<LogPage> {
  for (let bytes = FIRST_TAIL_BYTES; ; bytes *= 4) {
    const page = await context.call<LogPage>("log", { ...ref, tailBytes: Math.min(bytes, MAX_TAIL_BYTES) });
    const complete = bytes >= Math.min(page.endOffset, MAX_TAIL_BYTES);
    if (complete || linesIn(chosen(page, stream)) > lines) {
      return { ...page, chunks: lastLines(chosen(page, stream), lines) };
    }
  }
}

function notesOf(page: LogPage): string[] {
  const notes: string[] = [];
  if (page.gone === true) notes.push("the log was removed to stay within the budget for all logs");
  if (page.droppedBytes > 0)
    notes.push(`${page.droppedBytes} bytes in the middle were dropped: the log's budget was used up`);
  if (page.cut !== undefined) notes.push(`the log is cut: ${page.cut}`);
  return notes;
}

async function printLog(context: Context, wanted: Wanted): Promise<void> {
  const { options, io } = context;
  const lines = countFlag(options, "tail", "--tail", 1);
  const follow = given(options, "follow");
  const printer = createLogPrinter(io, { timestamps: given(options, "timestamps"), json: context.json });
  let page =
    lines === undefined
      ? await context.call<LogPage>("log", { ...wanted.ref, offset: 0 })
      : await tail(context, wanted, lines);
  // From here on the same run and attempt, even if the job starts another one.
  const ref = { runId: page.runId, attempt: page.attempt };
  const told = new Set<string>();
  for (;;) {
    printer.print(chosen(page, wanted.stream));
    for (const note of notesOf(page).filter((text) => !told.has(text))) {
      told.add(note);
      context.note(`note: ${note}`);
    }
    const more = page.nextOffset < page.endOffset;
    if (!more && !(follow && page.running)) break;
    if (!more) await io.sleep(FOLLOW_MS);
    page = await context.call<LogPage>("log", { ...ref, offset: page.nextOffset });
  }
  printer.end();
  if (!follow && page.running) context.note(`note: run ${shortId(page.runId)} goes on; -f follows it`);
}

export function addLogs(root: Command, io: CliIo): void {
  addCommand(root, io, {
    name: "logs",
    arguments: [["<id>", "Run id, or a job for its newest run"]],
    says: "Print what a run wrote, live while it runs",
    flags: (command) =>
      command
        .option("-f, --follow", "Go on until the run ends")
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
      const [stdout, stderr] = [given(options, "stdout"), given(options, "stderr")];
      atMostOne([
        ["--stdout", stdout],
        ["--stderr", stderr],
      ]);
      const attempt = countFlag(options, "attempt", "--attempt", 1);
      const stream = stdout ? "stdout" : stderr ? "stderr" : undefined;
      await printLog(context, { ref: compact({ ref: context.args[0], attempt }), stream });
      return undefined;
    },
  });
}
