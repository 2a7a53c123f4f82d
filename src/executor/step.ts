import { setPriority } from "node:os";
import type { Cleanup } from "../../schema/wire/run.ts";
import { type Clock, delay, within } from "../kernel/clock.ts";
import { errorText } from "../kernel/errors.ts";
import { bootId } from "../kernel/ids.ts";
import { inputSeen } from "../kernel/turns.ts";
import { watchDeadlines } from "./deadlines.ts";
import type { LogFiles } from "./log/index.ts";
import { LATE_OUTPUT_MS, type Streams } from "./output/index.ts";
import type { ProgressFiles, ProgressWatch } from "./progress/index.ts";
import type { Shares } from "./shares.ts";
import { COOKIE_NAME, type Spawner } from "./spawn.ts";
import {
  type AttemptCgroup,
  type Cgroups,
  createPosixTree,
  createSampler,
  createWindowsTree,
  observeTree,
  type ProcessTable,
  type ProcessTree,
} from "./tree/index.ts";
import type { AttemptResult, CommandSpec, ProcessIdentity } from "./types.ts";

/** After a kill the system may take a moment to report the end; a process stuck in the kernel never does. */
const REAP_MAX_MS = 2_000;
const LOOK_AGAIN_MS = 20;
/** Who uses this part of a CPU is busy, and who prints so much floods. */
const BUSY_SHARE = 0.25;
const FLOOD_BYTES_PER_MS = 8_000;

/** What attempts of one executor share. */
export interface AttemptContext {
  clock: Clock;
  table: ProcessTable;
  spawn: Spawner;
  shares: Shares;
  cgroups: Cgroups | undefined;
  logFiles: LogFiles | undefined;
  progressFiles: ProgressFiles;
  /** Private directory for what a command is handed as a file. */
  workDir: string;
}

/** Why a process is ended from outside; nobody can tell of one that is lost how it ends. */
type Cause = { outcome: "timed_out" | "silent" | "stalled" | "lost" } | Cancel;
export type Cancel = { outcome: "canceled"; canceledBy: string };
/** How it ended by itself. */
type Exit = Pick<AttemptResult, "exitCode" | "signal">;

/** How one process with its tree ended. */
export type StepEnd = Exit &
  Pick<AttemptResult, "outcome" | "cleanup"> &
  Partial<Pick<AttemptResult, "error" | "canceledBy" | "identity" | "resources">>;

interface StepOptions {
  /** What is started; its key is the cookie of its tree. */
  spec: CommandSpec;
  streams: Streams;
  /** Makes a text fit to be kept. */
  clean(text: string): string;
  /** Hears what is printed, and knows when it moved last. */
  progress?: Pick<ProgressWatch, "printed" | "movedAtMs">;
  onStarted(identity: ProcessIdentity): void;
  /** Resolves when the attempt is to be ended. */
  canceled: Promise<Cancel>;
}

export const NO_CLEANUP: Cleanup = { method: [], found: 0, ended: 0, left: [] };

/** Starts one process of an attempt, and ends its tree. Always ends in one way; never raises. */
export async function runStep(context: AttemptContext, options: StepOptions): Promise<StepEnd> {
  const { clock } = context;
  const { spec, streams, clean, progress } = options;
  const cgroup = context.cgroups?.open();
  const passed = Promise.withResolvers<Cause>();

  let bytes = 0;
  // What a command prints may come in before it is known that it has started.
  let deadlines: ReturnType<typeof watchDeadlines> | undefined;
  const spawned = await context.spawn({
    spec,
    cgroup,
    onData(stream, chunk) {
      bytes += chunk.length;
      deadlines?.heard();
      streams.take(stream, chunk);
      if (stream === "stdout") progress?.printed(chunk);
    },
  });
  if (spawned instanceof Error) {
    cgroup?.remove();
    const error = { code: spawned.code, message: clean(spawned.message) };
    return { outcome: "spawn_failed", exitCode: null, signal: null, error, cleanup: NO_CLEANUP };
  }

  const sinceMs = clock.monotonicMs();
  deadlines = watchDeadlines({
    clock,
    ...spec,
    ...(progress === undefined ? { stallTimeoutMs: 0 } : { movedAtMs: progress.movedAtMs }),
    onPassed: (outcome) => passed.resolve({ outcome }),
  });
  const { pid, startTime } = spawned;
  streams.connect(spawned.sources);
  const born = spawned.grouped ? cgroup : undefined;
  const tree = treeOf(context, spec, { pid, startTime }, born, clean);
  const exited = spawned.exited.then((end) => {
    tree.rootEnded();
    return end;
  });
  if (process.platform === "win32" && spec.limits?.nice !== undefined) setPriority(pid, spec.limits.nice);
  const identity = { pid, startTime: startTime === 0 ? "" : String(startTime), bootId: bootId() };
  options.onStarted(identity);

  const sampler = createSampler(born);
  const share = context.shares.join(pid, spec.limits?.nice);
  let before = { cpuMs: 0, bytes: 0 };
  const stopObserving = observeTree(clock, tree, (members, sinceMs) => {
    sampler.add(members);
    const now = { cpuMs: members.reduce((sum, member) => sum + member.cpuMs, 0), bytes };
    share.seen({
      busy: members.some(({ runnable }) => runnable) || now.cpuMs - before.cpuMs >= BUSY_SHARE * sinceMs,
      floods: now.bytes - before.bytes >= FLOOD_BYTES_PER_MS * sinceMs,
    });
    before = now;
  });
  const unwitnessed: Cause = { outcome: "lost" };
  const first = await Promise.race([exited.then((end) => end ?? unwitnessed), options.canceled, passed.promise]);
  deadlines.stop();
  stopObserving();
  share.leave();

  const cause = "outcome" in first ? first : undefined;
  const trouble = await endTree({
    clock,
    tree,
    streams,
    spec,
    ended: cause === undefined,
    ranForMs: () => clock.monotonicMs() - sinceMs,
  });
  const exit = "outcome" in first ? ((await within(clock, REAP_MAX_MS, exited, noExit)) ?? NO_EXIT) : first;
  await streams.close(spec.leftovers !== "kill");
  const resources = sampler.result();
  // What may stay is no part of the attempt any more, and outlives this process.
  if (spec.leftovers !== "kill") cgroup?.moveOut();
  cgroup?.remove();
  return {
    ...exit,
    ...(cause ?? { outcome: exit.signal === null ? "exited" : "signaled" }),
    ...(trouble === undefined ? {} : { error: { code: "INTERNAL", message: clean(trouble) } }),
    identity,
    cleanup: tree.statement(),
    ...(resources === undefined ? {} : { resources }),
  };
}

function treeOf(
  context: AttemptContext,
  spec: CommandSpec,
  root: { pid: number; startTime: number },
  cgroup: AttemptCgroup | undefined,
  clean: (text: string) => string,
): ProcessTree {
  if (process.platform === "win32") return createWindowsTree(root.pid);
  const { table, clock } = context;
  const cookie = `${COOKIE_NAME}=${spec.attemptKey}`;
  return createPosixTree({ root, reaped: false, cookie, cgroup, table, clock, clean });
}

const NO_EXIT: Exit = { exitCode: null, signal: null };
const noExit = (): Promise<Exit> => inputSeen().then(() => NO_EXIT);

/** Ends the tree, or what an ended command left behind. Answers what went wrong. */
async function endTree(options: {
  tree: ProcessTree;
  streams: Streams;
  spec: CommandSpec;
  clock: Clock;
  /** True when the command's own process has ended by itself. */
  ended: boolean;
  ranForMs(): number;
}): Promise<string | undefined> {
  const { tree, spec } = options;
  const how = { stopSignal: spec.stopSignal, graceMs: spec.stopGraceMs };
  try {
    if (!options.ended) await tree.end(how);
    // Where that cannot be told just now, ending the tree tries for longer.
    else if (await leavesSomething(options).catch(() => true))
      await (spec.leftovers === "kill" ? tree.end(how) : tree.noteLeftovers());
    return undefined;
  } catch (error) {
    return `the process tree could not be dealt with: ${errorText(error)}`;
  }
}

/** Whatever outlives the command a little, like a `tee` that writes the last lines, may finish by itself. */
async function leavesSomething(options: Parameters<typeof endTree>[0]): Promise<boolean> {
  const { tree, streams, spec, clock } = options;
  if (spec.leftovers === "allow") return false;
  const sinceMs = clock.monotonicMs();
  const count = (): Promise<number> => tree.countLeftovers(options.ranForMs());
  if ((await count()) === 0) return false;
  await streams.drain();
  while (clock.monotonicMs() - sinceMs < LATE_OUTPUT_MS) {
    if ((await count()) === 0) return false;
    await delay(clock, LOOK_AGAIN_MS);
  }
  return (await count()) > 0;
}
