import { type Clock, delay } from "../../kernel/clock.ts";
import type { AttemptCgroup } from "./cgroup.ts";
import type { Findings } from "./findings.ts";
import type { Root } from "./members.ts";
import type { ScannedTree } from "./scanned.ts";
import { signalsTo } from "./signals.ts";
import { isAlive, type ProcessEntry, type ProcessTable } from "./table.ts";
import { KILL_MAX_MS, measure, POLL_MAX_MS, type ProcessTree } from "./tree.ts";

interface GroupedTreeOptions {
  root: Root;
  cgroup: AttemptCgroup;
  /** For what had itself moved out of the group, as a service manager does on request. */
  outside: ScannedTree;
  findings: Findings;
  table: ProcessTable;
  clock: Clock;
}

/** A tree known by its control group: the kernel tells who is in it and whether anybody is, and ends all of them at once. */
export function createGroupedTree(options: GroupedTreeOptions): ProcessTree {
  const { root, cgroup, outside, findings, table, clock } = options;
  let left: readonly ProcessEntry[] = [];

  const entryOf = (pid: number): ProcessEntry | undefined => {
    const entry = table.entry(pid);
    return entry !== undefined && isAlive(entry) ? entry : undefined;
  };
  const inside = (): ProcessEntry[] => cgroup.pids().flatMap((pid) => entryOf(pid) ?? []);
  const still = ({ pid, startTime }: ProcessEntry): boolean => entryOf(pid)?.startTime === startTime;

  /** Who is inside, counted: somebody, even when all of them are too quick to be seen. */
  function look(): ProcessEntry[] {
    const members = inside();
    findings.count(members);
    if (members.length === 0 && cgroup.populated()) findings.sensed();
    return members;
  }

  const signal = signalsTo({ root, table, still });

  /** Calls `killAll` until nobody is inside. False when somebody still is at the end of the time. */
  async function untilEmpty(withinMs: number, killAll: () => void): Promise<boolean> {
    const untilMs = clock.monotonicMs() + withinMs;
    for (let pauseMs = 1; cgroup.populated(); pauseMs = Math.min(POLL_MAX_MS, pauseMs * 2)) {
      killAll();
      const remainingMs = untilMs - clock.monotonicMs();
      if (remainingMs <= 0) return false;
      await delay(clock, Math.min(pauseMs, remainingMs));
    }
    return true;
  }

  function kill(): void {
    const members = look();
    // Before Linux 5.14 one by one.
    if (!cgroup.kill()) signal(members, "SIGKILL");
  }

  return {
    rootEnded: outside.rootEnded,
    observe: async () => measure(table, inside()),
    async countLeftovers() {
      findings.by(["cgroup"]);
      return cgroup.populated() ? Math.max(1, inside().length) : 0;
    },
    async noteLeftovers() {
      left = look();
    },
    async end({ stopSignal, graceMs }) {
      const untilMs = clock.monotonicMs() + graceMs;
      findings.by(["group", "cgroup"]);
      // While their parents live, those outside are known by descent.
      await outside.observe(Number.POSITIVE_INFINITY).catch(() => {});
      if (stopSignal !== "SIGKILL" && graceMs > 0) {
        // A stopped process acts on its stop signal only once it goes on.
        signal(look(), stopSignal, "SIGCONT");
        await untilEmpty(graceMs, () => {});
      }
      await untilEmpty(KILL_MAX_MS, kill);
      left = inside();
      await outside.end({ stopSignal, graceMs: Math.max(0, untilMs - clock.monotonicMs()) });
    },
    statement() {
      const known = new Set(left.map(({ pid }) => pid));
      return findings.statement([...left, ...outside.left().filter(({ pid }) => !known.has(pid))]);
    },
  };
}
