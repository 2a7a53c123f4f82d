import type { Cleanup, Outcome, StateEntry } from "../../../../schema/wire/run.ts";
import { unstarted } from "../../../executor/index.ts";
import type { AttemptResult } from "../../../executor/types.ts";
import type { ErrorCode } from "../../../kernel/errors.ts";
import { present } from "../../../kernel/present.ts";
import type { AttemptRecord, Ledger, RunRecord } from "../../../ledger/types.ts";
import type { KeptStream } from "../../../policy/text/index.ts";
import { attemptKey } from "./spec.ts";

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

/** The end of an attempt as the ledger has it, for a run that is over at `endedAtMs`. */
export function attemptResult(attempt: AttemptRecord, outcome: Outcome, endedAtMs: number): AttemptResult {
  const { exitCode = null, signal = null, startedAtMs, errorCode, error: message = "", actionLines } = attempt;
  const error = errorCode === undefined ? undefined : { code: errorCode as ErrorCode, message };
  return unstarted(attemptKey(attempt.runId, attempt.attempt), endedAtMs, {
    ...{ outcome, exitCode, signal, startedAtMs, actionLines },
    stdout: encoded(attempt.stdout),
    stderr: encoded(attempt.stderr),
    ...present({ error, canceledBy: attempt.canceledBy, verify: attempt.verify, cleanup: attempt.cleanup }),
  });
}

const encoded = ({ bytes, head, tail }: KeptStream): AttemptResult["stdout"] => ({
  bytes,
  head: Buffer.from(head).toString("base64"),
  tail: Buffer.from(tail).toString("base64"),
});

const streamRecord = (stream: AttemptResult["stdout"]) => ({
  bytes: stream.bytes,
  head: Buffer.from(stream.head, "base64"),
  tail: Buffer.from(stream.tail, "base64"),
});
