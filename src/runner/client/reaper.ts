import {
  killCgroup,
  type Orphan,
  ownCgroupDir,
  reapOrphans,
  removeCgroup,
  type Statements,
} from "../../executor/index.ts";
import { type Clock, delay } from "../../kernel/clock.ts";
import { orUndefined } from "../../kernel/or-undefined.ts";
import { isLiving, listRunners, type RunnerInfo, removeInstance } from "../info.ts";

/** A killed process is gone within this, unless it is stuck in the kernel. */
const KILL_MAX_MS = 5_000;
const LOOK_AGAIN_MS = 20;

/** The runners that left a trace in a state directory. */
export function findRunners(stateDir: string, nowMs: number): { living: RunnerInfo[]; dead: RunnerInfo[] } {
  const infos = listRunners(stateDir, nowMs);
  return { living: infos.filter(isLiving), dead: infos.filter((info) => !isLiving(info)) };
}

/**
 * Ends what a runner left behind, by identity and cookie. Of one that is gone also by control group, and its traces are
 * removed.
 */
export async function reapRunner(stateDir: string, info: RunnerInfo, orphans: readonly Orphan[]): Promise<Statements> {
  const statements = new Map(await reapOrphans(orphans));
  if (isLiving(info)) return statements;
  if (info.cgroupDir !== undefined && killCgroup(info.cgroupDir)) {
    const rest = orphans.filter(({ attemptKey }) => (statements.get(attemptKey)?.left.length ?? 0) > 0);
    for (const [key, { ended, left }] of await reapOrphans(rest)) {
      const first = statements.get(key);
      if (first !== undefined) statements.set(key, { ...first, ended: first.ended + ended, left });
    }
  }
  if (info.cgroupDir !== undefined) removeCgroup(info.cgroupDir);
  removeInstance(stateDir, info.instance);
  return statements;
}

export function signalRunner(info: RunnerInfo, signal: NodeJS.Signals): void {
  // It may be gone in between.
  orUndefined(() => process.kill(info.identity.pid, signal));
}

/** Kills a runner that does not answer, so that it starts and reports nothing any more. False when it cannot be killed. */
export async function killRunner(info: RunnerInfo, clock: Clock): Promise<boolean> {
  const untilMs = clock.monotonicMs() + KILL_MAX_MS;
  while (isLiving(info)) {
    if (clock.monotonicMs() >= untilMs) return false;
    signalRunner(info, "SIGKILL");
    await delay(clock, LOOK_AGAIN_MS);
  }
  return true;
}

/** True when runner and gateway sit in one control group of a service, which is ended as a whole. */
export function sharesServiceCgroup(info: RunnerInfo): boolean | undefined {
  if (process.platform !== "linux") return undefined;
  const own = ownCgroupDir();
  if (own === undefined || !own.includes(".service")) return false;
  return ownCgroupDir(info.identity.pid) === own;
}
