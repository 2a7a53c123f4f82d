import { MAX_LOG_PAGE_BYTES } from "../../../../schema/limits.ts";
import type { LogChunk, LogPage } from "../../../engine/api.ts";
import type { Context } from "../command.ts";

export type Stream = LogChunk["stream"];

const FIRST_BYTES = 16_384;
const NEWLINE = 10;

const bytesOf = ({ dataBase64 }: LogChunk): Buffer => Buffer.from(dataBase64, "base64");

function newlinesIn(data: Buffer): number {
  let lines = 0;
  for (let at = data.indexOf(NEWLINE); at !== -1; at = data.indexOf(NEWLINE, at + 1)) lines += 1;
  return lines;
}

const linesIn = (chunks: readonly LogChunk[]): number =>
  chunks.reduce((sum, chunk) => sum + newlinesIn(bytesOf(chunk)), 0);

export const chosen = (chunks: readonly LogChunk[], stream: Stream | undefined): LogChunk[] =>
  chunks.filter((chunk) => stream === undefined || chunk.stream === stream);

/** The last lines of the chunks: whole chunks, the first of them cut at a line. */
function lastLines(chunks: readonly LogChunk[], count: number): LogChunk[] {
  const last = chunks.at(-1);
  // A last line without an end counts as a line.
  const open = last !== undefined && bytesOf(last).at(-1) !== NEWLINE ? 1 : 0;
  let surplus = linesIn(chunks) + open - count;
  const kept: LogChunk[] = [];
  for (const chunk of chunks) {
    let data = bytesOf(chunk);
    for (; surplus > 0 && data.length > 0; surplus -= 1) {
      const at = data.indexOf(NEWLINE);
      data = data.subarray(at === -1 ? data.length : at + 1);
      if (at === -1) break;
    }
    if (data.length > 0) kept.push({ ...chunk, dataBase64: data.toString("base64") });
  }
  return kept;
}

/** What lies between two positions of a log, in as many answers as it takes. */
async function between(context: Context, ref: Record<string, unknown>, from: number, to: number): Promise<LogChunk[]> {
  const found: LogChunk[] = [];
  for (let at = from; at < to; ) {
    const limit = Math.min(to - at, MAX_LOG_PAGE_BYTES);
    const page = await context.callThrough<LogPage>("log", { ...ref, offset: at, limit });
    // Beyond a gap it may answer what is known already.
    for (const chunk of page.chunks) {
      const data = bytesOf(chunk).subarray(0, Math.max(0, to - chunk.offset));
      if (data.length > 0) found.push({ ...chunk, dataBase64: data.toString("base64") });
    }
    if (page.nextOffset <= at) break;
    at = page.nextOffset;
  }
  return found;
}

/** The end of a log: goes back until so many whole lines are there, or its beginning is reached. */
export async function tailOf(
  context: Context,
  wanted: Record<string, unknown>,
  stream: Stream | undefined,
  lines: number,
): Promise<LogPage> {
  const page = await context.call<LogPage>("log", { ...wanted, tailBytes: FIRST_BYTES });
  const ref = { runId: page.runId, attempt: page.attempt };
  let parts = [chosen(page.chunks, stream)];
  let known = linesIn(parts.flat());
  let from = Math.max(0, page.endOffset - FIRST_BYTES);
  for (let step = FIRST_BYTES * 4; known <= lines && from > 0; step *= 4) {
    const start = Math.max(0, from - step);
    const part = chosen(await between(context, ref, start, from), stream);
    known += linesIn(part);
    parts = [part, ...parts];
    from = start;
  }
  return { ...page, chunks: lastLines(parts.flat(), lines) };
}
