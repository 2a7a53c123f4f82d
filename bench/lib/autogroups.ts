import { readFileSync, writeFileSync } from "node:fs";

const SWITCH = "/proc/sys/kernel/sched_autogroup_enabled";

/** Does the work while the kernel shares the CPU between processes, not between sessions; as it was where that cannot be set. */
export async function withoutAutogroups<T>(work: () => Promise<T>): Promise<T> {
  let before: string | undefined;
  try {
    before = readFileSync(SWITCH, "utf8");
    writeFileSync(SWITCH, "0");
  } catch {
    // No such kernel, or an ordinary user: there is nothing to put back then.
    before = undefined;
  }
  try {
    return await work();
  } finally {
    if (before !== undefined) writeFileSync(SWITCH, before.trim());
  }
}
