import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Limits } from "../../../schema/wire/policy.ts";

const MOUNTS = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"];

/** The control group of one attempt. Whatever its processes do, they stay in it. */
export interface AttemptCgroup {
  /** Runs `spawn` so that the child is born inside. */
  enter<T>(spawn: () => T): T;
  /** Sets what the host's controllers can; answers the names of these limits. */
  limit(limits: Limits): Set<keyof Limits>;
  pids(): number[];
  populated(): boolean;
  /** Ends everything inside at once. */
  kill(): void;
  usage(): { cpuMs?: number; peakMemoryBytes?: number };
  remove(): void;
}

/** The control groups of one runner. */
export interface Cgroups {
  /** The directory that holds them all. */
  dir: string;
  open(): AttemptCgroup | undefined;
  close(): void;
}

function tryRead(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function tryWrite(path: string, value: string): boolean {
  try {
    writeFileSync(path, value);
    return true;
  } catch {
    return false;
  }
}

/** This process's own place in the version 2 hierarchy, or undefined where there is none. */
export function ownCgroupDir(pid: number | "self" = "self"): string | undefined {
  const mount = MOUNTS.find((path) => existsSync(join(path, "cgroup.controllers")));
  const path = /^0::(.*)$/m.exec(tryRead(`/proc/${pid}/cgroup`) ?? "")?.[1];
  return mount === undefined || path === undefined ? undefined : join(mount, path);
}

/**
 * Takes a control group `<name>-<pid>` below the own one, when the host allows it. A child is placed there by moving this process in
 * for the moment of the spawn: nothing can run outside first, and no helper has to be started.
 */
export function openCgroups(name: string): Cgroups | undefined {
  if (process.platform !== "linux") return undefined;
  const home = ownCgroupDir();
  if (home === undefined) return undefined;
  removeDeserted(home, name);
  const dir = join(home, `${name}-${process.pid}`);
  try {
    mkdirSync(dir);
  } catch {
    return undefined;
  }
  const controllers = (tryRead(join(dir, "cgroup.controllers")) ?? "").split(/\s+/);
  for (const controller of ["memory", "pids"]) {
    if (controllers.includes(controller)) tryWrite(join(dir, "cgroup.subtree_control"), `+${controller}`);
  }
  let serial = 0;
  let stale: string[] = [];

  function sweep(): void {
    stale = stale.filter((path) => !removeTree(path));
  }

  function open(): AttemptCgroup | undefined {
    const path = join(dir, String(++serial));
    try {
      mkdirSync(path);
    } catch {
      return undefined;
    }
    return attemptCgroup(path, home ?? dir, () => {
      stale.push(path);
      sweep();
    });
  }

  const cgroups: Cgroups = {
    dir,
    open,
    close() {
      sweep();
      removeTree(dir);
    },
  };
  const trial = open();
  const usable = trial?.enter(() => trial.pids().includes(process.pid)) ?? false;
  trial?.remove();
  if (usable) return cgroups;
  cgroups.close();
  return undefined;
}

/** Removes the empty groups of executors that were killed. */
function removeDeserted(home: string, name: string): void {
  for (const path of subgroups(home)) {
    const pid = new RegExp(`/${name}-(\\d+)$`).exec(path)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) removeTree(path);
  }
}

function attemptCgroup(path: string, home: string, discard: () => void): AttemptCgroup {
  const pids = (): number[] => pidsIn(path);
  return {
    enter(spawn) {
      const entered = tryWrite(join(path, "cgroup.procs"), String(process.pid));
      try {
        return spawn();
      } finally {
        // Should the way back be barred, nothing is killed by this group: see `killCgroup`.
        if (entered) tryWrite(join(home, "cgroup.procs"), String(process.pid));
      }
    },
    limit(limits) {
      const done = new Set<keyof Limits>();
      const set = (name: keyof Limits, file: string): void => {
        const value = limits[name];
        if (value !== undefined && existsSync(join(path, file)) && tryWrite(join(path, file), String(value))) {
          done.add(name);
        }
      };
      set("memoryBytes", "memory.max");
      set("processes", "pids.max");
      return done;
    },
    pids,
    populated: () => /^populated 1/m.test(tryRead(join(path, "cgroup.events")) ?? ""),
    kill() {
      killCgroup(path);
    },
    usage() {
      const cpu = /^usage_usec (\d+)/m.exec(tryRead(join(path, "cpu.stat")) ?? "")?.[1];
      const peak = tryRead(join(path, "memory.peak"));
      return {
        ...(cpu === undefined ? {} : { cpuMs: Math.round(Number(cpu) / 1_000) }),
        ...(peak === undefined ? {} : { peakMemoryBytes: Number(peak) }),
      };
    },
    remove: discard,
  };
}

function subgroups(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? [join(path, entry.name)] : [],
    );
  } catch {
    return [];
  }
}

/** Pids in a group and all groups below it. */
export function pidsIn(path: string): number[] {
  const own = (tryRead(join(path, "cgroup.procs")) ?? "").split("\n").filter((line) => line !== "");
  return [...own.map(Number), ...subgroups(path).flatMap(pidsIn)];
}

/** Ends everything in a group, unless this process itself is in it. Needs Linux 5.14. */
export function killCgroup(path: string): boolean {
  if (pidsIn(path).includes(process.pid)) return false;
  return tryWrite(join(path, "cgroup.kill"), "1");
}

/** Removes a group and those below it. False while processes are inside. */
export function removeTree(path: string): boolean {
  try {
    for (const child of subgroups(path)) removeTree(child);
    rmdirSync(path);
    return true;
  } catch {
    return !existsSync(path);
  }
}
