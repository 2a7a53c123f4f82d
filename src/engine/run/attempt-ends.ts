import type { Cleanup, StateEntry } from "../../../schema/wire/run.ts";
import type { AttemptResult } from "../../executor/types.ts";
import { present } from "../../kernel/present.ts";
import type { Ledger, RunRecord } from "../../ledger/types.ts";

const NOTHING = { bytes: 0, head: new Uint8Array(), tail: new Uint8Array() };

/** Writes how an attempt ended, in the caller's transaction. */
export function endAttempt(ledger: Ledger, run: RunRecord, result: AttemptResult, state?: StateEntry): void {
  ledger.attempts.end(run.id, run.attempt, {
    endedAtMs: result.endedAtMs,
    outcome: result.outcome,
    ...(result.exitCode === null ? {} : { exitCode: result.exitCode }),
    ...(result.signal === null ? {} : { signal: result.signal }),
    ...(result.error === undefined ? {} : { errorCode: result.error.code, error: result.error.message }),
    ...present({ canceledBy: result.canceledBy, identity: result.identity, verify: result.verify, state }),
    ...present({ progress: result.progress }),
    stdout: streamRecord(result.stdout),
    stderr: streamRecord(result.stderr),
    actionLines: result.actionLines,
    cleanup: result.cleanup,
    ...present({ resources: result.resources }),
    log: result.log,
  });
}

/** Writes `lost` on an attempt that has no end yet, so that every attempt ends exactly once. */
export function endAttemptAsLost(
  ledger: Ledger,
  run: Pick<RunRecord, "id" | "attempt">,
  nowMs: number,
  cleanup?: Cleanup,
): void {
  ledger.attempts.end(run.id, run.attempt, {
    endedAtMs: nowMs,
    outcome: "lost",
    stdout: NOTHING,
    stderr: NOTHING,
    actionLines: [],
    log: { bytes: 0, droppedBytes: 0 },
    ...present({ cleanup }),
  });
}

/** The run of this attempt, unless it was settled before. */
export function runningRun(
  ledger: Ledger,
  { runId, attempt }: { runId: string; attempt: number },
): RunRecord | undefined {
  const run = ledger.runs.get(runId);
  return run?.status === "running" && run.attempt === attempt ? run : undefined;
}

const streamRecord = (stream: AttemptResult["stdout"]) => ({
  bytes: stream.bytes,
  head: Buffer.from(stream.head, "base64"),
  tail: Buffer.from(stream.tail, "base64"),
});
