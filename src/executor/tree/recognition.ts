import { decideMembers, type Members, type Root } from "./members.ts";
import { isAlive, type ProcessEntry, type ProcessTable } from "./table.ts";

export interface RecognitionOptions {
  root: Root;
  /** True when the root may have ended already and its pid gone to a stranger. */
  reaped: boolean;
  /** `name=value` of the inherited environment variable. */
  cookie: string;
  table: ProcessTable;
}

/** Recognises the members of one attempt in readings of the process table, and remembers them. */
export function createRecognition({ root, table, cookie, ...options }: RecognitionOptions) {
  const untouchable = new Set([process.pid, process.ppid]);
  const known = new Map<number, number>();
  const carries = (pid: number): boolean | undefined => table.carries(pid, cookie);
  let reaped = options.reaped;
  /** Right after the root's end nobody else can have its pid yet. */
  let justEnded = false;

  /** Whether the root's pid is, or keeps, its own: it lives, or a member has it as group or session. */
  function pinned(entries: readonly ProcessEntry[]): boolean {
    const holder = entries.find((entry) => entry.pid === root.pid);
    if (holder !== undefined) return holder.startTime === root.startTime;
    const isMember = ({ pid, startTime }: ProcessEntry): boolean =>
      known.get(pid) === startTime || carries(pid) === true;
    return (
      !reaped ||
      justEnded ||
      entries.some((entry) => (entry.pgrp === root.pid || entry.session === root.pid) && isMember(entry))
    );
  }

  return {
    judge(entries: readonly ProcessEntry[]): Members {
      const members = decideMembers({ entries, root, pinned: pinned(entries), known, untouchable, carries });
      justEnded = false;
      for (const entry of members.all) known.set(entry.pid, entry.startTime);
      return members;
    },
    /** The root's pid may be given to a stranger from now on. */
    rootEnded(): void {
      reaped = true;
      justEnded = true;
    },
    /** The root has not been reaped, as far as is known: its pid is its own. */
    rootIsOwn: (): boolean => !reaped,
    /** The same process as when it was listed, right now. */
    still(entry: ProcessEntry): boolean {
      const now = table.entry(entry.pid);
      // Its end may have been seen by whoever started it, and its pid given to a stranger, before this process hears of it.
      if (entry.pid === root.pid && !reaped) return now === undefined || now.startTime === root.startTime;
      return now !== undefined && now.startTime === entry.startTime && isAlive(now);
    },
    /**
     * For when the table cannot be read: who of these is not known to be gone, and the root, as long as its pid is its own or
     * its group keeps the number taken.
     */
    mayLive(entries: readonly ProcessEntry[]): ProcessEntry[] {
      const others = entries.filter((entry) => entry.pid !== root.pid && table.signal(entry.pid, 0));
      const rootMay = !reaped || (!options.reaped && table.signal(-root.pid, 0));
      if (!rootMay) return others;
      return [{ ...root, ppid: process.pid, pgrp: root.pid, session: root.pid, state: "S", cpuMs: 0 }, ...others];
    },
  };
}
