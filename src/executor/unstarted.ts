import type { AttemptResult } from "./types.ts";

/** The result of an attempt for which no process was made. */
export function unstarted(
  attemptKey: string,
  nowMs: number,
  rest: Partial<AttemptResult> & Pick<AttemptResult, "outcome">,
): AttemptResult {
  const nothing = { bytes: 0, head: "", tail: "" };
  return {
    attemptKey,
    exitCode: null,
    signal: null,
    startedAtMs: nowMs,
    endedAtMs: nowMs,
    stdout: nothing,
    stderr: nothing,
    actionLines: [],
    cleanup: { method: [], found: 0, ended: 0, left: [] },
    log: { bytes: 0, droppedBytes: 0 },
    ...rest,
  };
}
