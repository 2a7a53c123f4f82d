import { describe, expect, it } from "vitest";
import { createPosixTree } from "../../src/executor/tree/posix.ts";
import type { ProcessEntry, ProcessTable } from "../../src/executor/tree/table.ts";
import { createImpatientClock } from "../helpers/clock.ts";

/** Fewer pids than processes, so that every number is given out again and again. */
const PIDS = 12;
const FIRST_PID = 100;
const COOKIE = "COOKIE=mine";

interface Proc extends ProcessEntry {
  mine: boolean;
  cookie: boolean;
}

const seeded = (seed: number) => {
  let state = seed;
  return (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

/** A small system that changes whenever it is looked at: processes end, fork, and strangers get the free pids. */
function createWorld(random: () => number) {
  const procs = new Map<number, Proc>();
  let tick = 1_000;
  const struck: string[] = [];
  const mineOnce = new Set<number>();
  let reused = 0;
  const pick = <T>(list: T[]): T | undefined => list[Math.floor(random() * list.length)];

  /** As in the kernel: a number stays taken while it is somebody's pid, group or session. */
  function freePid(): number | undefined {
    const taken = new Set([...procs.values()].flatMap((proc) => [proc.pid, proc.pgrp, proc.session]));
    return pick(Array.from({ length: PIDS }, (_, index) => FIRST_PID + index).filter((pid) => !taken.has(pid)));
  }

  function fork(parent: Proc | undefined, mine: boolean, own: boolean, cookie: boolean): Proc | undefined {
    const pid = freePid();
    if (pid === undefined) return undefined;
    tick += 1;
    const proc: Proc = {
      pid,
      ppid: parent?.pid ?? 1,
      pgrp: own || parent === undefined ? pid : parent.pgrp,
      session: own || parent === undefined ? pid : parent.session,
      state: "S",
      startTime: tick,
      cpuMs: 0,
      mine,
      cookie,
    };
    procs.set(pid, proc);
    if (mine) mineOnce.add(pid);
    else if (mineOnce.has(pid)) reused += 1;
    return proc;
  }

  function end(proc: Proc): void {
    procs.delete(proc.pid);
    for (const child of procs.values()) if (child.ppid === proc.pid) child.ppid = 1;
  }

  function change(): void {
    for (let round = 0; round < 3; round++) {
      const all = [...procs.values()];
      const dice = random();
      const mine = all.filter((proc) => proc.mine);
      if (dice < 0.25) {
        const victim = pick(all);
        if (victim !== undefined) end(victim);
      } else if (dice < 0.4) {
        const parent = pick(mine);
        if (parent !== undefined) fork(parent, true, random() < 0.3, random() < 0.9);
      } else if (dice < 0.9) {
        const stranger = pick(all.filter((proc) => !proc.mine));
        fork(random() < 0.5 ? stranger : undefined, false, random() < 0.5, false);
      }
    }
  }

  const table: ProcessTable = {
    async list() {
      change();
      return [...procs.values()].map((proc) => ({ ...proc }));
    },
    since: () => undefined,
    entry(pid) {
      change();
      return procs.get(pid);
    },
    carries: (pid) => procs.get(pid)?.cookie ?? false,
    commandOf: () => "",
    memoryOf: () => undefined,
    signal(pid, signal) {
      const hit = [...procs.values()].filter((proc) => (pid < 0 ? proc.pgrp === -pid : proc.pid === pid));
      for (const proc of hit) {
        if (!proc.mine) struck.push(`stranger ${proc.pid} by ${signal} to ${pid}`);
        if (signal === "SIGKILL" || (signal === "SIGTERM" && random() < 0.3)) end(proc);
      }
      return hit.length > 0;
    },
  };
  return {
    table,
    fork,
    end,
    struck,
    reused: () => reused,
    mine: () => [...procs.values()].filter((proc) => proc.mine),
  };
}

describe("a tree whose pids are given to strangers while it is being ended", () => {
  it("never signals a stranger, in ten thousand worlds", async () => {
    let ended = 0;
    let reused = 0;
    for (let seed = 1; seed <= 10_000; seed++) {
      const world = createWorld(seeded(seed));
      const first = world.fork(undefined, true, true, true);
      if (first === undefined) throw new Error("no pid for the root");
      const tree = createPosixTree({
        root: { pid: first.pid, startTime: first.startTime },
        reaped: false,
        cookie: COOKIE,
        table: world.table,
        clock: createImpatientClock(),
        clean: (text) => text,
      });
      for (let round = 0; round < 4; round++) world.fork(first, true, round % 2 === 0, round !== 3);
      await tree.observe(0);
      tree.rootEnded();
      world.end(first);
      await tree.end({ stopSignal: "SIGTERM", graceMs: 20 });
      expect(world.struck, `seed ${seed}`).toEqual([]);
      if (world.mine().length === 0) ended += 1;
      reused += world.reused();
    }
    // The trees must really have been ended, or sparing strangers would prove nothing.
    expect(ended).toBeGreaterThan(5_000);
    expect(reused).toBeGreaterThan(50_000);
  });
});

describe("a root whose end nobody has told of yet", () => {
  it("is not struck when its pid is a stranger's by the time the signal goes out", async () => {
    const row = { pid: 100, ppid: 1, pgrp: 100, session: 100, state: "S", startTime: 10, cpuMs: 0 };
    const stranger = { ...row, startTime: 20 };
    const struck: (string | 0)[] = [];
    let listed = 0;
    const tree = createPosixTree({
      root: { pid: 100, startTime: 10 },
      reaped: false,
      cookie: COOKIE,
      table: {
        list: async () => [listed++ === 0 ? row : stranger],
        since: () => undefined,
        entry: () => stranger,
        carries: () => false,
        commandOf: () => "",
        memoryOf: () => undefined,
        signal: (_pid, signal) => struck.push(signal) > 0,
      },
      clock: createImpatientClock(),
      clean: (text) => text,
    });
    await tree.end({ stopSignal: "SIGTERM", graceMs: 20 });
    expect(struck).toEqual([]);
    expect(tree.statement().left).toEqual([]);
  });
});
