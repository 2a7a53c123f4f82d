import { createHash, randomBytes, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { uptime } from "node:os";

/** A new job, run or delivery id: random UUID, the gateway's own form. */
export const newId = (): string => randomUUID();

/** A new owner token, 128 bits, hex. */
export const newToken = (): string => randomBytes(16).toString("hex");

/** SHA-256 of a text, hex. */
export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

let cachedBootId: string | undefined;

/**
 * Names this boot of the machine, so that a recorded pid from before a reboot is never mistaken for a living process.
 * Linux: the kernel's boot id. Elsewhere: boot time rounded to ten seconds; a host name would change with the network.
 */
export function bootId(): string {
  if (cachedBootId === undefined) {
    try {
      cachedBootId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    } catch {
      cachedBootId = `${Math.round((Date.now() / 1000 - uptime()) / 10)}`;
    }
  }
  return cachedBootId;
}

/** Whether two ids name the same boot. A boot time that is measured twice may be rounded both ways. */
export const sameBoot = (one: string, other: string): boolean =>
  one === other || Math.abs(Number(one) - Number(other)) <= 1;
