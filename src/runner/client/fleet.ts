import {
  killCgroup,
  type Orphan,
  ownCgroupDir,
  reapOrphans,
  removeCgroup,
  type Statements,
} from "../../executor/index.ts";
import type { Clock } from "../../kernel/clock.ts";
import { CommandCronError } from "../../kernel/errors.ts";
import { forgetInstance, isLiving, listRunners, type RunnerInfo } from "../info.ts";
import { connectLink, type Link } from "./link.ts";

const RETRY_MS = 50;

/** The runners that left a trace in a state directory. */
export function findRunners(stateDir: string, nowMs: number): { living: RunnerInfo[]; dead: RunnerInfo[] } {
  const infos = listRunners(stateDir, nowMs);
  return { living: infos.filter(isLiving), dead: infos.filter((info) => !isLiving(info)) };
}

/** Ends what a dead runner left behind, by identity and cookie and then by control group, and removes its traces. */
export async function buryRunner(stateDir: string, info: RunnerInfo, orphans: readonly Orphan[]): Promise<Statements> {
  const statements = new Map(await reapOrphans(orphans));
  if (info.cgroupDir !== undefined && killCgroup(info.cgroupDir)) {
    const rest = orphans.filter(({ attemptKey }) => (statements.get(attemptKey)?.left.length ?? 0) > 0);
    for (const [key, { ended, left }] of await reapOrphans(rest)) {
      const first = statements.get(key);
      if (first !== undefined) statements.set(key, { ...first, ended: first.ended + ended, left });
    }
  }
  if (info.cgroupDir !== undefined) removeCgroup(info.cgroupDir);
  forgetInstance(stateDir, info.instance);
  return statements;
}

type Connect = Omit<Parameters<typeof connectLink>[0], "clock"> & { clock: Clock };

/** Connects; a runner that has not yet noticed the end of its last gateway is asked again for `patienceMs`. */
export async function connectPatiently(options: Connect, patienceMs: number): Promise<Link> {
  const untilMs = options.clock.monotonicMs() + patienceMs;
  for (;;) {
    try {
      return await connectLink(options);
    } catch (error) {
      const again = error instanceof CommandCronError && error.code !== "RUNNER_PROTOCOL";
      if (!again || options.clock.monotonicMs() >= untilMs || !isLiving(options.info)) throw error;
    }
    await new Promise<void>((resolve) => {
      options.clock.setTimer(resolve, RETRY_MS);
    });
  }
}

/** True when runner and gateway sit in one control group of a service, which is ended as a whole. */
export function sharesServiceCgroup(info: RunnerInfo): boolean | undefined {
  if (process.platform !== "linux") return undefined;
  const own = ownCgroupDir();
  if (own === undefined || !own.includes(".service")) return false;
  return ownCgroupDir(info.identity.pid) === own;
}
