import type { Progress } from "../../../schema/wire/progress.ts";
import type { AttemptResult, CommandSpec, ProcessIdentity, Step, VerifySpec } from "../../executor/types.ts";
import { isRecord } from "../../kernel/record.ts";

/** Raised when a message changes its meaning. `hello`, `welcome` and `refused` keep their shape for ever. */
export const PROTOCOL = 2;

/** Gateways that came before it cut the line at a message that they do not understand. */
export const HEARS_PROGRESS = "progress";

export interface RunningAttempt {
  attemptKey: string;
  identity?: ProcessIdentity;
  progress?: Progress;
}

export type ToRunner =
  /** `hears`: messages beyond the first ones that it understands. */
  | { type: "hello"; protocol: number; token: string; owner: string; hears?: string[] }
  /** The input apart from the rest: as text in JSON it may grow sixfold, in base64 by a third. */
  | { type: "start"; spec: Omit<CommandSpec, "input">; inputBase64?: string }
  | { type: "cancel"; attemptKey: string; by: string }
  | { type: "acknowledge"; attemptKey: string }
  /** Are you there? */
  | { type: "ping" }
  /** Take no more attempts; end when the last result is acknowledged. */
  | { type: "drain" }
  /** The gateway stops on purpose: end as soon as nothing runs, instead of waiting for the next one. */
  | { type: "leave" };

export type ToGateway =
  | {
      type: "welcome";
      protocol: number;
      instance: string;
      pid: number;
      running: RunningAttempt[];
      ended: string[];
    }
  | { type: "refused"; code: "STATE_OWNED" | "RUNNER_PROTOCOL"; message: string }
  /** A process of the attempt exists. Without a step it is the command's own. */
  | { type: "started"; attemptKey: string; identity: ProcessIdentity; step?: Step }
  /** What an attempt said of how far it is, for a gateway that hears it. */
  | { type: "progress"; attemptKey: string; progress: Progress }
  | { type: "ended"; result: AttemptResult }
  /** The runner has no such attempt, running or waiting for its acknowledgement. */
  | { type: "unknown"; attemptKey: string }
  /** With why there is no starter, where one should be. */
  | { type: "pong"; withoutStarter?: string };

/** How a spec travels; `unpackSpec` is the way back. */
export const packSpec = ({ input, ...spec }: CommandSpec): Extract<ToRunner, { type: "start" }> => ({
  type: "start",
  spec,
  ...(input === undefined ? {} : { inputBase64: Buffer.from(input).toString("base64") }),
});

export const unpackSpec = ({ spec, inputBase64 }: Extract<ToRunner, { type: "start" }>): CommandSpec => ({
  ...spec,
  ...(inputBase64 === undefined ? {} : { input: Buffer.from(inputBase64, "base64").toString() }),
});

type Check = (value: unknown) => boolean;

export const isText = (value: unknown): value is string => typeof value === "string";
export const isCount: Check = (value) => typeof value === "number" && Number.isFinite(value) && value >= 0;
const isTexts: Check = (value) => Array.isArray(value) && value.every(isText);
const isTextMap: Check = (value) => isRecord(value) && Object.values(value).every(isText);
const oneOf =
  (...words: string[]): Check =>
  (value) =>
    words.includes(value as string);
export const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
/** A record whose fields pass; others it may have, too. */
export const hasFields =
  (fields: Record<string, Check>): Check =>
  (value) =>
    isRecord(value) && Object.entries(fields).every(([name, check]) => check(value[name]));

/** Keys become file names and a variable's value. */
export const isKey = (value: unknown): value is string => typeof value === "string" && /^[\w.-]{1,128}$/.test(value);

const VERIFY: Record<keyof VerifySpec, Check> = {
  after: (value) => Array.isArray(value) && value.every(isCount),
  argv: (value) => isTexts(value) && (value as string[]).length > 0,
  cwd: optional(isText),
  timeoutMs: isCount,
  attempts: isCount,
  delayMs: isCount,
};

const SPEC: Record<Exclude<keyof CommandSpec, "input">, Check> = {
  attemptKey: isKey,
  argv: (value) => isTexts(value) && (value as string[]).length > 0,
  cwd: optional(isText),
  env: isTextMap,
  inputFile: optional(isText),
  timeoutMs: isCount,
  noOutputTimeoutMs: isCount,
  stallTimeoutMs: optional(isCount),
  outputMaxBytes: isCount,
  stopSignal: (value) => typeof value === "string" && /^SIG[A-Z0-9]+$/.test(value),
  stopGraceMs: isCount,
  leftovers: oneOf("kill", "report", "allow"),
  onGatewayExit: oneOf("continue", "stop"),
  verify: optional(hasFields(VERIFY)),
  state: optional(isText),
  limits: optional((value) => isRecord(value) && Object.values(value).every((limit) => typeof limit === "number")),
  approved: optional(hasFields({ key: isText, references: isTextMap, parts: isTextMap })),
  masks: optional(isTexts),
  logDir: isText,
  logBudgetBytes: isCount,
};

const TO_RUNNER: Record<ToRunner["type"], Record<string, Check>> = {
  hello: { protocol: isCount, token: isText, owner: isText, hears: optional(isTexts) },
  start: { spec: hasFields(SPEC), inputBase64: optional(isText) },
  cancel: { attemptKey: isKey, by: isText },
  acknowledge: { attemptKey: isKey },
  ping: {},
  drain: {},
  leave: {},
};

const TO_GATEWAY: Record<ToGateway["type"], Record<string, Check>> = {
  welcome: { protocol: isCount, instance: isText, pid: isCount, running: Array.isArray, ended: isTexts },
  refused: { code: oneOf("STATE_OWNED", "RUNNER_PROTOCOL"), message: isText },
  started: { attemptKey: isKey, identity: isRecord },
  progress: { attemptKey: isKey, progress: isRecord },
  ended: { result: hasFields({ attemptKey: isKey, outcome: isText, stdout: isRecord }) },
  unknown: { attemptKey: isKey },
  pong: { withoutStarter: optional(isText) },
};

function fits(value: unknown, table: Record<string, Record<string, Check>>): boolean {
  if (!isRecord(value) || !isText(value["type"]) || !Object.hasOwn(table, value["type"])) return false;
  return hasFields(table[value["type"]] ?? {})(value);
}

export const isToRunner = (value: unknown): value is ToRunner => fits(value, TO_RUNNER);
export const isToGateway = (value: unknown): value is ToGateway => fits(value, TO_GATEWAY);
