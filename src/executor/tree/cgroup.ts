import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemCode } from "../../kernel/errors.ts";
import { orUndefined, succeeds } from "../../kernel/or-undefined.ts";

const RELEASE_ROUNDS = 20;
const MOUNTS = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"];

/** The control group of one attempt. Whatever its processes do, they stay in it. */
export type AttemptCgroup = ReturnType<typeof attemptCgroup>;

/** The control groups of one runner. */
export interface Cgroups {
  /** The directory that holds them all. */
  dir: string;
  open(): AttemptCgroup | undefined;
  close(): void;
}

const tryRead = (path: string): string | undefined => orUndefined(() => readFileSync(path, "utf8"));

const tryWrite = (path: string, value: string): boolean => succeeds(() => writeFileSync(path, value));

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
  // One of an executor that had this pid before may be there still.
  if (!succeeds(() => mkdirSync(dir, { recursive: true }))) return undefined;
  let serial = 0;
  /** There is an account of memory: the controller is not ours to enable. */
  let memory = false;
  let stale: string[] = [];

  function sweep(): void {
    stale = stale.filter((path) => !removeCgroup(path));
  }

  function newGroup(): string | undefined {
    for (;;) {
      const path = join(dir, String(++serial));
      try {
        mkdirSync(path);
        return path;
      } catch (error) {
        if (systemCode(error) !== "EEXIST") return undefined;
      }
    }
  }

  function open(): AttemptCgroup | undefined {
    const path = newGroup();
    if (path === undefined) return undefined;
    return attemptCgroup({ path, home: home ?? dir, memory }, () => {
      stale.push(path);
      sweep();
    });
  }

  const cgroups: Cgroups = {
    dir,
    open,
    close() {
      sweep();
      removeCgroup(dir);
    },
  };
  const trial = open();
  memory = trial !== undefined && existsSync(join(trial.dir, "memory.peak"));
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
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) removeCgroup(path);
  }
}

function attemptCgroup({ path, home, memory }: { path: string; home: string; memory: boolean }, discard: () => void) {
  const populated = (): boolean => /^populated 1/m.test(tryRead(join(path, "cgroup.events")) ?? "");
  let entered = false;
  return {
    dir: path,
    /** Runs `spawn` so that the child is born inside. */
    enter<T>(spawn: () => T): T {
      const inside = tryWrite(join(path, "cgroup.procs"), String(process.pid));
      try {
        return spawn();
      } finally {
        // Should the way back be barred, the group tells and ends nothing: this process is in it.
        entered = inside && tryWrite(join(home, "cgroup.procs"), String(process.pid));
      }
    },
    /** Whether the child, and it alone, is inside. */
    entered: () => entered,
    pids: () => pidsIn(path),
    populated,
    /** Ends everything inside at once. False when the kernel cannot. */
    kill: () => killCgroup(path),
    /** Moves what lives inside out to where this process is: it is no part of the attempt any more. */
    moveOut(): void {
      // One that forks while it is moved leaves its child behind once, not for ever.
      for (let round = 0; round < RELEASE_ROUNDS && populated(); round++) {
        for (const pid of pidsIn(path)) tryWrite(join(home, "cgroup.procs"), String(pid));
      }
    },
    usage(): { cpuMs?: number; peakMemoryBytes?: number } {
      const cpu = /^usage_usec (\d+)/m.exec(tryRead(join(path, "cpu.stat")) ?? "")?.[1];
      const peak = memory ? tryRead(join(path, "memory.peak")) : undefined;
      return {
        ...(cpu === undefined ? {} : { cpuMs: Math.round(Number(cpu) / 1_000) }),
        ...(peak === undefined ? {} : { peakMemoryBytes: Number(peak) }),
      };
    },
    remove: discard,
  };
}

function subgroups(path: string): string[] {
  const entries = orUndefined(() => readdirSync(path, { withFileTypes: true })) ?? [];
  return entries.flatMap((entry) => (entry.isDirectory() ? [join(path, entry.name)] : []));
}

/** Pids in a group and all groups below it. */
function pidsIn(path: string): number[] {
  const own = (tryRead(join(path, "cgroup.procs")) ?? "").split("\n").filter((line) => line !== "");
  return [...own.map(Number), ...subgroups(path).flatMap(pidsIn)];
}

/** Ends everything in a group, unless this process itself is in it. Needs Linux 5.14. */
export function killCgroup(path: string): boolean {
  if (pidsIn(path).includes(process.pid)) return false;
  return tryWrite(join(path, "cgroup.kill"), "1");
}

/** Removes a group and those below it. False while processes are inside. */
export function removeCgroup(path: string): boolean {
  if (removeEmpty(path)) return true;
  const inner = subgroups(path);
  for (const child of inner) removeCgroup(child);
  return inner.length > 0 && removeEmpty(path);
}

const removeEmpty = (path: string): boolean => succeeds(() => rmdirSync(path)) || !existsSync(path);
