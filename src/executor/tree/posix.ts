import type { AttemptCgroup } from "./cgroup.ts";
import { createFindings } from "./findings.ts";
import { createGroupedTree } from "./grouped.ts";
import { createScannedTree, type ScannedTreeOptions } from "./scanned.ts";
import type { ProcessTree } from "./tree.ts";

interface PosixTreeOptions extends Omit<ScannedTreeOptions, "findings"> {
  /** The control group it was born in, where there is one. */
  cgroup?: AttemptCgroup | undefined;
  /** Makes a command line fit to be kept. */
  clean(text: string): string;
}

/** The tree of one attempt: known by its control group, or found by looking. */
export function createPosixTree({ cgroup, clean, ...options }: PosixTreeOptions): ProcessTree {
  const findings = createFindings(options.table, clean);
  const scanned = createScannedTree({ ...options, findings });
  return cgroup === undefined ? scanned : createGroupedTree({ ...options, cgroup, outside: scanned, findings });
}
