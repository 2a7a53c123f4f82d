import { bootId, sameBoot } from "../kernel/ids.ts";
import { systemProcessTable } from "./executor.ts";
import { isAlive, sendSignal } from "./tree/index.ts";
import type { ProcessIdentity } from "./types.ts";

/** Names a living process, or undefined when there is none with this pid. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  if (process.platform === "win32") return sendSignal(pid, 0) ? { pid, startTime: "", bootId: bootId() } : undefined;
  const entry = systemProcessTable().entry(pid);
  if (entry === undefined || !isAlive(entry)) return undefined;
  return { pid, startTime: String(entry.startTime), bootId: bootId() };
}

/** Whether the very process lives that was named, not another with its pid. */
export function livesStill(identity: ProcessIdentity): boolean {
  const now = identityOf(identity.pid);
  return now !== undefined && now.startTime === identity.startTime && sameBoot(now.bootId, identity.bootId);
}
