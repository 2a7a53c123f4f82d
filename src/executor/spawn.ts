import type { ChildProcess } from "node:child_process";
import { closeSync, mkdirSync, openSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import crossSpawn from "cross-spawn";
import type { CommandCronError } from "../kernel/errors.ts";
import { diagnoseCommand, spawnRefusal } from "./diagnose.ts";
import { changedAfterApproval } from "./fingerprint.ts";
import { launcherArgv } from "./launcher.ts";
import { type FifoPool, type OutputSource, readFifo, readStream } from "./output/index.ts";
import type { AttemptCgroup } from "./tree/index.ts";
import type { CommandSpec } from "./types.ts";

/** Inherited by everything the command starts; how escaped processes are recognised. */
export const COOKIE_NAME = "OPENCLAW_COMMAND_CRON_ATTEMPT";

const STREAMS = ["stdout", "stderr"] as const;

interface Spawned {
  child: ChildProcess;
  pid: number;
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
async function openStdio(
  options: Start,
  fds: number[],
  sources: OutputSource[],
): Promise<(number | "pipe" | "ignore")[]> {
  const stdio: (number | "pipe" | "ignore")[] = [options.spec.input ? "pipe" : "ignore"];
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

function launch(options: Start, stdio: (number | "pipe" | "ignore")[]): ChildProcess {
  const { spec, cgroup } = options;
  const posix = process.platform !== "win32";
  const limits = spec.limits;
  const [program = "", ...args] = limits === undefined || !posix ? spec.argv : launcherArgv(spec.argv, limits);
  const start = (): ChildProcess =>
    crossSpawn(program, args, {
      ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
      env: { ...spec.env, [COOKIE_NAME]: spec.attemptKey },
      detached: posix,
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
  return { child, pid, sources };
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
    unlinkSync(path);
  }
}
