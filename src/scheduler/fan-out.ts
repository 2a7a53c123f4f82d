import { errorText } from "../kernel/errors.ts";
import { apart } from "../ledger/index.ts";
import type { FanOut, JobRecord, Ledger } from "../ledger/types.ts";

/** Runs written in one turn of the event loop: a few milliseconds of it. */
const RUNS_PER_TURN = 50;

interface FanOutDeps {
  ledger: Ledger;
  /** The nodes that an occurrence of the job has a run on, each once, in the order of their names; undefined: it has one run. */
  eachNode(job: JobRecord): readonly string[] | undefined;
  /** The rest of the job's occurrence cannot be written; it is left out. */
  onBroken(job: JobRecord, reason: string): void;
}

/** Writes the run of an occurrence on a node; of one whose tag no node has any more: on none. */
type Write = (fanOut: FanOut, job: JobRecord, node: string | undefined) => void;

/**
 * Occurrences on each of several nodes. That there is one is written with the cursor of its job; its runs follow, some in
 * each turn and each time in one transaction with how far that is, so that no end of this process doubles or loses one.
 */
export interface FanOuts {
  /** In the caller's transaction. */
  begin(fanOut: Omit<FanOut, "afterNode">): void;
  /** False only where surely none is under way. */
  pending(): boolean;
  /** In the caller's transaction: writes the next runs of the oldest occurrences, or of those of a job. */
  spread(write: Write, jobId?: string): void;
  /** To be called when that is committed. */
  look(): void;
}

export function createFanOuts({ ledger, eachNode, onBroken }: FanOutDeps): FanOuts {
  // Another life of this process may have left one.
  let pending = true;

  /** Answers how many it has written. */
  function writeSome(fanOut: FanOut, most: number, write: Write): number {
    const { jobId, afterNode } = fanOut;
    const job = ledger.jobs.get(jobId);
    if (job === undefined) {
      ledger.fanOuts.drop(jobId);
      return 0;
    }
    const nodes = eachNode(job);
    const left: readonly (string | undefined)[] =
      nodes === undefined ? (afterNode === "" ? [undefined] : []) : nodes.slice(placeAfter(nodes, afterNode));
    const now = left.slice(0, most);
    // The streak grows with each row.
    const counted = { ...job };
    for (const node of now) write(fanOut, counted, node);
    ledger.fanOuts.moveOn(fanOut, now.length < left.length ? now.at(-1) : undefined);
    return now.length;
  }

  function leaveOut(fanOut: FanOut, error: unknown): number {
    ledger.fanOuts.moveOn(fanOut, undefined);
    const job = ledger.jobs.get(fanOut.jobId);
    if (job !== undefined) onBroken(job, errorText(error));
    return 0;
  }

  return {
    begin(fanOut) {
      pending = true;
      ledger.fanOuts.begin(fanOut);
    },
    pending: () => pending,
    spread(write, jobId) {
      for (let most = RUNS_PER_TURN; most > 0; ) {
        const fanOut = ledger.fanOuts.next(jobId);
        if (fanOut === undefined) return;
        most -= apart(
          ledger,
          () => writeSome(fanOut, most, write),
          (error) => leaveOut(fanOut, error),
        );
      }
    },
    look() {
      pending = ledger.fanOuts.next() !== undefined;
    },
  };
}

/** Where the names after this one begin. */
function placeAfter(names: readonly string[], name: string): number {
  const index = names.findIndex((other) => other > name);
  return index === -1 ? names.length : index;
}
