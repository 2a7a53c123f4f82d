import type { Condition } from "../../../schema/wire/condition.ts";
import { PROGRESS_LEVELS, type ProgressLevel } from "../../../schema/wire/progress.ts";
import { SECOND_MS } from "../../kernel/durations.ts";
import { orUndefined } from "../../kernel/or-undefined.ts";
import { present } from "../../kernel/present.ts";
import { isRecord } from "../../kernel/record.ts";
import { firstBytes, safeText } from "../text/index.ts";

/** What a status command says, without when. */
export type Said = Omit<Condition, "atMs" | "movedAtMs" | "toldAtMs">;

const MESSAGE_BYTES = 800;
const REASON_BYTES = 200;
const KEY_BYTES = 2_000;
const PROGRESS_SHOWN = 6;
/** What is wrong and stays as it is, is said again no sooner. */
const REPEAT_BAD_MS = 900 * SECOND_MS;

/** One short line; undefined for what is no text or says nothing. */
function line(value: unknown, maxBytes: number): string | undefined {
  if (typeof value !== "string") return undefined;
  const text = safeText(Buffer.from(value)).replace(/\s+/g, " ").trim();
  return text === "" ? undefined : firstBytes(text, maxBytes);
}

/** The same JSON for the same values, in whatever order they were written. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  return isRecord(value) ? Object.fromEntries(byName(value).map(([name, inner]) => [name, sorted(inner)])) : value;
}

const byName = (fields: Record<string, unknown>): [string, unknown][] =>
  Object.entries(fields).sort(([one], [other]) => (one < other ? -1 : 1));

const isPlain = (value: unknown): value is string | number | boolean =>
  ["string", "number", "boolean"].includes(typeof value);

function shownProgress(progress: Record<string, unknown>): NonNullable<Condition["progress"]> {
  const shown = (value: unknown): unknown => (typeof value === "string" ? (line(value, REASON_BYTES) ?? "") : value);
  const plain = byName(progress)
    .filter(([, value]) => isPlain(value))
    .map(([name, value]) => [line(name, REASON_BYTES) ?? "", shown(value)]);
  return Object.fromEntries(plain.slice(0, PROGRESS_SHOWN));
}

/** What a status command printed, read; or why it cannot be. Optional fields of another type say nothing. */
export function readStatus(text: string): Said | { problem: string } {
  if (text.trim() === "") return { problem: "it printed nothing" };
  const value = orUndefined((): unknown => JSON.parse(text));
  if (value === undefined) return { problem: "it printed no JSON" };
  if (!isRecord(value)) return { problem: "it printed no JSON object" };
  for (const name of ["running", "completed"]) {
    if (typeof value[name] !== "boolean") return { problem: `\`${name}\` is neither true nor false` };
  }
  const { running, completed, pid, progress, level } = value;
  const derived = isRecord(progress) ? firstBytes(JSON.stringify(sorted(progress)), KEY_BYTES) : undefined;
  return {
    running: running as boolean,
    completed: completed as boolean,
    level: PROGRESS_LEVELS.includes(level as ProgressLevel) ? (level as ProgressLevel) : "ok",
    ...present({
      pid: Number.isInteger(pid) && (pid as number) > 0 ? (pid as number) : undefined,
      stopReason: line(value["stopReason"], REASON_BYTES),
      progress: isRecord(progress) ? shownProgress(progress) : undefined,
      progressKey: line(value["progressKey"], KEY_BYTES) ?? derived,
      message: line(value["message"], MESSAGE_BYTES),
    }),
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
