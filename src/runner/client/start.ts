import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, renameSync, statSync } from "node:fs";
import { type Clock, delay } from "../../kernel/clock.ts";
import { CommandCronError, errorText } from "../../kernel/errors.ts";
import { newToken } from "../../kernel/ids.ts";
import type { Logger } from "../../kernel/logger.ts";
import { orUndefined } from "../../kernel/or-undefined.ts";
import { type RunnerInfo, readInfo } from "../info.ts";
import { instanceDir, logFile, privateDir } from "../paths.ts";
import type { Program } from "./program.ts";
import { batchArgv, scopeArgv } from "./scope.ts";

const READY_MAX_MS = 15_000;
const POLL_MS = 15;
const LOG_MAX_BYTES = 262_144;
/**
 * An idle runner should be small: little room for garbage, collection on request, no compiler for what is hotter than it
 * ever gets. Without the quick one, too, a command would cost it a third more.
 */
const NODE_FLAGS = ["--max-semi-space-size=1", "--expose-gc", "--no-warnings", "--no-opt"];
/**
 * The C library shall give memory back, and logs on a device that hangs shall leave threads for everything else. Only the
 * runner itself sees these.
 */
const OWN_ENV = {
  MALLOC_ARENA_MAX: "2",
  MALLOC_MMAP_THRESHOLD_: "65536",
  MALLOC_TRIM_THRESHOLD_: "65536",
  UV_THREADPOOL_SIZE: "32",
};
/** All that Node, the runner and systemd-run need; nothing that opens doors. */
const ENV_NAMES = [
  "PATH",
  "HOME",
  "USER",
  "LANG",
  "TZ",
  "TMPDIR",
  "XDG_RUNTIME_DIR",
  "DBUS_SESSION_BUS_ADDRESS",
  "SystemRoot",
  "SystemDrive",
  "windir",
  "ComSpec",
  "PATHEXT",
  "TEMP",
  "TMP",
  "USERPROFILE",
];

interface StartOptions {
  stateDir: string;
  program: Program;
  clock: Clock;
  logger: Logger;
  nodePath: string;
  env: Record<string, string | undefined>;
  idleMs?: number;
}

/** Starts a runner that outlives this process. Raises RUNNER_UNAVAILABLE when it does not come up. */
export async function startRunner(options: StartOptions): Promise<RunnerInfo> {
  const scope = scopeArgv({
    platform: process.platform,
    root: process.getuid?.() === 0,
    systemd: existsSync("/run/systemd/system"),
    env: options.env,
  });
  const batch = batchArgv({ platform: process.platform, has: existsSync });
  const prefixes = scope.length === 0 ? [batch] : [[...scope, ...batch], batch];
  for (const prefix of prefixes.filter(({ length }) => length > 0)) {
    try {
      return await startWith(prefix, options);
    } catch (error) {
      options.logger.warn(`no runner by ${prefix[0]}: ${errorText(error)}`);
    }
  }
  return startWith([], options);
}

async function startWith(prefix: readonly string[], options: StartOptions): Promise<RunnerInfo> {
  const { stateDir, program, clock } = options;
  const instance = newToken().slice(0, 12);
  privateDir(instanceDir(stateDir, instance));
  const own = ["--state-dir", stateDir, "--instance", instance, "--program", program.hash];
  const [command = "", ...args] = [
    ...prefix,
    options.nodePath,
    ...NODE_FLAGS,
    program.path,
    ...own,
    ...(options.idleMs === undefined ? [] : ["--idle-ms", String(options.idleMs)]),
  ];
  const log = openLog(stateDir);
  let child: ChildProcess;
  try {
    child = spawn(command, args, {
      cwd: stateDir,
      env: {
        ...Object.fromEntries(ENV_NAMES.flatMap((name) => (options.env[name] ? [[name, options.env[name]]] : []))),
        ...OWN_ENV,
      },
      detached: true,
      windowsHide: true,
      stdio: ["ignore", log, log],
    });
  } finally {
    closeSync(log);
  }
  let ended: string | undefined;
  child.once("error", (error) => {
    ended = errorText(error);
  });
  child.once("exit", (code, signal) => {
    ended ??= `it ended at once with ${signal ?? `code ${code}`}`;
  });
  child.unref();
  const untilMs = clock.monotonicMs() + READY_MAX_MS;
  while (ended === undefined && clock.monotonicMs() < untilMs) {
    const info = readInfo(stateDir, instance);
    if (info !== undefined) return info;
    await delay(clock, POLL_MS);
  }
  if (ended === undefined) child.kill("SIGKILL");
  throw new CommandCronError("RUNNER_UNAVAILABLE", {
    got: `${ended ?? "no sign of life"}; its log ends: ${logTail(stateDir)}`,
  });
}

function openLog(stateDir: string): number {
  const path = logFile(stateDir);
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > LOG_MAX_BYTES) renameSync(path, `${path}.1`);
  return openSync(path, "a", 0o600);
}

function logTail(stateDir: string): string {
  const text = orUndefined(() => readFileSync(logFile(stateDir), "utf8")) ?? "";
  return text.trim().split("\n").slice(-3).join(" | ");
}
