import type { Resources } from "../../../schema/wire/run.ts";
import type { AttemptCgroup } from "./cgroup.ts";
import type { TreeMember } from "./tree.ts";

/** Gathers what a tree used. The kernel's own account is taken where a control group keeps one. */
export function createSampler(cgroup: AttemptCgroup | undefined) {
  let peakMemoryBytes = 0;
  let samples = 0;
  const cpu = new Map<number, number>();
  return {
    add(members: readonly TreeMember[]): void {
      if (members.length === 0) return;
      samples += 1;
      const residentBytes = members.reduce((sum, member) => sum + member.residentBytes, 0);
      peakMemoryBytes = Math.max(peakMemoryBytes, residentBytes, ...members.map((member) => member.peakBytes));
      for (const member of members) cpu.set(member.pid, member.cpuMs);
    },
    result(): Resources | undefined {
      const account = cgroup?.usage() ?? {};
      const cpuMs = account.cpuMs ?? (samples === 0 ? undefined : [...cpu.values()].reduce((sum, ms) => sum + ms, 0));
      const peak = account.peakMemoryBytes ?? (samples === 0 ? undefined : peakMemoryBytes);
      if (cpuMs === undefined && peak === undefined) return undefined;
      // One word for both: a sampled peak beside an exact CPU time is still a sampled record.
      const exact = account.cpuMs !== undefined && (account.peakMemoryBytes !== undefined || samples === 0);
      return {
        ...(cpuMs === undefined ? {} : { cpuMs }),
        ...(peak === undefined || peak === 0 ? {} : { peakMemoryBytes: peak }),
        source: exact ? "cgroup" : "sampled",
      };
    },
  };
}
