import { setImmediate as nextTurn } from "node:timers/promises";

/**
 * Resolves when everything that had come in by now has been looked at. On a busy host a timer fires before that: whoever
 * judges input by time looks first.
 */
export async function inputSeen(): Promise<void> {
  await nextTurn();
  await nextTurn();
}
