import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, rmSync, type Stats } from "node:fs";
import { errorText, systemCode } from "../kernel/errors.ts";
import { orUndefined } from "../kernel/or-undefined.ts";

/** Reads with `read` a file that a command may have replaced by anything: no link is followed and no pipe waited for. */
export function readPlain<T>(
  path: string,
  read: (fd: number, facts: Stats) => T,
  flags: number = constants.O_RDONLY,
): T | { problem: string } {
  let fd: number | undefined;
  try {
    const named = lstatSync(path);
    if (named.isSymbolicLink()) return { problem: "is a link" };
    if (!named.isFile()) return { problem: "is no regular file" };
    fd = openSync(path, flags | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    const facts = fstatSync(fd);
    if (!facts.isFile()) return { problem: "is no regular file" };
    if (facts.nlink > 1) return { problem: "is a link" };
    return read(fd, facts);
  } catch (error) {
    return { problem: systemCode(error) === "ENOENT" ? "is gone" : `cannot be read: ${errorText(error)}` };
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** Bytes of a file from `position` on, at most `length`. */
export function bytesFrom(fd: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let have = 0;
  for (let got = 1; got > 0 && have < length; have += got) {
    got = readSync(fd, bytes, have, length - have, position + have);
  }
  return bytes.subarray(0, have);
}

/** Removes a private directory. Raises nothing: what a result says must not depend on it, and a new runner begins with an empty place. */
export function removeDir(dir: string): void {
  // The system may be short of files just now, or the command have made something else of it.
  orUndefined(() => rmSync(dir, { recursive: true, force: true }));
}
