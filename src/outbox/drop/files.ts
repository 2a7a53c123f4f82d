import { constants, lstatSync } from "node:fs";
import { access, link, lstat, mkdir, open, readdir, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import { CommandCronError, systemCode } from "../../kernel/errors.ts";
import { createSlices } from "./slices.ts";

const FILE_MAX_BYTES = 1_048_576;
const SUFFIX = ".md";
/** A link or a named pipe under a report's name is neither followed nor waited for; Windows has neither flag. */
const READ_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** One file as it was at one moment: another file under its name, or other words in it, is another version. */
export interface Version {
  name: string;
  mtimeMs: number;
  size: number;
  inode: bigint;
  mtimeNs: bigint;
}

export const isSameVersion = (a: Version, b: Version): boolean =>
  a.inode === b.inode && a.mtimeNs === b.mtimeNs && a.size === b.size;

export const byAge = (a: Version, b: Version): number => a.mtimeMs - b.mtimeMs || (a.name < b.name ? -1 : 1);

/** The files of the drop: `pending` and `sent`, and one that is being moved from the first to the second. */
export function createDropFiles(dir: string) {
  const pendingDir = join(dir, "pending");
  const sentDir = join(dir, "sent");
  const movingDir = join(dir, ".moving");

  const isReport = (name: string): boolean => name.endsWith(SUFFIX) && !name.startsWith(".");

  /** Back to where it came from, unless a newer file has that name by now. Never over another file. */
  async function putBack(name: string, inode: bigint): Promise<void> {
    const held = join(movingDir, name);
    try {
      await link(held, join(pendingDir, name));
      await unlink(held);
    } catch {
      await rename(held, join(pendingDir, renamed(name, inode.toString(36))));
    }
  }

  return {
    pendingDir,
    sentDir,
    /** Makes the directories, and brings back what a crash caught between the two. */
    async prepare(): Promise<void> {
      for (const path of [pendingDir, sentDir, movingDir]) await mkdir(path, { recursive: true, mode: 0o700 });
      for (const name of await readdir(movingDir)) {
        const { ino } = await lstat(join(movingDir, name), { bigint: true });
        await putBack(name, ino);
      }
    },
    /** Names of reports in `pending`, in no order. */
    async names(): Promise<string[]> {
      const names = await readdir(pendingDir).catch((error): string[] => {
        // Only what is not there holds nothing; what cannot be read now is looked at again later.
        if (systemCode(error) === "ENOENT") return [];
        throw error;
      });
      return names.filter(isReport);
    },
    /** Those of the names that are files now. */
    async look(names: Iterable<string>): Promise<Version[]> {
      const pause = createSlices();
      const found: Version[] = [];
      for (const name of names) {
        await pause();
        // Ten thousand questions to the thread pool take three times as long.
        const stats = isReport(name) ? lstatSync(join(pendingDir, name), STAT) : undefined;
        if (stats?.isFile() === true) found.push(versionOf(name, stats));
      }
      return found;
    },
    /** The bytes, and the version they belong to. Raises FILE_INVALID for what is too large, and the system's errors. */
    async read(name: string): Promise<{ version: Version; bytes: Buffer }> {
      const file = await open(join(pendingDir, name), READ_FLAGS);
      try {
        const version = versionOf(name, await file.stat({ bigint: true }));
        if (version.size > FILE_MAX_BYTES) {
          throw new CommandCronError("FILE_INVALID", { field: name, expected: `at most ${FILE_MAX_BYTES} bytes` });
        }
        return { version, bytes: await file.readFile() };
      } finally {
        await file.close();
      }
    },
    /**
     * Moves the file to `sent`, if it still is the version that was read. Another one stays in `pending`: it was not sent.
     * `id` tells apart files that had the same name.
     */
    async moveToSent(version: Version, id: string): Promise<"moved" | "another"> {
      const { name } = version;
      const held = join(movingDir, name);
      // What lies under a name of ours can be looked at without being replaced meanwhile.
      await rename(join(pendingDir, name), held);
      const now = versionOf(name, await lstat(held, { bigint: true }));
      if (!isSameVersion(now, version)) {
        await putBack(name, now.inode);
        return "another";
      }
      const plain = join(sentDir, name);
      const used = await access(plain).then(
        () => true,
        () => false,
      );
      await rename(held, used ? join(sentDir, renamed(name, id.slice(-8))) : plain);
      return "moved";
    },
  };
}
export type DropFiles = ReturnType<typeof createDropFiles>;

const STAT = { bigint: true, throwIfNoEntry: false } as const;

const renamed = (name: string, mark: string): string => `${name.slice(0, -SUFFIX.length)}.${mark}${SUFFIX}`;

const versionOf = (name: string, stats: { ino: bigint; mtimeNs: bigint; mtimeMs: bigint; size: bigint }): Version => ({
  name,
  inode: stats.ino,
  mtimeNs: stats.mtimeNs,
  mtimeMs: Number(stats.mtimeNs / 1_000n) / 1_000,
  size: Number(stats.size),
});
