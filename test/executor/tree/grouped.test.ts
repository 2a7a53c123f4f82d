import { describe, expect, it } from "vitest";
import type { AttemptCgroup } from "../../../src/executor/tree/cgroup.ts";
import { createPosixTree } from "../../../src/executor/tree/posix.ts";
import type { ProcessEntry, ProcessTable } from "../../../src/executor/tree/table.ts";
import { createImpatientClock } from "../../helpers/clock.ts";

const ROOT = 7_000_100;
const HOW = { stopSignal: "SIGTERM", graceMs: 60_000 } as const;

interface Proc {
  inside: boolean;
  cookie: boolean;
  pgrp: number;
  ppid: number;
  endsBy: NodeJS.Signals[];
}

/** A control group, and a system of few processes, none of which can be told by more than what it is given. */
function createWorld(options: { kernelKills?: boolean; unseen?: () => boolean } = {}) {
  const clock = createImpatientClock();
  const procs = new Map<number, Proc>();
  const sent: string[] = [];
  const inside = (): number[] => [...procs].filter(([, proc]) => proc.inside).map(([pid]) => pid);
  const unseen = (): boolean => options.unseen?.() ?? false;
  const row = (pid: number): ProcessEntry | undefined => {
    const proc = procs.get(pid);
    if (proc === undefined) return undefined;
    return { pid, ppid: proc.ppid, pgrp: proc.pgrp, session: proc.pgrp, state: "S", startTime: 1_000, cpuMs: 0 };
  };
  const end = (pid: number): void => {
    procs.delete(pid);
    if (pid === ROOT) tree.rootEnded();
  };
  const table: ProcessTable = {
    list: async () => [...procs.keys()].flatMap((pid) => row(pid) ?? []),
    since: () => undefined,
    entry: row,
    carries: (pid) => procs.get(pid)?.cookie,
    commandOf: (pid) => `command ${pid}`,
    memoryOf: () => undefined,
    signal(pid, signal) {
      if (signal !== 0) sent.push(`${signal} ${pid}`);
      const hit = [...procs].filter(([own, proc]) => (pid < 0 ? proc.pgrp === -pid : own === pid));
      for (const [own, proc] of hit) if (proc.endsBy.some((name) => name === signal)) end(own);
      return hit.length > 0;
    },
  };
  const cgroup: AttemptCgroup = {
    enter: (spawn) => spawn(),
    dir: "",
    entered: () => true,
    pids: () => (unseen() ? [] : inside()),
    populated: () => unseen() || inside().length > 0,
    kill() {
      if (options.kernelKills === false) return false;
      sent.push("kill");
      for (const pid of inside()) if (procs.get(pid)?.endsBy.includes("SIGKILL")) end(pid);
      return true;
    },
    moveOut() {},
    usage: () => ({}),
    remove() {},
  };
  const tree = createPosixTree({
    root: { pid: ROOT, startTime: 1_000 },
    reaped: false,
    cookie: "COOKIE=mine",
    cgroup,
    table,
    clock,
    clean: (text) => text,
  });
  /** A process that shows nothing of where it comes from but that it is in the group. */
  const start = (pid: number, more: Partial<Proc> = {}): void => {
    procs.set(pid, { inside: true, cookie: false, pgrp: pid, ppid: 1, endsBy: ["SIGTERM", "SIGKILL"], ...more });
  };
  start(ROOT);
  return { tree, start, sent, end, alive: () => [...procs.keys()], nowMs: clock.nowMs };
}

describe("a tree known by its control group", () => {
  it("is signalled gently, and is gone when the group is empty", async () => {
    const world = createWorld();
    world.start(ROOT + 1);
    world.start(ROOT + 2, { pgrp: ROOT });
    await world.tree.end(HOW);
    expect(world.alive()).toEqual([]);
    expect(world.sent).toEqual([`SIGTERM ${-ROOT}`, `SIGCONT ${-ROOT}`, `SIGTERM ${ROOT + 1}`, `SIGCONT ${ROOT + 1}`]);
    expect(world.tree.statement()).toEqual({
      method: ["group", "cgroup"],
      found: 3,
      ended: 3,
      left: [],
      foundCommands: [`command ${ROOT}`, `command ${ROOT + 1}`, `command ${ROOT + 2}`],
    });
    expect(world.nowMs()).toBeLessThan(100);
  });

  it("is killed by the kernel after the grace, strangers left alone", async () => {
    const world = createWorld();
    world.start(ROOT + 1, { endsBy: ["SIGKILL"] });
    world.start(ROOT + 2, { inside: false });
    await world.tree.end({ ...HOW, graceMs: 500 });
    expect(world.alive()).toEqual([ROOT + 2]);
    expect(world.sent.at(-1)).toBe("kill");
    expect(world.nowMs()).toBeGreaterThanOrEqual(500);
    expect(world.tree.statement()).toMatchObject({ found: 2, ended: 2, left: [] });
  });

  it("is killed one by one where the kernel cannot kill a group", async () => {
    const world = createWorld({ kernelKills: false });
    world.start(ROOT + 1, { endsBy: ["SIGKILL"] });
    await world.tree.end({ ...HOW, graceMs: 200 });
    expect(world.alive()).toEqual([]);
    expect(world.sent.at(-1)).toBe(`SIGKILL ${ROOT + 1}`);
  });

  it("is never stated as ended while the group holds somebody", async () => {
    const world = createWorld();
    world.start(ROOT + 1, { endsBy: [] });
    await world.tree.end({ ...HOW, graceMs: 200 });
    const left = [{ pid: ROOT + 1, command: `command ${ROOT + 1}` }];
    expect(world.tree.statement()).toMatchObject({ found: 2, ended: 1, left });
  });

  it("takes along who moved out of the group, by cookie or as the child of a member", async () => {
    const world = createWorld();
    world.start(ROOT + 1, { inside: false, cookie: true });
    world.start(ROOT + 2, { inside: false, ppid: ROOT });
    world.start(ROOT + 3, { inside: false });
    await world.tree.end(HOW);
    expect(world.alive()).toEqual([ROOT + 3]);
    expect(world.tree.statement()).toMatchObject({
      method: ["group", "descent", "cookie", "cgroup"],
      found: 3,
      ended: 3,
      left: [],
    });
  });
});

describe("after a normal end", () => {
  it("nothing is looked for when the group is empty, and everybody in it counts", async () => {
    const world = createWorld();
    world.end(ROOT);
    expect(await world.tree.countLeftovers(0)).toBe(0);
    world.start(ROOT + 1);
    world.start(ROOT + 2);
    expect(await world.tree.countLeftovers(0)).toBe(2);
    await world.tree.noteLeftovers();
    expect(world.tree.statement()).toMatchObject({ method: ["cgroup"], found: 2, ended: 0, left: [{}, {}] });
  });

  it("somebody too quick to be seen is there all the same, waited for and counted", async () => {
    const world: ReturnType<typeof createWorld> = createWorld({ unseen: () => world.nowMs() < 5_000 });
    world.end(ROOT);
    expect(await world.tree.countLeftovers(0)).toBe(1);
    await world.tree.end(HOW);
    expect(world.nowMs()).toBeGreaterThanOrEqual(5_000);
    expect(world.tree.statement()).toMatchObject({ found: 1, ended: 1, left: [] });
  });
});
