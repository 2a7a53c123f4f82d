import type { ChildProcess } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import crossSpawn from "cross-spawn";
import type { CommandCronError } from "../kernel/errors.ts";
import { diagnoseCommand, spawnRefusal } from "./diagnose.ts";
import { changedAfterApproval } from "./fingerprint/index.ts";
import { launcherArgv } from "./launcher.ts";
import { type FifoPool, type OutputSource, readFifo, readStream } from "./output/index.ts";
import type { Ended, Helped, SpawnHelper } from "./spawn-helper.ts";
import type { AttemptCgroup, ProcessTable } from "./tree/index.ts";
import type { CommandSpec } from "./types.ts";

/** Inherited by everything the command starts; how escaped processes are recognised. */
export const COOKIE_NAME = "OPENCLAW_COMMAND_CRON_ATTEMPT";

const STREAMS = ["stdout", "stderr"] as const;

interface Spawned {
  pid: number;
  /** By the process table; 0 where that does not tell. */
  startTime: number;
  /** It was born in its control group. */
  grouped: boolean;
  exited: Promise<Ended>;
  sources: OutputSource[];
}

interface SpawnOptions {
  spec: CommandSpec;
  cgroup: AttemptCgroup | undefined;
  onData(stream: "stdout" | "stderr", chunk: Buffer): void;
}

/** What starts share. */
interface SpawnContext {
  fifos: FifoPool;
  table: ProcessTable;
  helper: SpawnHelper;
  /** For the file that becomes the command's standard input. */
  workDir: string;
}

/** Starts a command in its own session and group, without a shell. Answers what it stumbled over instead of raising. */
export type Spawner = (options: SpawnOptions) => Promise<Spawned | CommandCronError>;

/** One start at a time: where files run short, the first have all they need instead of each a part. */
export function createSpawner(context: SpawnContext): Spawner {
  let turn: Promise<unknown> = Promise.resolve();
  return (options) => {
    const mine = turn.then(() => start({ ...context, ...options }));
    turn = mine;
    return mine;
  };
}

type Start = SpawnContext & SpawnOptions;
type Stdio = (number | "pipe" | "ignore")[];

async function start(options: Start): Promise<Spawned | CommandCronError> {
  const { spec } = options;
  // A launcher, or the shell that Windows goes through, would hide why the command itself cannot start: look first.
  const direct = spec.approved !== undefined || (spec.limits === undefined && process.platform !== "win32");
  const wrong = direct ? undefined : await diagnoseCommand(spec);
  if (wrong !== undefined) return wrong;
  const fds: number[] = [];
  const sources: OutputSource[] = [];
  let failure: unknown;
  let changed: CommandCronError | undefined;
  try {
    const stdio = await openStdio(options, fds, sources);
    // The last thing before the start, so that as little time as can be lies between the two.
    changed = await changedAfterApproval(spec);
    if (changed === undefined) {
      const helped = await startByHelper(options, stdio);
      if (helped !== undefined) return { ...helped, sources };
      const child = launch(options, stdio);
      const { pid } = child;
      if (pid !== undefined) return connect(options, child, pid, sources);
      failure = await new Promise((resolve) => child.once("error", resolve));
    }
  } catch (error) {
    failure = error;
  } finally {
    for (const fd of fds) closeSync(fd);
  }
  for (const source of sources) source.close();
  await Promise.all(sources.map((source) => source.ended));
  return changed ?? (await diagnoseCommand(spec)) ?? spawnRefusal(failure);
}

/** What the child gets as its first three files. Ours are noted in `fds`, to be closed, and in `sources`. */
async function openStdio(options: Start, fds: number[], sources: OutputSource[]): Promise<Stdio> {
  const stdio: Stdio = [options.spec.input ? "pipe" : "ignore"];
  for (const stream of STREAMS) {
    const fifo = await options.fifos.take();
    if (fifo !== undefined) {
      fds.push(fifo.writeFd);
      sources.push(readFifo(fifo, (chunk) => options.onData(stream, chunk)));
    }
    stdio.push(fifo?.writeFd ?? "pipe");
  }
  const inputFd = openInput(options);
  if (inputFd !== undefined) {
    fds.push(inputFd);
    stdio[0] = inputFd;
  }
  return stdio;
}

/** What is started for it: on POSIX the limits are set on the way. */
const argvOf = ({ argv, limits }: CommandSpec): string[] =>
  limits === undefined || process.platform === "win32" ? argv : launcherArgv(argv, limits);

const envOf = ({ env, attemptKey }: CommandSpec): Record<string, string> => ({ ...env, [COOKIE_NAME]: attemptKey });

/** Undefined where it has to be started from here, also to learn what is wrong with it. */
async function startByHelper(options: Start, stdio: Stdio): Promise<Helped | undefined> {
  const { spec, cgroup, helper } = options;
  if (stdio.includes("pipe")) return undefined;
  return helper.start({
    argv: argvOf(spec),
    cwd: spec.cwd,
    env: envOf(spec),
    stdio: stdio as (number | "ignore")[],
    cgroup: cgroup?.dir,
  });
}

function launch(options: Start, stdio: Stdio): ChildProcess {
  const { spec, cgroup } = options;
  const [program = "", ...args] = argvOf(spec);
  const start = (): ChildProcess =>
    crossSpawn(program, args, {
      ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
      env: envOf(spec),
      detached: process.platform !== "win32",
      windowsHide: true,
      stdio,
    });
  return cgroup === undefined ? start() : cgroup.enter(start);
}

function connect(options: Start, child: ChildProcess, pid: number, sources: OutputSource[]): Spawned {
  // A command that does not read its input closes the pipe; that is its own affair.
  child.stdin?.on("error", () => {}).end(options.spec.input);
  for (const stream of STREAMS) {
    const readable = child[stream];
    if (readable !== null) sources.push(readStream(readable, (chunk) => options.onData(stream, chunk)));
  }
  child.on("error", () => {});
  return {
    pid,
    startTime: process.platform === "win32" ? 0 : (options.table.entry(pid)?.startTime ?? 0),
    grouped: options.cgroup?.entered() === true,
    exited: new Promise((resolve) => {
      child.once("exit", (exitCode, signal) => resolve({ exitCode, signal }));
    }),
    sources,
  };
}

/** The input as an open file; text as one that has no name any more: it can be read again through /dev/stdin, unlike a socket. */
function openInput({ spec, workDir }: Start): number | undefined {
  if (spec.inputFile !== undefined) return openSync(spec.inputFile, "r");
  if (!spec.input || process.platform === "win32") return undefined;
  mkdirSync(workDir, { recursive: true, mode: 0o700 });
  const path = join(workDir, `${spec.attemptKey}.in`);
  try {
    writeFileSync(path, spec.input, { mode: 0o600 });
    return openSync(path, "r");
  } finally {
    // Where it could not be written there may be none.
    rmSync(path, { force: true });
  }
}
