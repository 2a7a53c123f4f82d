import { setImmediate as nextTurn } from "node:timers/promises";

/** Work of the drop holds the event loop no longer than about this at a time; the gateway's chats run on it, too. */
const SLICE_MS = 3;

/** Answers a function to be awaited between pieces of work: it lets others run once the slice is used up. */
export function createSlices(): () => Promise<void> | undefined {
  let sinceMs = performance.now();
  return () => {
    if (performance.now() - sinceMs < SLICE_MS) return undefined;
    return nextTurn().then(() => {
      sinceMs = performance.now();
    });
  };
}
