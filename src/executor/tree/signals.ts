import type { Root } from "./members.ts";
import type { ProcessEntry, ProcessTable } from "./table.ts";

/**
 * How members are signalled: the root's group at once, as long as one of them is in it, the others one by one, each looked at
 * right before by `still`.
 */
export const signalsTo =
  ({ root, table, still }: { root: Root; table: ProcessTable; still(entry: ProcessEntry): boolean }) =>
  (members: readonly ProcessEntry[], ...signals: NodeJS.Signals[]): void => {
    const inGroup = (entry: ProcessEntry): boolean => entry.pgrp === root.pid;
    const tell = (pid: number): void => {
      for (const name of signals) table.signal(pid, name);
    };
    if (members.some((entry) => inGroup(entry) && still(entry))) tell(-root.pid);
    for (const entry of members) if (!inGroup(entry) && still(entry)) tell(entry.pid);
  };
