import type { ChildProcess } from "node:child_process";
import { setPriority } from "node:os";
import { type Clock, delay } from "../kernel/clock.ts";
import { errorText } from "../kernel/errors.ts";
import { bootId } from "../kernel/ids.ts";
import { inputSeen } from "../kernel/turns.ts";
import { watchDeadlines } from "./deadlines.ts";
import type { LogFiles } from "./log/index.ts";
import { createOutput, LATE_OUTPUT_MS, maskPatterns, maskText, type Output } from "./output/index.ts";
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
}

export interface RunningCommand {
  result: Promise<AttemptResult>;
  /** Ends the command; resolves when its tree is gone. Does nothing when it is over or already being ended. */
  cancel(by: string): Promise<void>;
}

/** Why a command is ended from outside. */
type Cause = { outcome: "timed_out" | "silent" } | { outcome: "canceled"; canceledBy: string };
/** How its own process ended. */
type Exit = Pick<AttemptResult, "exitCode" | "signal">;

/** Runs one command. Always ends in one result; never raises. */
export function runAttempt(
  context: AttemptContext,
  spec: CommandSpec,
  onStarted: (identity: ProcessIdentity) => void,
): RunningCommand {
  let stop: (cause: Cause) => void = () => {};
  const stopped = new Promise<Cause>((resolve) => {
    stop = resolve;
  });
  const result = perform(context, spec, onStarted, { stop, stopped });
  return {
    result,
    async cancel(by) {
      stop({ outcome: "canceled", canceledBy: by });
      await result;
    },
  };
}

async function perform(
  context: AttemptContext,
  spec: CommandSpec,
  onStarted: (identity: ProcessIdentity) => void,
  { stop, stopped }: { stop(cause: Cause): void; stopped: Promise<Cause> },
): Promise<AttemptResult> {
  const { clock } = context;
  const startedAtMs = clock.nowMs();
  const masks = maskPatterns(spec.masks ?? []);
  const clean = (text: string): string => maskText(text, masks);
  const output = createOutput({ spec, masks, clock, logFiles: context.logFiles });
  const cgroup = context.cgroups?.open();

  const settle = async (
    how: Pick<AttemptResult, "outcome" | "cleanup"> & Partial<AttemptResult>,
  ): Promise<AttemptResult> => {
    const kept = await output.finish();
    // What may stay is no part of the attempt any more, and outlives this process.
    if (spec.leftovers !== "kill") cgroup?.release();
    cgroup?.remove();
    return {
      attemptKey: spec.attemptKey,
      exitCode: null,
      signal: null,
      ...how,
      startedAtMs,
      endedAtMs: clock.nowMs(),
      ...kept,
    };
  };

  let bytes = 0;
  const spawned = await context.spawn({
    spec,
    cgroup,
    onData(stream, chunk) {
      bytes += chunk.length;
      deadlines.heard();
      output.take(stream, chunk);
    },
  });
  if (spawned instanceof Error) {
    const error = { code: spawned.code, message: clean(spawned.message) };
    return settle({ outcome: "spawn_failed", error, cleanup: { method: [], found: 0, ended: 0, left: [] } });
  }

  const sinceMs = clock.monotonicMs();
  const deadlines = watchDeadlines({ clock, ...spec, onPassed: (outcome) => stop({ outcome }) });
  const { child, pid } = spawned;
  output.connect(spawned.sources);
  const startTime = process.platform === "win32" ? 0 : (context.table.entry(pid)?.startTime ?? 0);
  const born = cgroup?.entered() === true ? cgroup : undefined;
  const tree = treeOf(context, spec, { pid, startTime }, born, clean);
  const exited = exitOf(child, tree);
  if (process.platform === "win32" && spec.limits?.nice !== undefined) setPriority(pid, spec.limits.nice);
  const identity = { pid, startTime: startTime === 0 ? "" : String(startTime), bootId: bootId() };
  onStarted(identity);

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
  const first = await Promise.race([exited, stopped]);
  deadlines.stop();
  stopObserving();
  share.leave();

  const cause = "outcome" in first ? first : undefined;
  const trouble = await endTree({
    clock,
    tree,
    output,
    spec,
    ended: cause === undefined,
    ranForMs: () => clock.monotonicMs() - sinceMs,
  });
  const exit = "outcome" in first ? await Promise.race([exited, noExit(clock)]) : first;
  await output.close(spec.leftovers !== "kill");
  const resources = sampler.result();
  return settle({
    ...exit,
    ...(cause ?? { outcome: exit.signal === null ? "exited" : "signaled" }),
    ...(trouble === undefined ? {} : { error: { code: "INTERNAL", message: clean(trouble) } }),
    identity,
    cleanup: tree.statement(),
    ...(resources === undefined ? {} : { resources }),
  });
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

function exitOf(child: ChildProcess, tree: ProcessTree): Promise<Exit> {
  child.on("error", () => {});
  return new Promise((resolve) => {
    child.once("exit", (exitCode, signal) => {
      tree.rootEnded();
      resolve({ exitCode, signal });
    });
  });
}

const noExit = async (clock: Clock): Promise<Exit> => {
  await delay(clock, REAP_MAX_MS);
  await inputSeen();
  return { exitCode: null, signal: null };
};

/** Ends the tree, or what an ended command left behind. Answers what went wrong. */
async function endTree(options: {
  tree: ProcessTree;
  output: Output;
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
  const { tree, output, spec, clock } = options;
  if (spec.leftovers === "allow") return false;
  const sinceMs = clock.monotonicMs();
  const count = (): Promise<number> => tree.countLeftovers(options.ranForMs());
  if ((await count()) === 0) return false;
  await output.drain();
  while (clock.monotonicMs() - sinceMs < LATE_OUTPUT_MS) {
    if ((await count()) === 0) return false;
    await delay(clock, LOOK_AGAIN_MS);
  }
  return (await count()) > 0;
}
