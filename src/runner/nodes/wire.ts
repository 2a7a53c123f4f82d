import type { Progress } from "../../../schema/wire/progress.ts";
import type { AttemptResult, ProcessIdentity } from "../../executor/types.ts";
import { isRecord } from "../../kernel/record.ts";
import { hasFields, isCount, isKey, isText, isToRunner, optional, type ToRunner } from "../wire/index.ts";

/** Raised when a request or answer changes its meaning. */
export const NODE_PROTOCOL = 1;
/** A node holds a question for so long when it has no news. */
export const HOLD_MS = 20_000;
/** Kept of an attempt's log on a node, and fetched from there. */
export const NODE_LOG_BYTES = 8 * 1_048_576;

/** What the gateway says: the words of the runner's socket, in one call; the answer is always the whole state. */
export interface NodeRequest {
  protocol: number;
  /** Names the gateway's state directory: attempts of another one are none of its business. */
  owner: string;
  /** The runner that these starts are meant for; another one starts nothing. */
  instance?: string;
  messages: ToRunner[];
  /** What was last heard: answered when there is something else, or `holdMs` is over. */
  heard?: string;
  holdMs: number;
  /** A piece of a log's file, instead of all else; without `file` which there are, and how large. */
  read?: { attemptKey: string; file?: string; offset?: number };
}

export interface NodeAttempt {
  attemptKey: string;
  identity?: ProcessIdentity;
  progress?: Progress;
  /** It is over; its result is among `results` of this answer, or of a later one. */
  over?: boolean;
}

export interface NodeAnswer {
  protocol: number;
  instance: string;
  /** Says of what state this answer is. */
  heard: string;
  version: string;
  nowMs: number;
  attempts: NodeAttempt[];
  results: { result: AttemptResult; files: { name: string; bytes: number }[] }[];
  /** Starts that this node does not allow, and why. */
  refused: { attemptKey: string; message: string }[];
}

/** A file of a log, as both sides name it: no path. */
export const LOG_FILE = /^[\w-][\w.-]{0,100}$/;

const isOffset = (value: unknown): boolean => Number.isSafeInteger(value) && isCount(value);
const isRead = hasFields({
  attemptKey: isKey,
  file: optional((value) => isText(value) && LOG_FILE.test(value)),
  offset: optional(isOffset),
});
const hasRequest = hasFields({
  protocol: isCount,
  owner: (value) => isText(value) && /^[0-9a-f]{8,64}$/.test(value),
  messages: (value) => Array.isArray(value) && value.every(isToRunner),
  holdMs: isCount,
  read: optional(isRead),
});

export const isNodeRequest = (value: unknown): value is NodeRequest => hasRequest(value);

const isRecords = (value: unknown): boolean => Array.isArray(value) && value.every(isRecord);
const hasAnswer = hasFields({
  ...{ protocol: (value) => value === NODE_PROTOCOL, instance: isText, heard: isText, version: isText },
  ...{ nowMs: Number.isSafeInteger, attempts: isRecords, results: isRecords, refused: isRecords },
});

/** Whether an answer has the shape of one; what is in it is looked at one by one. */
export const isNodeAnswer = (value: unknown): value is NodeAnswer => hasAnswer(value);

/** What is wrong with an answer that is none, for whoever operates both sides. */
export const whyUnusable = (value: unknown): string =>
  isRecord(value) && typeof value["protocol"] === "number" && value["protocol"] !== NODE_PROTOCOL
    ? `its plugin speaks protocol ${value["protocol"]}, this one ${NODE_PROTOCOL}: install the same version on both sides`
    : "its answer has no meaning here";
