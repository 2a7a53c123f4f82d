import { type Clock, delay } from "../../kernel/clock.ts";
import type { Findings } from "./findings.ts";
import { MEMBER_LAYERS, type Members } from "./members.ts";
import { createRecognition, type RecognitionOptions } from "./recognition.ts";
import { signalsTo } from "./signals.ts";
import type { ProcessEntry } from "./table.ts";
import { KILL_MAX_MS, measure, POLL_MAX_MS, type ProcessTree } from "./tree.ts";

/** Up to this age only fresh pids need a look; later the pids may have wrapped. */
const YOUNG_MS = 1_000;
/** A process that forks while the list is read can be missed once: so many readings must come out empty. */
const EMPTY_READINGS = 3;
/** So often in a row what was forked while others were killed is killed as well. */
const CHASES = 50;
/** While somebody cannot be judged, so many readings do not count as empty: a stranger may never be. */
const DOUBTS = 8;
/** After a normal end it is looked at so often again. */
const RECOUNTS = 6;
const RECOUNT_PAUSE_MAX_MS = 8;

export interface ScannedTreeOptions extends RecognitionOptions {
  findings: Findings;
  clock: Clock;
}

/** A tree found by looking at the process table. */
export interface ScannedTree extends ProcessTree {
  /** Alive at the last look at everything. */
  left(): readonly ProcessEntry[];
}

/** One look at everything. */
interface Reading {
  alive: readonly ProcessEntry[];
  /** Nobody else can be there. */
  sure: boolean;
  /** Why nothing could be read; `alive` is then whoever is not known to be gone. */
  failure?: unknown;
}

/**
 * Members are recognised by group, session, cookie and descent. Ending them: stop signal, grace, kill, and again until
 * nobody is found any more.
 */
export function createScannedTree(options: ScannedTreeOptions): ScannedTree {
  const { table, clock, findings, root } = options;
  const recognition = createRecognition(options);
  const { still } = recognition;
  let left: readonly ProcessEntry[] = [];

  function judge(entries: readonly ProcessEntry[]): Members {
    const members = recognition.judge(entries);
    findings.by(members.layers);
    return members;
  }

  /** Who is missing in a whole list is gone. */
  async function read(): Promise<Reading> {
    const { alive, undecided } = judge(await table.list());
    left = alive;
    findings.count(alive);
    return { alive, sure: undecided === 0 };
  }

  async function look(): Promise<Reading> {
    try {
      return await read();
    } catch (failure) {
      left = recognition.mayLive(left);
      if (recognition.rootIsOwn()) findings.count(left);
      return { alive: left, sure: false, failure };
    }
  }

  const signal = signalsTo({ root, table, still });

  /** Waits until nobody is alive, at most `graceMs`. */
  async function waitGone(first: Reading, stopSignal: NodeJS.Signals, graceMs: number): Promise<boolean> {
    const untilMs = clock.monotonicMs() + graceMs;
    let reading = first;
    for (let pauseMs = 2, doubts = 0; doubts <= DOUBTS; pauseMs = Math.min(POLL_MAX_MS, pauseMs * 2)) {
      if (!reading.alive.some(still)) {
        const blind = reading.failure !== undefined;
        reading = await look();
        // Those who could not be seen have not been told.
        if (blind) signal(reading.alive, stopSignal, "SIGCONT");
        if (reading.alive.length === 0) {
          if (reading.sure) return true;
          doubts += 1;
        }
      }
      const remainingMs = untilMs - clock.monotonicMs();
      if (remainingMs <= 0) return false;
      await delay(clock, Math.min(pauseMs, remainingMs));
    }
    return false;
  }

  /** Kills what was found, then what was forked in the meantime: one that forks and ends all the time is only ever new. */
  function killAll(found: readonly ProcessEntry[]): void {
    let alive = found;
    for (let chase = 0; chase < CHASES && alive.length > 0; chase++) {
      signal(alive, "SIGKILL");
      const newest = Math.max(...alive.map((entry) => entry.pid));
      alive = judge(table.since(newest) ?? []).alive;
      findings.count(alive);
    }
  }

  /** Answers the last reading. */
  async function killUntilGone(): Promise<Reading> {
    const untilMs = clock.monotonicMs() + KILL_MAX_MS;
    for (let round = 0, empty = 0; clock.monotonicMs() <= untilMs; round++) {
      const reading = await look();
      killAll(reading.alive);
      const sure = reading.sure || (reading.failure === undefined && round >= DOUBTS);
      empty = sure && reading.alive.length === 0 ? empty + 1 : 0;
      if (empty === EMPTY_READINGS) return reading;
      await delay(clock, Math.min(POLL_MAX_MS, 2 ** Math.min(round, 6)));
    }
    return look();
  }

  return {
    rootEnded: recognition.rootEnded,
    async observe(ranForMs) {
      const fresh = ranForMs < YOUNG_MS ? table.since(root.pid - 1) : undefined;
      return measure(table, judge(fresh ?? (await table.list())).alive);
    },
    async countLeftovers(ranForMs) {
      findings.by(MEMBER_LAYERS);
      const recount = async (): Promise<Members> =>
        judge((ranForMs < YOUNG_MS ? table.since(root.pid) : undefined) ?? (await table.list()));
      let members = await recount();
      for (let again = 0; again < RECOUNTS && members.alive.length === 0 && members.undecided > 0; again++) {
        await delay(clock, Math.min(RECOUNT_PAUSE_MAX_MS, 2 ** again));
        members = await recount();
      }
      return members.alive.length;
    },
    async noteLeftovers() {
      await read();
    },
    async end({ stopSignal, graceMs }) {
      findings.by(["group"]);
      const first = await look();
      if (first.alive.length === 0 && first.sure) return;
      if (stopSignal !== "SIGKILL" && graceMs > 0) {
        // A stopped process acts on its stop signal only once it goes on.
        signal(first.alive, stopSignal, "SIGCONT");
        if (await waitGone(first, stopSignal, graceMs)) return;
      }
      const { failure } = await killUntilGone();
      if (failure === undefined) return;
      findings.count(left);
      throw failure;
    },
    left: () => left,
    statement: () => findings.statement(left),
  };
}
