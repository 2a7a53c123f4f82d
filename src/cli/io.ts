import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { MAX_TIMER_MS } from "../kernel/clock.ts";
import { CommandCronError, systemCode } from "../kernel/errors.ts";
import {
  askLedger,
  type Connection,
  type GatewayCall,
  type GatewayTarget,
  type LedgerAnswer,
  resolveTarget,
  stateDirHere,
} from "./gateway/index.ts";

interface Output {
  write(data: string | Uint8Array): unknown;
  isTTY?: boolean | undefined;
  columns?: number | undefined;
}

/** How a program ended and what it said; undefined when this host has no such program. */
export type Ran = { code: number; stdout: Buffer; stderr: string } | undefined;

/** Everything the commands touch outside themselves; tests hand in their own. */
export interface CliIo {
  call: GatewayCall;
  /** Answers a read while no gateway does; undefined when it cannot. */
  askLedger(method: string, params: unknown, connection: Connection): Promise<LedgerAnswer | undefined>;
  /** Which gateway a connection means, and where this machine's gateway keeps its state. */
  target(connection: Connection): Promise<Pick<GatewayTarget, "whose" | "stateDir" | "url">>;
  /** Runs a program of this host to its end. It gets what names user, session and language, and nothing else of ours. */
  run(program: string, args: readonly string[]): Promise<Ran>;
  /** This host and the user of this process; without a number where users have none. */
  whoami(): { hostname: string; uid?: number };
  /** The command line, for the one thing that must be known before it can be read: whether errors are wanted as JSON. */
  argv: readonly string[];
  /** The one command of the program that is made; unset: all of them. */
  only?: string;
  stdout: Output;
  stderr: Output;
  /** Sets the exit code the process ends with once its output is written. */
  setExitCode(code: number): void;
  /** Ends the process at once: after help, or when the command line cannot be read. */
  exit(code: number): never;
  nowMs(): number;
  sleep(ms: number): Promise<void>;
  /** `-` is standard input, read to its end however slow it comes. */
  readFile(path: string): Promise<string>;
  /** Names of the plain files in a directory, in order; undefined when the path is no directory. */
  listDirectory(path: string): string[] | undefined;
  /** Names of the directories in a directory, in order. */
  listFolders(path: string): string[];
  /** Puts a text in the place of a file that is there. */
  replaceFile(path: string, text: string): void;
  /** Puts a backup in the place of this machine's ledger; refused while a gateway runs on it. */
  restore(file: string): Promise<{ restored: string; replaced?: string }>;
  /** Refuses to replace a file. */
  writeNewFile(path: string, content: string | Uint8Array): void;
  env: Readonly<Record<string, string | undefined>>;
  /** What a person at the terminal answers; undefined where there is none. */
  ask(question: string): Promise<string | undefined>;
}

/** A file the command line names; raises FILE_INVALID with the system's reason. */
function fileCall<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw fileError(path, error);
  }
}

const fileError = (path: string, error: unknown): CommandCronError =>
  error instanceof CommandCronError
    ? error
    : new CommandCronError("FILE_INVALID", { field: path, got: systemCode(error) ?? "an error", cause: error });

/** Raises FILE_INVALID for bytes that are no UTF-8: other letters in their place would be another command. */
export function utf8Text(bytes: Uint8Array, field: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new CommandCronError("FILE_INVALID", {
      field,
      expected: "UTF-8",
      got: "other bytes: write it in UTF-8 first",
      cause,
    });
  }
}

/** A stream, not the descriptor: that one does not wait once the stream was touched, which the argument parser does. */
async function readStdin(): Promise<string> {
  const { buffer } = await import("node:stream/consumers");
  try {
    return utf8Text(await buffer(process.stdin), "standard input");
  } catch (error) {
    throw fileError("standard input", error);
  }
}

/** A file as it was at one moment. Raises FILE_INVALID when it changes meanwhile: half of it would be the old one. */
function readStable(path: string): string {
  const stamp = (): string => {
    const state = statSync(path);
    return state.isFile() ? `${state.ino} ${state.size} ${state.mtimeMs}` : "";
  };
  const before = stamp();
  const bytes = readFileSync(path);
  if (stamp() === before) return utf8Text(bytes, path);
  throw new CommandCronError("FILE_INVALID", { field: path, got: "a file that changed while it was read" });
}

const RUN_TIMEOUT_MS = 60_000;
const RUN_OUTPUT_BYTES = 16_777_216;
/** What other schedulers' programs need to find their user and session. */
const PASSED = ["PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"];

async function runProgram(program: string, args: readonly string[]): Promise<Ran> {
  const { execFile } = await import("node:child_process");
  const passed = PASSED.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  const env = { ...Object.fromEntries(passed), LC_ALL: "C" };
  return new Promise((resolve, reject) => {
    const options = { encoding: "buffer", env, timeout: RUN_TIMEOUT_MS, maxBuffer: RUN_OUTPUT_BYTES } as const;
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null || typeof error.code === "number") {
        resolve({ code: Number(error?.code ?? 0), stdout, stderr: stderr.toString("utf8") });
      } else if (systemCode(error) === "ENOENT") resolve(undefined);
      else reject(new CommandCronError("ELSEWHERE_REFUSED", { field: program, got: error.message, cause: error }));
    });
  });
}

export function systemIo(call: GatewayCall): CliIo {
  return {
    call,
    askLedger: (method, params, connection) =>
      askLedger(method, params, connection, { env: process.env, cwd: process.cwd() }),
    target: (connection) => resolveTarget(connection, process.env, process.cwd()),
    run: runProgram,
    whoami: () => {
      const uid = process.getuid?.();
      return { hostname: hostname(), ...(uid === undefined ? {} : { uid }) };
    },
    argv: process.argv.slice(2),
    stdout: process.stdout,
    stderr: process.stderr,
    setExitCode(code) {
      process.exitCode = code;
    },
    exit: (code) => process.exit(code),
    nowMs: () => Date.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, Math.min(ms, MAX_TIMER_MS))),
    readFile: async (path) => (path === "-" ? readStdin() : fileCall(path, () => readStable(path))),
    listDirectory: (path) =>
      fileCall(path, () => {
        if (path === "-" || !statSync(path).isDirectory()) return undefined;
        const entries = readdirSync(path, { withFileTypes: true });
        return entries.flatMap((entry) => (entry.isFile() || entry.isSymbolicLink() ? [entry.name] : [])).sort();
      }),
    listFolders: (path) =>
      fileCall(path, () => {
        const entries = readdirSync(path, { withFileTypes: true });
        return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
      }),
    replaceFile: (path, text) => fileCall(path, () => writeFileSync(path, text)),
    writeNewFile: (path, content) => fileCall(path, () => writeFileSync(path, content, { flag: "wx", mode: 0o600 })),
    async restore(file) {
      const { restoreBackup } = await import("../engine/port.ts");
      return restoreBackup({
        stateDir: join(stateDirHere(process.env, process.cwd()), "command-cron"),
        file,
        nowMs: Date.now(),
      });
    },
    env: process.env,
    async ask(question) {
      const { stdin, stderr } = process;
      if (stdin.isTTY !== true || stderr.isTTY !== true) return undefined;
      const { createInterface } = await import("node:readline/promises");
      const asking = createInterface({ input: stdin, output: stderr });
      try {
        return await asking.question(question);
      } finally {
        asking.close();
      }
    },
  };
}
