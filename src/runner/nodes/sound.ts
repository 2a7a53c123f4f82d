import { OUTCOMES, type Outcome } from "../../../schema/wire/run.ts";
import { checkState, unstarted } from "../../executor/index.ts";
import { ACTION_LINES_MAX, type AttemptResult, HEAD_BYTES, type StateLeft, TAIL_BYTES } from "../../executor/types.ts";
import { isRecord } from "../../kernel/record.ts";

const LINE_MAX = 2_000;
/** Of a command and of its check. */
const FOUND_MAX = 40;
const FOUND_CHARS = 200;

const count = (value: unknown): number =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : 0;
const text = (value: unknown, max = LINE_MAX): string => (typeof value === "string" ? value.slice(0, max) : "");
const texts = (value: unknown, most: number, max = LINE_MAX): string[] =>
  (Array.isArray(value) ? value : []).slice(0, most).map((one) => text(one, max));

/** Bytes in base64, no more of them than the runner here would keep. */
function bytes(value: unknown, max: number, end: boolean): string {
  const all = Buffer.from(typeof value === "string" ? value : "", "base64");
  return (end ? all.subarray(-max) : all.subarray(0, max)).toString("base64");
}

function stream(value: unknown): AttemptResult["stdout"] {
  const given = isRecord(value) ? value : {};
  const head = bytes(given["head"], HEAD_BYTES, false);
  const tail = bytes(given["tail"], TAIL_BYTES, true);
  return { bytes: Math.max(count(given["bytes"]), Buffer.byteLength(tail, "base64")), head, tail };
}

function cleanupOf(value: unknown): AttemptResult["cleanup"] {
  const given = isRecord(value) ? value : {};
  const left = Array.isArray(given["left"]) ? given["left"].filter(isRecord).slice(0, 100) : [];
  const foundCommands = texts(given["foundCommands"], FOUND_MAX, FOUND_CHARS);
  return {
    method: texts(given["method"], 10, 20),
    found: count(given["found"]),
    ended: count(given["ended"]),
    left: left.map(({ pid, command }) => ({ pid: count(pid), command: text(command) })),
    ...(foundCommands.length === 0 ? {} : { foundCommands }),
  };
}

/** A state is kept by the same rules, wherever it was left. */
const stateOf = ({ content, problem }: Record<string, unknown>): StateLeft =>
  typeof content === "string" ? checkState(Buffer.from(content)) : { problem: text(problem) };

/** How many bytes of it are here is counted here. */
function logOf(value: unknown): AttemptResult["log"] {
  const given = isRecord(value) ? value : {};
  const cut = typeof given["cut"] === "string" ? { cut: text(given["cut"]) } : {};
  return { bytes: 0, droppedBytes: count(given["droppedBytes"]), ...cut };
}

/**
 * A result as this side believes it: the fields it knows, no longer than its own runner's, with instants of this clock.
 * `differenceMs`: the node's clock less this one.
 */
export function soundResult(given: AttemptResult, differenceMs: number, sinceMs: number, nowMs: number): AttemptResult {
  const raw: Record<string, unknown> = isRecord(given) ? { ...given } : {};
  const instant = (value: unknown): number => Math.min(nowMs, Math.max(sinceMs, count(value) - differenceMs));
  const outcome = OUTCOMES.find((word) => word === raw["outcome"]) ?? ("lost" satisfies Outcome);
  const error = isRecord(raw["error"])
    ? { code: text(raw["error"]["code"], 60) as never, message: text(raw["error"]["message"]) }
    : undefined;
  const { verify, state, progress, resources } = given;
  return unstarted(text(raw["attemptKey"], 128), nowMs, {
    outcome,
    exitCode: Number.isSafeInteger(raw["exitCode"]) ? (raw["exitCode"] as number) : null,
    signal: typeof raw["signal"] === "string" ? text(raw["signal"], 20) : null,
    startedAtMs: instant(raw["startedAtMs"]),
    endedAtMs: Math.max(instant(raw["startedAtMs"]), instant(raw["endedAtMs"])),
    stdout: stream(raw["stdout"]),
    stderr: stream(raw["stderr"]),
    actionLines: texts(raw["actionLines"], ACTION_LINES_MAX),
    cleanup: cleanupOf(raw["cleanup"]),
    log: logOf(raw["log"]),
    ...(error === undefined ? {} : { error }),
    ...(typeof raw["canceledBy"] === "string" ? { canceledBy: text(raw["canceledBy"], 200) } : {}),
    ...(isRecord(verify) ? { verify } : {}),
    ...(isRecord(state) ? { state: stateOf(state) } : {}),
    ...(isRecord(progress) ? { progress } : {}),
    ...(isRecord(resources) ? { resources } : {}),
  });
}
