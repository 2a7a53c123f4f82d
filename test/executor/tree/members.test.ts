import { describe, expect, it } from "vitest";
import { decideMembers, type MemberQuestion } from "../../../src/executor/tree/members.ts";
import type { ProcessEntry } from "../../../src/executor/tree/table.ts";

const ROOT = { pid: 100, startTime: 1_000 };
const STRANGER = { ppid: 1, pgrp: 50, session: 50, state: "S", cpuMs: 0 };

/** A process of its own group and session, started after the root, whose parent is nobody here. */
const proc = (pid: number, more: Partial<ProcessEntry> = {}): ProcessEntry => ({
  ...STRANGER,
  pid,
  startTime: 1_000 + pid,
  ...more,
});

function decide(entries: ProcessEntry[], more: Partial<MemberQuestion> = {}) {
  const members = decideMembers({
    entries,
    root: ROOT,
    pinned: false,
    known: new Map(),
    untouchable: new Set(),
    carries: () => false,
    ...more,
  });
  return { ...members, pids: members.all.map(({ pid }) => pid).sort((a, b) => a - b), layers: [...members.layers] };
}

const root = proc(ROOT.pid, { startTime: ROOT.startTime, pgrp: ROOT.pid, session: ROOT.pid });

describe("a process is a member", () => {
  it("when it is the root, by pid and start time", () => {
    expect(decide([root])).toMatchObject({ pids: [100], layers: ["group"] });
    expect(decide([{ ...root, startTime: 1_001 }]).pids).toEqual([]);
  });

  it.each([
    ["group", { pgrp: ROOT.pid, session: 50 }],
    ["session", { pgrp: 7, session: ROOT.pid }],
  ])("by %s, only while nobody else can have got the root's pid", (layer, of) => {
    expect(decide([proc(200, of)], { pinned: true })).toMatchObject({ pids: [200], layers: [layer] });
    expect(decide([proc(200, of)]).pids).toEqual([]);
  });

  it("by the cookie it carries", () => {
    expect(decide([proc(200), proc(201)], { carries: (pid) => pid === 201 })).toMatchObject({
      pids: [201],
      layers: ["cookie"],
    });
  });

  it("when it was recognised before and has the same start time", () => {
    const known = new Map([[200, 1_200]]);
    expect(decide([proc(200)], { known })).toMatchObject({ pids: [200], layers: ["descent"] });
    expect(decide([proc(200, { startTime: 1_201 })], { known }).pids).toEqual([]);
  });

  it("by descent, to any depth and in any order of the list", () => {
    const entries = [proc(203, { ppid: 202 }), proc(202, { ppid: 201 }), proc(201, { ppid: 100 }), root];
    expect(decide(entries)).toMatchObject({ pids: [100, 201, 202, 203], layers: ["group", "descent"] });
  });
});

describe("a process is no member", () => {
  it("when its parent is one that got the pid later: that is another's child", () => {
    const known = new Map([[300, 2_000]]);
    const parent = proc(300, { startTime: 2_000 });
    const older = proc(200, { ppid: 300, startTime: 1_500 });
    const younger = proc(301, { ppid: 300, startTime: 2_000 });
    expect(decide([older, parent, younger], { known }).pids).toEqual([300, 301]);
  });

  it("when it started before the root, whatever it carries and whoever its parent is", () => {
    const before = { startTime: 999, ppid: 100, pgrp: 100, session: 100 };
    expect(decide([root, proc(90, before)], { pinned: true, carries: () => true }).pids).toEqual([100]);
  });

  it("when it is untouchable, or a thread of the kernel", () => {
    const more = { pinned: true, carries: () => true, untouchable: new Set([200]) };
    expect(decide([proc(200, { pgrp: 100 }), proc(201, { session: 0 })], more).pids).toEqual([]);
  });

  it("when its parent is no member", () => {
    expect(decide([root, proc(200), proc(201, { ppid: 200 })]).pids).toEqual([100]);
  });
});

describe("a zombie", () => {
  it("is a member that does not live, and is not asked for its cookie", () => {
    const zombie = proc(200, { ppid: 100, state: "Z" });
    const { pids, alive } = decide([root, zombie, proc(201, { ppid: 200 }), proc(202, { state: "Z" })], {
      carries: () => undefined,
    });
    expect(pids).toEqual([100, 200, 201]);
    expect(alive.map(({ pid }) => pid)).toEqual([100, 201]);
  });
});

describe("a process that cannot be judged", () => {
  it("is counted, unless another sign makes it a member", () => {
    const entries = [root, proc(200), proc(201, { ppid: 100 }), proc(202)];
    const carries = (pid: number): boolean | undefined => (pid === 202 ? false : undefined);
    expect(decide(entries, { carries })).toMatchObject({ pids: [100, 201], undecided: 1 });
  });
});
