import type { Clock } from "../../kernel/clock.ts";
import { SECOND_MS } from "../../kernel/durations.ts";
import { errorText } from "../../kernel/errors.ts";
import type { Logger } from "../../kernel/logger.ts";

/** A wait is looked at again at least so often, so that sleep and clock changes are noticed. */
const LOOK_AGAIN_MS = 30 * SECOND_MS;
/** After a lane could not be looked at, which is the ledger's trouble and not the lane's. */
const TROUBLE_MS = 5 * SECOND_MS;

interface Look {
  atMs: number;
  /** When this was noted. A clock that shows less has been set back, and the distance can no longer be trusted. */
  notedAtMs: number;
}

/**
 * Gives turns to lanes: one at a time each, a limited number side by side, in the order in which they came due, so that a
 * long lane cannot keep others from their turn. One timer, and none when nothing waits.
 */
export function createLaneRunner(deps: {
  clock: Clock;
  logger: Logger;
  /** Whether the lane may have its turn beside those that have theirs. */
  hasRoom(lane: string, busy: ReadonlySet<string>): boolean;
  /** A lane could not be looked at (undefined: one could). */
  onLedger?: ((error: unknown | undefined) => void) | undefined;
  /** Does one thing for the lane. Answers when there is more to do; undefined: nothing to come. */
  serve(lane: string): Promise<number | undefined>;
}) {
  const { clock } = deps;
  const agenda = new Map<string, Look>();
  const busy = new Set<string>();
  let idleWaiters: (() => void)[] = [];
  let cancelTimer: (() => void) | undefined;
  let running = false;

  const isDue = ({ atMs, notedAtMs }: Look, nowMs: number): boolean => nowMs >= atMs || nowMs < notedAtMs;

  /** Notes that the lane has something to do from this instant on; of two notes the earlier counts. */
  function note(lane: string, atMs: number): void {
    const known = agenda.get(lane);
    if (known !== undefined && known.atMs <= atMs) return;
    agenda.set(lane, { atMs, notedAtMs: clock.nowMs() });
  }

  /** Serves what is due, and sets the timer for the rest. */
  function pump(): void {
    if (!running) return;
    const nowMs = clock.nowMs();
    for (const [lane, look] of agenda) {
      if (busy.has(lane) || !isDue(look, nowMs) || !deps.hasRoom(lane, busy)) continue;
      agenda.delete(lane);
      busy.add(lane);
      void turn(lane);
    }
    arm(nowMs);
    if (busy.size === 0 && ![...agenda.values()].some((look) => isDue(look, nowMs))) tellIdle();
  }

  async function turn(lane: string): Promise<void> {
    let nextMs: number | undefined;
    try {
      nextMs = await deps.serve(lane);
      deps.onLedger?.(undefined);
    } catch (error) {
      deps.logger.error(`lane ${lane} waits: ${errorText(error)}`);
      deps.onLedger?.(error);
      nextMs = clock.nowMs() + TROUBLE_MS;
    }
    busy.delete(lane);
    if (nextMs !== undefined) note(lane, nextMs);
    if (running) pump();
    else if (busy.size === 0) tellIdle();
  }

  function arm(nowMs: number): void {
    cancelTimer?.();
    cancelTimer = undefined;
    let nextMs = Number.POSITIVE_INFINITY;
    for (const [lane, look] of agenda) {
      // What is due already waits for a turn to end, not for the clock.
      if (!busy.has(lane) && !isDue(look, nowMs)) nextMs = Math.min(nextMs, look.atMs);
    }
    if (nextMs === Number.POSITIVE_INFINITY) return;
    cancelTimer = clock.setTimer(pump, Math.min(nextMs - nowMs, LOOK_AGAIN_MS));
  }

  function tellIdle(): void {
    const waiters = idleWaiters;
    idleWaiters = [];
    for (const done of waiters) done();
  }

  return {
    note,
    pump,
    /** From here on lanes are served; what was noted before is not lost. */
    start(): void {
      running = true;
      pump();
    },
    /** Takes nothing further; what is being served goes on. */
    stop(): void {
      running = false;
      cancelTimer?.();
      cancelTimer = undefined;
    },
    /** Resolves when nothing is being served and nothing is due. */
    idle: (): Promise<void> =>
      new Promise((done) => {
        idleWaiters.push(done);
        if (running) pump();
        else if (busy.size === 0) tellIdle();
      }),
  };
}
