import { isRecord } from "../../kernel/record.ts";
import type { Json } from "./snapshot.ts";

/**
 * The spellings the gateway's `cron.add` and `cron.update` accept beside the canonical ones (its 2026.9.6 create
 * normaliser): padding and letter case of words, `deliver` for `announce`, numbers and booleans as text, epoch
 * milliseconds as `at`. Unlike the gateway nothing is dropped: what does not fit is left for the validator to refuse.
 */

const trimmed = (value: unknown): unknown => (typeof value === "string" ? value.trim() : value);
const lowered = (value: unknown): unknown => (typeof value === "string" ? value.trim().toLowerCase() : value);

const toNumber = (value: unknown): unknown =>
  typeof value === "string" && /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) : value;
const floored = (value: unknown): unknown => {
  const number = toNumber(value);
  return typeof number === "number" && number >= 1 ? Math.floor(number) : number;
};
const toBoolean = (value: unknown): unknown => {
  const word = lowered(value);
  return word === "true" ? true : word === "false" ? false : value;
};

type Rewrite = (value: unknown) => unknown;

function rewrite(record: Json, rules: Record<string, Rewrite>): Json {
  const next = { ...record };
  for (const [key, rule] of Object.entries(rules)) if (Object.hasOwn(next, key)) next[key] = rule(next[key]);
  return next;
}

const PAYLOAD_KINDS = new Map<unknown, string>([
  ["agentturn", "agentTurn"],
  ["systemevent", "systemEvent"],
]);
const payloadKind: Rewrite = (value) => {
  const word = lowered(value);
  return PAYLOAD_KINDS.get(word) ?? word;
};

function envNames(value: unknown): unknown {
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, text]) => [name.trim(), text]));
}

const atInstant: Rewrite = (value) => {
  const text = trimmed(value);
  if (typeof text !== "string" || !/^\d{9,16}$/.test(text)) return text;
  const date = new Date(Number(text));
  return Number.isNaN(date.getTime()) ? text : date.toISOString();
};

function schedule(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const next = rewrite(value, {
    kind: lowered,
    at: atInstant,
    expr: trimmed,
    tz: trimmed,
    job: trimmed,
    on: lowered,
    everyMs: floored,
    anchorMs: floored,
    staggerMs: floored,
  });
  if (next["tz"] === "") delete next["tz"];
  return next;
}

const deliveryMode: Rewrite = (value) => (lowered(value) === "deliver" ? "announce" : lowered(value));
const destination = { mode: deliveryMode, channel: lowered, to: trimmed, accountId: trimmed, threadId: trimmed };
const nested =
  (rules: Record<string, Rewrite>): Rewrite =>
  (value) =>
    isRecord(value) ? rewrite(value, rules) : value;

const delivery: Rewrite = nested({
  ...destination,
  failureDestination: nested(destination),
  completionDestination: nested({ mode: lowered, to: trimmed }),
});

const payload: Rewrite = nested({
  kind: payloadKind,
  cwd: trimmed,
  env: envNames,
  outputMaxBytes: floored,
});

const sessionTarget: Rewrite = (value) => {
  const word = lowered(value);
  if (word === "main" || word === "isolated" || word === "current") return word;
  return typeof value === "string" && /^\s*session:/i.test(value)
    ? `session:${value.trim().slice("session:".length).trim()}`
    : value;
};

/** Padding and letter case of tags do not count, nor how often one is given; their order is always the same. */
const tags: Rewrite = (value) => (Array.isArray(value) ? [...new Set(value.map(lowered))].sort() : value);

/** A job or patch in canonical spelling. */
export function normalizeSpelling(raw: Json): Json {
  return rewrite(raw, {
    name: trimmed,
    declarationKey: trimmed,
    displayName: trimmed,
    agentId: lowered,
    sessionKey: trimmed,
    enabled: toBoolean,
    deleteAfterRun: toBoolean,
    sessionTarget,
    wakeMode: lowered,
    tags,
    schedule,
    payload,
    delivery,
    failureAlert: nested({ mode: lowered, channel: lowered, to: trimmed, accountId: trimmed }),
  });
}

const NAME_LENGTH = 60;

const shorten = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1).trimEnd()}…`;

/** The gateway's name for a job without one: the first line of its command, else its schedule. */
function inferredName(job: Json): string {
  const argv = isRecord(job["payload"]) ? job["payload"]["argv"] : undefined;
  const lines = Array.isArray(argv) ? argv.join(" ").replaceAll("\0", "").split("\n") : [];
  const line = lines.map((text) => text.trim()).find((text) => text !== "");
  if (line !== undefined) return shorten(line, NAME_LENGTH);
  const when = isRecord(job["schedule"]) ? job["schedule"] : {};
  if (when["kind"] === "cron" && typeof when["expr"] === "string") return `Cron: ${shorten(when["expr"], 52)}`;
  if (when["kind"] === "every" && typeof when["everyMs"] === "number") return `Every: ${when["everyMs"]}ms`;
  return when["kind"] === "at" ? "One-shot" : "Automation";
}

/**
 * What the gateway fills in for a new command job: name, `isolated`, wake `now`, and `deleteAfterRun` for a one-shot; its
 * delivery, `announce`, is filled in where the config is known. It also spreads top-of-the-hour expressions by up to five minutes; we run them
 * exactly, unless `staggerMs` asks for a spread.
 */
export function applyCreateDefaults(job: Json): Json {
  const next = { ...job };
  if (next["name"] === undefined || next["name"] === "") next["name"] = inferredName(next);
  next["wakeMode"] ??= "now";
  next["sessionTarget"] ??= "isolated";
  if (next["sessionTarget"] === "current" && typeof next["sessionKey"] !== "string") next["sessionTarget"] = "isolated";
  const isOneShot = isRecord(next["schedule"]) && next["schedule"]["kind"] === "at";
  if (isOneShot && next["deleteAfterRun"] === undefined) next["deleteAfterRun"] = true;
  return next;
}
