import { randomUUID } from "node:crypto";
import { mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DAY_MS } from "../../kernel/durations.ts";
import type { OutboundMessage } from "../../outbox/port.ts";
import { partsOf } from "../gateway/index.ts";

/** Channels that take a file. */
const TAKES_FILES: ReadonlySet<string> = new Set(["telegram", "discord", "slack"]);

/** A file that the gateway may read and send, and what is said above it. */
export interface Attachment {
  path: string;
  text: string;
  /** Removes it; one that the gateway keeps with its message stays for a day. */
  done(kept: boolean): Promise<void>;
}

export const wantsFile = ({ file, code, channel = "" }: OutboundMessage): boolean =>
  file !== undefined && code !== undefined && TAKES_FILES.has(channel);

/** Puts what was printed into a file under `dir`, which lies where the gateway reads media from. */
export async function attach(dir: string, message: OutboundMessage, nowMs: number): Promise<Attachment> {
  const [before, printed, after] = partsOf(message);
  const place = join(dir, randomUUID());
  await sweep(dir, nowMs);
  await mkdir(place, { recursive: true, mode: 0o700 });
  const path = join(place, message.file ?? "output.txt");
  await writeFile(path, printed, { mode: 0o600 });
  const lines = printed.trimEnd().split("\n").length;
  const said = [before.trim(), `${lines === 1 ? "1 line" : `${lines} lines`}, in the file.`, after.trim()];
  return {
    path,
    text: said.filter((part) => part !== "").join("\n"),
    done: async (kept) => (kept ? undefined : await rm(place, { recursive: true, force: true })),
  };
}

/** Files of messages that the gateway kept, or that a crash left. */
async function sweep(dir: string, nowMs: number): Promise<void> {
  for (const name of await readdir(dir).catch(() => [])) {
    const place = join(dir, name);
    const seen = await stat(place).catch(() => undefined);
    if (seen !== undefined && nowMs - seen.mtimeMs > DAY_MS) await rm(place, { recursive: true, force: true });
  }
}
