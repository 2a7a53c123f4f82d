import type { Limits } from "../../schema/wire/policy.ts";
import type { Progress } from "../../schema/wire/progress.ts";
import type { Cleanup, Outcome, Resources, VerifyEntry } from "../../schema/wire/run.ts";
import type { ErrorCode } from "../kernel/errors.ts";

/** Everything needed to run one attempt. Plain JSON: it crosses the runner's socket. */
export interface CommandSpec {
  /** Names the attempt everywhere: `<runId>.<attempt>`. Also the value of the cookie variable in the child. */
  attemptKey: string;
  argv: string[];
  cwd?: string;
  /** The child's whole environment; nothing is added but the cookie, where state and progress are, and for a check the name of its step. */
  env: Record<string, string>;
  input?: string;
  /** A file that is the input instead. */
  inputFile?: string;
  /** Wall-clock limit, milliseconds; 0 = none. */
  timeoutMs: number;
  /** Ends a command that prints nothing for so long; 0 = never. */
  noOutputTimeoutMs: number;
  /** Ends a command whose progress has not moved for so long; absent or 0 = never. */
  stallTimeoutMs?: number;
  /** Tail kept of each stream, bytes. */
  outputMaxBytes: number;
  stopSignal: NodeJS.Signals;
  stopGraceMs: number;
  leftovers: "kill" | "report" | "allow";
  onGatewayExit: "continue" | "stop";
  /** The check that must pass before a good end is one. */
  verify?: VerifySpec;
  /** What the command finds in the file that OPENCLAW_STATE names: JSON text. */
  state?: string;
  limits?: Limits;
  /** It starts only if nothing of this has changed. */
  approved?: Approved;
  /** Secret values to mask in everything that is kept, also when split across chunks. Never written anywhere. */
  masks?: string[];
  /** Directory for the attempt's log segments; made on first output. */
  logDir: string;
  /** Byte budget of the log; beyond it the middle is dropped and counted. */
  logBudgetBytes: number;
}

/** What was approved of an attempt, for who starts it. */
export interface Approved {
  /** Key of the hashes, base64. */
  key: string;
  /** Variables that are filled from secrets, by the reference that stands for their value. */
  references: Record<string, string>;
  /** Keyed hashes of all that was approved, by name. */
  parts: Record<string, string>;
}

/** The second step of an attempt: it runs in the environment of the first. */
export interface VerifySpec {
  /** The exit codes of the command that it follows. */
  after: number[];
  argv: string[];
  cwd?: string;
  /** Of each try, milliseconds; 0 = none. */
  timeoutMs: number;
  /** How often it may be tried. */
  attempts: number;
  /** Before each further try, milliseconds. */
  delayMs: number;
}

export type Step = "command" | "verify";
/** Tells a check that it is one. */
export const STEP_VARIABLE = "OPENCLAW_STEP";
/** Kept of each stream of a check; the log holds more. */
export const VERIFY_OUTPUT_BYTES = 8_192;

/** Names the file that holds the state. */
export const STATE_VARIABLE = "OPENCLAW_STATE";

/** Names the file to which a command writes how far it is. */
export const PROGRESS_VARIABLE = "OPENCLAW_PROGRESS";

/** What a command left in its state file: something new, or something that cannot be kept. */
export type StateLeft = { content: string } | { problem: string };

/** Names one process beyond pid reuse. */
export interface ProcessIdentity {
  pid: number;
  /** Start time in the kernel's own unit (Linux: clock ticks since boot); empty where unknown. */
  startTime: string;
  bootId: string;
}

/** One stream of an attempt. Head and tail are the exact bytes, base64. */
export interface StreamCapture {
  /** Bytes the command wrote. */
  bytes: number;
  /** First bytes, at most HEAD_BYTES. Empty when the whole stream fits the tail. */
  head: string;
  /** Last bytes, at most min(outputMaxBytes, TAIL_BYTES). */
  tail: string;
}

/** Kept of the beginning of each stream when the tail does not hold it all. */
export const HEAD_BYTES = 8_192;
/** Kept of the end of each stream; the log holds more. */
export const TAIL_BYTES = 65_536;
/** Lines asking a person to act that are kept although they fell between head and tail. */
export const ACTION_LINES_MAX = 12;

/** How one attempt ended. Success and failure have the same shape. */
export interface AttemptResult {
  /** What it says, where that is not what it printed; put there by who reads it. */
  said?: string;
  attemptKey: string;
  outcome: Outcome;
  exitCode: number | null;
  signal: string | null;
  /** Why it could not start, or what else went wrong. */
  error?: { code: ErrorCode; message: string };
  /** Who asked for a cancel. */
  canceledBy?: string;
  startedAtMs: number;
  endedAtMs: number;
  identity?: ProcessIdentity;
  stdout: StreamCapture;
  stderr: StreamCapture;
  /** Lines such as login links and device codes, already masked. */
  actionLines: string[];
  /** Where there was a check and it was begun. */
  verify?: VerifyEntry;
  /** Where it has changed. */
  state?: StateLeft;
  /** What it said last of how far it is. */
  progress?: Progress;
  /** Of all its processes. */
  cleanup: Cleanup;
  resources?: Resources;
  log: { bytes: number; droppedBytes: number; cut?: string };
}

/** Passed to every command where the gateway has them. Everything a program needs to find itself, nothing that opens doors. */
export const MINIMAL_ENV: readonly string[] = [
  "PATH HOME USER LOGNAME SHELL LANG LANGUAGE LC_ALL LC_ADDRESS LC_COLLATE LC_CTYPE LC_IDENTIFICATION",
  "LC_MEASUREMENT LC_MESSAGES LC_MONETARY LC_NAME LC_NUMERIC LC_PAPER LC_TELEPHONE LC_TIME TZ TMPDIR",
  // Windows
  "SystemRoot SystemDrive windir ComSpec PATHEXT TEMP TMP USERPROFILE USERNAME APPDATA LOCALAPPDATA ProgramData",
  "ProgramFiles ProgramFiles(x86) NUMBER_OF_PROCESSORS PROCESSOR_ARCHITECTURE",
].flatMap((names) => names.split(" "));
