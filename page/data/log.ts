import type { LogResult } from "../../schema/wire/calls/runs.ts";
import type { Gateway } from "../gateway.ts";
import { LogLines } from "../logic/output.ts";

const TAIL_BYTES = 131_072;
const FOLLOW_MS = 1_000;

export interface Followed {
  lines: LogLines;
  page: LogResult | undefined;
  /** The beginning was left out. */
  cut: boolean;
  problem: string | undefined;
}

/** Which log: of the newest attempt where none is named, and then of each later one; `whole`: from its beginning. */
export interface LogWanted {
  runId: string;
  attempt: number | undefined;
  whole: boolean;
}

/** Reads a log from its end, or its beginning, and follows it while it grows. Answers how to stop. */
export function followLog(
  gateway: Pick<Gateway, "read">,
  { runId, attempt, whole }: LogWanted,
  tell: (change: Partial<Followed>) => void,
): () => void {
  let over = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let lines = new LogLines();
  let cut = false;
  /** Where it goes on: an attempt that begins meanwhile has a log of its own. */
  let place: { attempt: number; offset: number } | undefined;

  async function read(): Promise<void> {
    const first = {
      ...(attempt === undefined ? {} : { attempt }),
      ...(whole ? { offset: 0 } : { tailBytes: TAIL_BYTES }),
    };
    let againMs = FOLLOW_MS;
    try {
      const page = await gateway.read<LogResult>("log", { runId, ...(place ?? first) });
      if (over) return;
      if (place === undefined) {
        lines = new LogLines();
        cut = (page.chunks[0]?.offset ?? 0) > 0;
      }
      place = { attempt: page.attempt, offset: page.nextOffset };
      lines.add(page.chunks);
      tell({ lines, page, cut, problem: undefined });
      if (page.nextOffset < page.endOffset && page.chunks.length > 0) againMs = 0;
      else if (attempt === undefined && page.attempts > page.attempt) {
        place = undefined;
        againMs = 0;
      } else if (!page.running) return;
    } catch (error) {
      if (over) return;
      tell({ problem: error instanceof Error ? error.message : String(error) });
    }
    timer = setTimeout(() => void read(), againMs);
  }
  void read();
  return () => {
    over = true;
    clearTimeout(timer);
  };
}
