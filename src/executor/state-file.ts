import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { STATE_MAX_BYTES } from "../../schema/limits.ts";
import { bytesFrom, readPlain, removeDir } from "./private-file.ts";
import type { StateLeft } from "./types.ts";

/** The file in which a command finds what its job keeps, and leaves what it is to keep. */
export interface StateFile {
  path: string;
  /** What the command left; nothing when it is as it was. */
  result(): StateLeft | undefined;
  remove(): void;
}

/** In a private directory of its own, so that a command may replace the file by renaming. Raises what the disk raises. */
export function createStateFile(workDir: string, attemptKey: string, content: string): StateFile {
  const dir = join(workDir, "state", attemptKey);
  const path = join(dir, "state.json");
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  writeFileSync(path, content, { mode: 0o600 });
  return {
    path,
    result() {
      const read = readState(path);
      return "content" in read && read.content === content ? undefined : read;
    },
    remove: () => removeDir(dir),
  };
}

/** Nothing that a command puts in its place is followed or waited for. */
function readState(path: string): StateLeft {
  const read = readPlain(path, (fd, { size }) =>
    size > STATE_MAX_BYTES ? { tooLarge: size } : bytesFrom(fd, 0, STATE_MAX_BYTES + 1),
  );
  if ("problem" in read) return { problem: `the state file ${read.problem}` };
  return "tooLarge" in read ? { problem: tooLarge(read.tooLarge) } : checkState(read);
}

const tooLarge = (bytes: number): string => `the state has ${bytes} bytes; at most ${STATE_MAX_BYTES} are kept`;

/** A state as it is kept, or why it cannot be. */
export function checkState(bytes: Uint8Array): StateLeft {
  if (bytes.length > STATE_MAX_BYTES) return { problem: tooLarge(bytes.length) };
  if (bytes.includes(0)) return { problem: "the state holds a NUL" };
  try {
    const content = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    JSON.parse(content);
    return { content };
  } catch {
    return { problem: bytes.length === 0 ? "the state file is empty" : "the state is not JSON in UTF-8" };
  }
}
