import type { Cleanup } from "../../../schema/wire/run.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { AttemptCgroup } from "./cgroup.ts";
import { decideMembers, type MemberLayer, type Members } from "./members.ts";
import type { Scanner } from "./scanner.ts";
import { isAlive, type ProcessEntry, type ProcessTable } from "./table.ts";
import type { ProcessTree } from "./tree.ts";

const LAYERS: readonly MemberLayer[] = ["group", "session", "descent", "cookie", "cgroup"];
/** Up to this age only fresh pids need a look; later the pids may have wrapped. */
const YOUNG_MS = 1_000;
const POLL_MAX_MS = 50;
/** Killing goes on so long; what lives then is stuck in the kernel or belongs to another user. */
const HUNT_MAX_MS = 8_000;
const CHASES = 50;
/** Nobody may be seen so often in a row before a hunt is over. */
const EMPTY_READINGS = 3;
/** A process that cannot be judged just now is looked at so often again. */
const GLANCES = 6;
const GLANCE_PAUSE_MAX_MS = 8;
/** While somebody cannot be judged, so many looks count as not empty: a stranger may never be. */
const DOUBTS = 8;
const COMMANDS_MAX = 20;
const COMMAND_CHARS = 200;

export interface PosixTreeOptions {
  root: { pid: number; startTime: number };
  /** True when the root may have ended already and its pid gone to a stranger. */
  reaped: boolean;
  /** `name=value` of the inherited environment variable. */
  cookie: string;
  cgroup?: AttemptCgroup | undefined;
  table: ProcessTable;
  scanner: Scanner;
  clock: Clock;
  /** Makes a command line fit to be kept. */
  clean(text: string): string;
}

/** Layers: group signal, grace, group kill, then every member that cgroup, session, cookie or descent give away. */
export function createPosixTree(options: PosixTreeOptions): ProcessTree {
  const { root, cgroup, table, scanner, clock } = options;
  const cookies = (pid: number): boolean | undefined => table.carries(pid, options.cookie);
  const exempt = new Set([process.pid, process.ppid]);
  const known = new Map<number, number>();
  const found = new Map<string, string>();
  const layers = new Set<MemberLayer>();
  /** Alive at the last look at everything. */
  let left: ProcessEntry[] = [];
  /** Why that look failed, when it did. */
  let unread: unknown;
  /** Something was alive in the control group that ended before it could be looked at. */
  let unseen = 0;
  let reaped = options.reaped;
  /** The root's pid was still its own when we last looked: right after its end nobody else can have it. */
  let justEnded = false;

  const rootEntry = { ...root, ppid: process.pid, pgrp: root.pid, session: root.pid, state: "S", cpuMs: 0 };
  const inGroup = (entry: ProcessEntry): boolean => entry.pgrp === root.pid;
  const inSession = (entry: ProcessEntry): boolean => entry.session === root.pid || inGroup(entry);
  const isKnown = (entry: ProcessEntry): boolean => known.get(entry.pid) === entry.startTime;

  function pinned(entries: readonly ProcessEntry[]): boolean {
    const holder = entries.find((entry) => entry.pid === root.pid);
    if (holder !== undefined) return holder.startTime === root.startTime;
    return (
      !reaped ||
      justEnded ||
      entries.some((entry) => inSession(entry) && (isKnown(entry) || cookies(entry.pid) === true))
    );
  }

  function judge(entries: readonly ProcessEntry[]): Members {
    const inCgroup = new Set(cgroup?.pids());
    const members = decideMembers({
      entries,
      root,
      pinned: pinned(entries),
      known,
      inCgroup,
      exempt,
      carries: cookies,
    });
    justEnded = false;
    for (const entry of members.all) known.set(entry.pid, entry.startTime);
    for (const layer of members.layers) layers.add(layer);
    return members;
  }

  const look = async (): Promise<Members> => judge(await scanner.scan());

  function count(entries: readonly ProcessEntry[]): void {
    for (const entry of entries) {
      const name = `${entry.pid}/${entry.startTime}`;
      if (!found.has(name)) found.set(name, found.size < COMMANDS_MAX ? describe(entry.pid) : "");
    }
  }

  /** Only for a look at everything: who is missing in it is gone. */
  function note(members: Members): Members {
    left = members.alive;
    count(left);
    return members;
  }

  /** Without a reading we know only: until it is reaped the root's pid is its own, and its group keeps the number taken. */
  const rootMayLive = (): boolean => !reaped || (!options.reaped && table.signal(-root.pid, 0));

  /** A look for the end of the tree, which goes on without one: then whoever is not known to be gone is still there. */
  async function peek(): Promise<Members> {
    try {
      const members = note(await look());
      unread = undefined;
      return members;
    } catch (error) {
      unread = error;
      const others = left.filter((entry) => entry.pid !== root.pid && table.signal(entry.pid, 0));
      left = rootMayLive() ? [rootEntry, ...others] : others;
      if (!reaped) count(left);
      return { alive: left, all: [], layers: new Set(), undecided: 1 };
    }
  }

  const describe = (pid: number): string => options.clean(table.commandOf(pid)).slice(0, COMMAND_CHARS);

  /** The same process as when it was listed, right now. Until it is reaped nobody else can have the root's pid. */
  const still = (entry: ProcessEntry): boolean => {
    if (entry.pid === root.pid && !reaped) return true;
    const now = table.entry(entry.pid);
    return now !== undefined && now.startTime === entry.startTime && isAlive(now);
  };

  /** A group is signalled only while a member is seen in it, others one by one, each checked right before. */
  function signal(members: readonly ProcessEntry[], ...signals: NodeJS.Signals[]): void {
    if (members.some((entry) => inGroup(entry) && still(entry))) {
      for (const name of signals) table.signal(-root.pid, name);
    }
    for (const entry of members) {
      if (!inGroup(entry) && still(entry)) for (const name of signals) table.signal(entry.pid, name);
    }
  }

  const delay = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      clock.setTimer(resolve, ms);
    });

  /** Waits until nothing is alive, at most `graceMs`. */
  async function waitGone(first: Members, stopSignal: NodeJS.Signals, graceMs: number): Promise<boolean> {
    const untilMs = clock.monotonicMs() + graceMs;
    let members = first;
    for (let pauseMs = 2, doubts = 0; ; pauseMs = Math.min(POLL_MAX_MS, pauseMs * 2)) {
      if (!members.alive.some(still)) {
        const blind = unread !== undefined;
        members = await peek();
        if (blind) signal(members.alive, stopSignal, "SIGCONT");
        if (members.alive.length === 0 && cgroup?.populated() !== true) {
          if (members.undecided === 0) return true;
          doubts += 1;
          if (doubts > DOUBTS) return false;
        }
      }
      const remainingMs = untilMs - clock.monotonicMs();
      if (remainingMs <= 0) return false;
      await delay(Math.min(pauseMs, remainingMs));
    }
  }

  /** Kills what is found, then what was forked in the meantime: one that forks and ends all the time is only ever new. */
  async function strike(round: number): Promise<boolean> {
    let members = await peek();
    if (members.alive.length === 0 && cgroup?.populated() === true) unseen = 1;
    cgroup?.kill();
    const doubtful = unread !== undefined || (members.undecided > 0 && round < DOUBTS);
    const empty = members.alive.length === 0 && !doubtful && cgroup?.populated() !== true;
    for (let chase = 0; chase < CHASES && members.alive.length > 0; chase++) {
      signal(members.alive, "SIGKILL");
      const newest = Math.max(...members.alive.map((entry) => entry.pid));
      members = judge(table.since(newest) ?? []);
      count(members.alive);
    }
    return empty;
  }

  /** A process that forks while the list is read can be missed once, so three readings must come out empty. */
  async function hunt(): Promise<void> {
    const untilMs = clock.monotonicMs() + HUNT_MAX_MS;
    for (let round = 0, empty = 0; clock.monotonicMs() <= untilMs; round++) {
      empty = (await strike(round)) ? empty + 1 : 0;
      if (empty === EMPTY_READINGS) return;
      await delay(Math.min(POLL_MAX_MS, 2 ** Math.min(round, 6)));
    }
    await peek();
  }

  return {
    rootEnded() {
      reaped = true;
      justEnded = true;
    },
    async observe() {
      const members =
        cgroup === undefined ? await look() : judge(cgroup.pids().flatMap((pid) => table.entry(pid) ?? []));
      return members.alive.map(({ pid, cpuMs }) => ({
        pid,
        cpuMs,
        ...(table.memoryOf(pid) ?? { residentBytes: 0, peakBytes: 0 }),
      }));
    },
    async countLeftovers(ranForMs) {
      if (cgroup !== undefined) {
        layers.add("cgroup");
        if (!cgroup.populated()) return 0;
      } else {
        for (const layer of LAYERS.slice(0, 4)) layers.add(layer);
      }
      const glance = async (): Promise<Members> => {
        const fresh = ranForMs < YOUNG_MS && cgroup === undefined ? table.since(root.pid) : undefined;
        return fresh === undefined ? look() : judge(fresh);
      };
      let members = await glance();
      for (let again = 0; again < GLANCES && members.alive.length === 0 && members.undecided > 0; again++) {
        await delay(Math.min(GLANCE_PAUSE_MAX_MS, 2 ** again));
        members = await glance();
      }
      // The control group knows of processes that are too quick to be seen.
      return Math.max(members.alive.length, cgroup?.populated() === true ? 1 : 0);
    },
    async report() {
      note(await look());
    },
    async end({ stopSignal, graceMs }) {
      layers.add("group");
      const members = await peek();
      const hidden = cgroup === undefined ? members.undecided > 0 : cgroup.populated();
      if (members.alive.length === 0 && !hidden && unread === undefined) return;
      if (stopSignal !== "SIGKILL" && graceMs > 0) {
        // A stopped process acts on its stop signal only once it goes on.
        signal(members.alive, stopSignal, "SIGCONT");
        if (await waitGone(members, stopSignal, graceMs)) return;
      }
      await hunt();
      if (unread === undefined) return;
      count(left);
      throw unread;
    },
    statement(): Cleanup {
      const commands = [...found.values()].filter((text) => text !== "");
      return {
        method: LAYERS.filter((layer) => layers.has(layer)),
        found: Math.max(found.size, unseen),
        ended: Math.max(found.size, unseen) - left.length,
        left: left.map((entry) => ({ pid: entry.pid, command: describe(entry.pid) })),
        ...(commands.length === 0 ? {} : { foundCommands: commands }),
      };
    },
  };
}
