import type { Root } from "./members.ts";
import type { ProcessEntry, ProcessTable } from "./table.ts";

/**
 * Signals members: the root's group at once, as long as one of them is in it, the others one by one, each looked at right
 * before by `still`.
 */
export function signalMembers(
  members: readonly ProcessEntry[],
  signals: readonly NodeJS.Signals[],
  { root, table, still }: { root: Root; table: ProcessTable; still(entry: ProcessEntry): boolean },
): void {
  const inGroup = (entry: ProcessEntry): boolean => entry.pgrp === root.pid;
  if (members.some((entry) => inGroup(entry) && still(entry))) {
    for (const name of signals) table.signal(-root.pid, name);
  }
  for (const entry of members) {
    if (!inGroup(entry) && still(entry)) for (const name of signals) table.signal(entry.pid, name);
  }
}
