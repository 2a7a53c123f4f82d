import type { Condition } from "../../../schema/wire/condition.ts";
import { PROGRESS_LEVELS, type ProgressLevel } from "../../../schema/wire/progress.ts";
import { SECOND_MS } from "../../kernel/durations.ts";
import { firstBytes, safeText } from "../text/index.ts";

/** What a status command says, without when. */
export type Said = Omit<Condition, "atMs" | "movedAtMs" | "toldAtMs">;

const MESSAGE_BYTES = 800;
const REASON_BYTES = 200;
const KEY_BYTES = 2_000;
const PROGRESS_SHOWN = 6;
/** What is wrong and stays as it is, is said again no sooner. */
const REPEAT_BAD_MS = 900 * SECOND_MS;

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** One short line; undefined for what is no text or says nothing. */
function line(value: unknown, maxBytes: number): string | undefined {
  if (typeof value !== "string") return undefined;
  const text = safeText(Buffer.from(value)).replace(/\s+/g, " ").trim();
  return text === "" ? undefined : firstBytes(text, maxBytes);
}

/** The same JSON for the same values, in whatever order they were written. */
const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted)
    : isFields(value)
      ? Object.fromEntries(
          Object.keys(value)
            .sort()
            .map((name) => [name, sorted(value[name])]),
        )
      : value;

const isPlain = (value: unknown): value is string | number | boolean =>
  ["string", "number", "boolean"].includes(typeof value);

function shownProgress(progress: Fields): Condition["progress"] {
  const plain = Object.keys(progress)
    .sort()
    .flatMap((name) => {
      const value = progress[name];
      if (!isPlain(value)) return [];
      return [[line(name, REASON_BYTES) ?? "", typeof value === "string" ? (line(value, REASON_BYTES) ?? "") : value]];
    });
  return Object.fromEntries(plain.slice(0, PROGRESS_SHOWN));
}

/** What a status command printed, read; or why it cannot be. Optional fields of another type say nothing. */
export function readStatus(text: string): Said | { problem: string } {
  if (text.trim() === "") return { problem: "it printed nothing" };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: "it printed no JSON" };
  }
  if (!isFields(value)) return { problem: "it printed no JSON object" };
  for (const name of ["running", "completed"]) {
    if (typeof value[name] !== "boolean") return { problem: `\`${name}\` is neither true nor false` };
  }
  const { running, completed, pid, progress, level } = value;
  const key = line(value["progressKey"], KEY_BYTES);
  const derived = isFields(progress) ? firstBytes(JSON.stringify(sorted(progress)), KEY_BYTES) : undefined;
  const [stopReason, message] = [line(value["stopReason"], REASON_BYTES), line(value["message"], MESSAGE_BYTES)];
  const progressKey = key ?? derived;
  return {
    running: running as boolean,
    completed: completed as boolean,
    level: PROGRESS_LEVELS.includes(level as ProgressLevel) ? (level as ProgressLevel) : "ok",
    ...(Number.isInteger(pid) && (pid as number) > 0 ? { pid: pid as number } : {}),
    ...(stopReason === undefined ? {} : { stopReason }),
    ...(isFields(progress) ? { progress: shownProgress(progress) ?? {} } : {}),
    ...(progressKey === undefined ? {} : { progressKey }),
    ...(message === undefined ? {} : { message }),
  };
}

/** What is known when the command itself cannot say: nothing goes on. */
export const unknownStatus = (why: string): Said => ({
  running: false,
  completed: false,
  level: "alert",
  message: firstBytes(why, MESSAGE_BYTES),
});

/** Why it is a failure; undefined for what goes on or is done. */
export function stoppedError({ running, completed, stopReason }: Said): string | undefined {
  if (running || completed) return undefined;
  return `neither running nor completed${stopReason === undefined ? "" : `: ${stopReason}`}`;
}

const stateOf = ({ running, completed }: Said): string => (completed ? "completed" : running ? "running" : "stopped");

/** What is said of it: its state, its words, and how far it is. */
export function conditionText(said: Said): string {
  const { pid, level, message, progress = {} } = said;
  const process = pid === undefined || !said.running ? "" : ` (process ${pid})`;
  const steps = Object.entries(progress).map(([name, value]) => `${name} ${value}`);
  return [
    `${stateOf(said)}${process}${level === "ok" ? "" : `, ${level}`}${message === undefined ? "" : `: ${message}`}`,
    ...(steps.length === 0 ? [] : [steps.join(", ")]),
  ].join("\n");
}

/** It now, with how long nothing has moved. */
export function conditionAt(said: Said, before: Condition | undefined, atMs: number): Condition {
  const still = before !== undefined && before.running === said.running && before.progressKey === said.progressKey;
  // A clock that was set back: nothing has moved in the future.
  const movedAtMs = still ? Math.min(before.movedAtMs, atMs) : atMs;
  return { ...said, atMs, movedAtMs, ...(before?.toldAtMs === undefined ? {} : { toldAtMs: before.toldAtMs }) };
}

/** Whether anything about it is to be said: something else than before, or the same after long enough; that it is done, once. */
export function isNews(now: Condition, before: Condition | undefined, reportEverySeconds: number): boolean {
  if (before === undefined) return true;
  if (now.completed && before.completed) return false;
  const words = (one: Condition): unknown[] => {
    const { running, completed, stopReason, level, message, progressKey } = one;
    return [running, completed, stopReason, level, progressKey, running && level === "ok" ? undefined : message];
  };
  if (JSON.stringify(words(now)) !== JSON.stringify(words(before))) return true;
  const everyMs = reportEverySeconds * SECOND_MS;
  const bad = stoppedError(now) !== undefined || now.level !== "ok";
  const sinceToldMs = now.atMs - (now.toldAtMs ?? Number.NEGATIVE_INFINITY);
  return everyMs > 0 && (sinceToldMs < 0 || sinceToldMs >= (bad ? Math.max(REPEAT_BAD_MS, everyMs) : everyMs));
}
