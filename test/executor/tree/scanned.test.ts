import { describe, expect, it } from "vitest";
import { systemProcessTable } from "../../../src/executor/index.ts";
import { createPosixTree } from "../../../src/executor/tree/posix.ts";
import type { ProcessEntry, ProcessTable } from "../../../src/executor/tree/table.ts";
import { createImpatientClock } from "../../helpers/clock.ts";
import { createBench } from "../../helpers/commands.ts";

const ROOT = 7_000_100;
const HOW = { stopSignal: "SIGTERM", graceMs: 60_000 } as const;

interface Proc {
  pid: number;
  pgrp: number;
  /** Undefined while it cannot be judged. */
  cookie(): boolean | undefined;
  endsBy: NodeJS.Signals[];
}

/** A system of few processes, whose waits are over at once and have taken their time all the same. */
function createWorld(options: { unreadable?: () => boolean } = {}) {
  const clock = createImpatientClock();
  const procs = new Map<number, Proc>();
  const sent: string[] = [];
  const unreadable = (): boolean => options.unreadable?.() ?? false;
  const row = ({ pid, pgrp }: Proc): ProcessEntry => {
    return { pid, ppid: 1, pgrp, session: pgrp, state: "S", startTime: 1_000, cpuMs: 0 };
  };
  const readable = (): Proc[] => (unreadable() ? [] : [...procs.values()]);
  const table: ProcessTable = {
    async list() {
      if (unreadable()) throw new Error("EMFILE: too many open files");
      return readable().map(row);
    },
    since: (pid) => readable().flatMap((proc) => (proc.pid > pid ? [row(proc)] : [])),
    entry: (pid) => readable().flatMap((proc) => (proc.pid === pid ? [row(proc)] : []))[0],
    carries: (pid) => procs.get(pid)?.cookie(),
    commandOf: (pid) => `command ${pid}`,
    memoryOf: () => undefined,
    signal(pid, signal) {
      const hit = [...procs.values()].filter((proc) => (pid < 0 ? proc.pgrp === -pid : proc.pid === pid));
      if (signal !== 0) sent.push(`${signal} ${pid}`);
      for (const proc of hit) if (proc.endsBy.some((name) => name === signal)) end(proc.pid);
      return hit.length > 0;
    },
  };
  const tree = createPosixTree({
    root: { pid: ROOT, startTime: 1_000 },
    reaped: false,
    cookie: "COOKIE=mine",
    table,
    clock,
    clean: (text) => text,
  });

  function start(pid: number, more: Partial<Proc> = {}): void {
    procs.set(pid, { pid, pgrp: pid, cookie: () => true, endsBy: ["SIGTERM", "SIGKILL"], ...more });
  }

  function end(pid: number): void {
    procs.delete(pid);
    if (pid === ROOT) tree.rootEnded();
  }

  return { tree, start, sent, alive: () => [...procs.keys()], nowMs: clock.nowMs };
}

describe("a process that cannot be killed", () => {
  it("stands in the statement, even when nobody newer than it is there", async () => {
    const { tree, start } = createWorld();
    start(ROOT, { endsBy: [] });
    start(ROOT + 1, { pgrp: ROOT });
    await tree.end(HOW);
    const left = [{ pid: ROOT, command: `command ${ROOT}` }];
    expect(tree.statement()).toMatchObject({ found: 2, ended: 1, left });
  });
});

describe("a tree on a system that does not list its processes", () => {
  const forever = { unreadable: () => true };

  it("is signalled by its group, first gently", async () => {
    const world = createWorld(forever);
    world.start(ROOT);
    await expect(world.tree.end(HOW)).rejects.toThrow("EMFILE");
    expect(world.alive()).toEqual([]);
    expect(world.sent).toEqual([`SIGTERM ${-ROOT}`, `SIGCONT ${-ROOT}`]);
    expect(world.tree.statement()).toMatchObject({ found: 1, ended: 1, left: [] });
  });

  it("is killed after the grace", async () => {
    const world = createWorld(forever);
    world.start(ROOT, { endsBy: ["SIGKILL"] });
    await expect(world.tree.end({ ...HOW, graceMs: 200 })).rejects.toThrow("EMFILE");
    expect(world.alive()).toEqual([]);
    expect(world.sent).toEqual([`SIGTERM ${-ROOT}`, `SIGCONT ${-ROOT}`, `SIGKILL ${-ROOT}`]);
  });

  it("is never stated as gone while its root lives, nor who was seen and still answers", async () => {
    let blind = true;
    const world = createWorld({ unreadable: () => blind });
    world.start(ROOT, { endsBy: [] });
    await expect(world.tree.end(HOW)).rejects.toThrow("EMFILE");
    expect(world.tree.statement()).toMatchObject({ found: 1, ended: 0, left: [{ pid: ROOT }] });
    blind = false;
    world.start(ROOT + 1, { endsBy: [] });
    await world.tree.noteLeftovers();
    blind = true;
    await expect(world.tree.end(HOW)).rejects.toThrow("EMFILE");
    expect(world.tree.statement().left.map(({ pid }) => pid)).toEqual([ROOT, ROOT + 1]);
  });

  it("is never stated as gone while its group is there, which gets no signal once the root was reaped", async () => {
    const world = createWorld(forever);
    world.start(ROOT);
    world.start(ROOT + 1, { pgrp: ROOT, endsBy: ["SIGKILL"] });
    await expect(world.tree.end(HOW)).rejects.toThrow("EMFILE");
    expect(world.sent).toEqual([`SIGTERM ${-ROOT}`, `SIGCONT ${-ROOT}`]);
    expect(world.tree.statement()).toMatchObject({ found: 1, ended: 0, left: [{ pid: ROOT }] });
  });

  it("is hunted as soon as it does", async () => {
    const world: ReturnType<typeof createWorld> = createWorld({ unreadable: () => world.nowMs() < 3_000 });
    world.start(ROOT);
    world.start(ROOT + 1);
    await world.tree.end(HOW);
    expect(world.alive()).toEqual([]);
    expect(world.sent).toEqual([`SIGTERM ${-ROOT}`, `SIGCONT ${-ROOT}`, `SIGKILL ${ROOT + 1}`]);
    expect(world.tree.statement()).toMatchObject({ found: 2, ended: 2, left: [] });
  });
});

describe.skipIf(process.platform === "win32")(
  "a real command whose system does not list processes for a moment",
  () => {
    it.each([
      ["at its time limit", "exec sleep 300", 30, { outcome: "timed_out", signal: "SIGTERM" }],
      ["after a normal end", "sleep 300 & exit 3", 60_000, { outcome: "exited", exitCode: 3 }],
    ])("is ended %s, with all it left", async (_, line, timeoutMs, result) => {
      const table = systemProcessTable();
      let readings = 0;
      const list = async (): Promise<ProcessEntry[]> => {
        readings += 1;
        if (readings <= 4) throw new Error("EMFILE: too many open files");
        return table.list();
      };
      const bench = createBench({ table: { ...table, list, since: () => undefined } });
      const ended = await bench.run(line, { timeoutMs });
      expect(readings).toBeGreaterThan(4);
      expect(ended).toMatchObject({ ...result, cleanup: { found: 1, ended: 1, left: [] } });
      expect(ended.error).toBeUndefined();
      bench.close();
    });
  },
);

describe("the grace", () => {
  it("is not over while somebody cannot be judged, in the middle of an exec", async () => {
    const world: ReturnType<typeof createWorld> = createWorld();
    world.start(ROOT);
    world.start(ROOT + 1, { cookie: () => (world.nowMs() < 100 ? undefined : true) });
    await world.tree.end(HOW);
    expect(world.alive()).toEqual([]);
    expect(world.tree.statement()).toMatchObject({ found: 2, ended: 2, left: [] });
  });

  it("is over soon when that one can never be judged", async () => {
    const world = createWorld();
    world.start(ROOT);
    world.start(ROOT + 1, { cookie: () => undefined });
    await world.tree.end(HOW);
    expect(world.alive()).toEqual([ROOT + 1]);
    expect(world.nowMs()).toBeLessThan(1_000);
  });

  it("ends with the tree, and nobody is looked for any more", async () => {
    const world = createWorld();
    world.start(ROOT);
    await world.tree.end(HOW);
    expect(world.nowMs()).toBeLessThan(10);
    expect(world.sent).toEqual([`SIGTERM ${-ROOT}`, `SIGCONT ${-ROOT}`]);
  });
});

describe("who is left after a normal end", () => {
  it.each<[string, pid: number, judgedAtMs: number, ranForMs: number, number]>([
    ["counts", ROOT + 1, 0, 0, 1],
    ["in the middle of an exec counts", ROOT + 1, 5, 0, 1],
    ["and can never be judged does not count", ROOT + 1, Number.POSITIVE_INFINITY, 0, 0],
    ["of a young command has no older pid", ROOT - 1, 0, 999, 0],
    ["of a command that may have seen pids begin anew counts with any pid", ROOT - 1, 0, 1_000, 1],
  ])("%s", async (_, pid, judgedAtMs, ranForMs, count) => {
    const world: ReturnType<typeof createWorld> = createWorld();
    world.start(pid, { cookie: () => (world.nowMs() < judgedAtMs ? undefined : true) });
    world.tree.rootEnded();
    expect(await world.tree.countLeftovers(ranForMs)).toBe(count);
    expect(world.nowMs()).toBeLessThan(100);
  });
});
