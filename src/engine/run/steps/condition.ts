import type { Condition } from "../../../../schema/wire/condition.ts";
import { DEFAULT_PROGRESS } from "../../../../schema/wire/progress.ts";
import type { AttemptResult } from "../../../executor/types.ts";
import type { JobRecord } from "../../../ledger/types.ts";
import {
  conditionAt,
  conditionText,
  isNews,
  meaningOf,
  readStatus,
  type Said,
  stoppedError,
  unknownStatus,
} from "../../../policy/run/index.ts";
import { lastBytes, safeText } from "../../../policy/text/index.ts";

/** What a run of a status job found. */
export interface Judged {
  condition: Condition;
  /** It is to be said. */
  news: boolean;
}

const LINE_BYTES = 400;

const textOf = (stream: AttemptResult["stdout"]): string => safeText(Buffer.from(stream.tail, "base64"));

function lastLine(stream: AttemptResult["stderr"]): string | undefined {
  const line = textOf(stream).trim().split("\n").at(-1)?.trim();
  return line === undefined || line === "" ? undefined : lastBytes(line, LINE_BYTES);
}

/** A command that did not end well says nothing of what it looks after. */
function said({ stdout, stderr, outcome, exitCode }: AttemptResult, good: boolean): { said: Said; problem?: string } {
  const last = lastLine(stderr);
  if (!good) {
    const how =
      outcome === "exited" ? `the status command exited with code ${exitCode}` : `the status command: ${outcome}`;
    return { said: unknownStatus(last ?? how) };
  }
  const whole = Buffer.byteLength(stdout.tail, "base64") >= stdout.bytes;
  const read = whole ? readStatus(textOf(stdout)) : { problem: "it printed more than is kept" };
  if (!("problem" in read)) return { said: read };
  const problem = last ?? read.problem;
  return { said: unknownStatus(problem), problem };
}

/**
 * An attempt of a job whose command tells of something else, judged by what it says: neither running nor completed is a
 * failure, and so is what breaks the contract. Any other job's attempt stays as it is.
 */
export function judgeCondition(
  job: JobRecord | undefined,
  result: AttemptResult,
): { result: AttemptResult; judged?: Judged } {
  const policy = job?.definition.policy;
  if (job === undefined || policy?.contract === undefined) return { result };
  if (result.outcome === "canceled" || result.outcome === "lost" || result.error?.code === "CHANGED_AFTER_APPROVAL")
    return { result };
  const good = result.outcome === "exited" && meaningOf(result.exitCode, policy.exitCodes) === "ok";
  const { said: words, problem } = said(result, good);
  const condition = conditionAt(words, job.condition, result.endedAtMs);
  const { reportEverySeconds = DEFAULT_PROGRESS.reportEverySeconds } = policy.progress ?? {};
  const judged = { condition, news: isNews(condition, job.condition, reportEverySeconds) };
  if (!good) return { result, judged };
  const message = problem === undefined ? stoppedError(words) : `the status is unknown: ${problem}`;
  const told = { ...result, said: problem === undefined ? conditionText(words) : "" };
  if (message === undefined) return { result: told, judged };
  return { result: { ...told, outcome: "status_failed", error: { code: "INTERNAL", message } }, judged };
}

/** It is done, and was not the last time. */
export const completes = ({ condition }: Judged, job: JobRecord | undefined): boolean =>
  condition.completed && job?.condition?.completed !== true;
