import type { Clock } from "../../kernel/clock.ts";

/** Between two looks; each runner that has answered since is asked again. */
export const BEAT_MS = 1_600;
/** So many looks in a row without a sign make a runner unresponsive: it is known within ten seconds. */
const SILENT_BEATS = 5;

/**
 * How long one runner has said nothing, counted in looks and not in time: where this process was held up, stopped or
 * asleep, or a clock was changed, it did not look, and its silence says nothing.
 */
export interface Heartbeat {
  heard(): void;
  /** A look: answers what there is to do. `ask`: it has answered, ask again. */
  beat(): "ask" | "wait" | "silent";
  silentMs(): number;
}

export function createHeartbeat(): Heartbeat {
  let heard = true;
  let beats = 0;
  return {
    heard() {
      heard = true;
    },
    beat() {
      beats = heard ? 0 : beats + 1;
      if (!heard) return beats < SILENT_BEATS ? "wait" : "silent";
      heard = false;
      return "ask";
    },
    silentMs: () => (heard ? 0 : beats * BEAT_MS),
  };
}

/** Calls `look` at each beat, after a turn in which everything that had arrived was read. Answers how to stop. */
export function startBeating(clock: Clock, look: () => void): () => void {
  let cancelTimer = (): void => {};
  let live = true;
  const arm = (): void => {
    cancelTimer = clock.setTimer(() => setImmediate(beat), BEAT_MS);
  };
  function beat(): void {
    if (!live) return;
    look();
    arm();
  }
  arm();
  return () => {
    live = false;
    cancelTimer();
  };
}
