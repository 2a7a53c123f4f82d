import { type FileHandle, mkdir, open, unlink } from "node:fs/promises";

/** The file operations of the log, so that tests can make them fail. */
export interface LogFiles {
  makeDir(path: string): Promise<unknown>;
  create(path: string): Promise<Pick<FileHandle, "write" | "close">>;
  remove(path: string): Promise<void>;
}

/** An operation that takes longer hangs, as on a device that does not answer. */
const HANGS_AFTER_MS = 2_000;
/** Each that hangs holds a thread of the process's pool; results and healthy logs need the others. */
const HANGING_MAX = 16;

/** No further log is begun while so many operations hang that there would soon be no thread for anything else. */
export function bounded(files: LogFiles) {
  const begun = new Set<{ atMs: number }>();

  async function watched<T>(work: Promise<T>): Promise<T> {
    const mark = { atMs: performance.now() };
    begun.add(mark);
    try {
      return await work;
    } finally {
      begun.delete(mark);
    }
  }

  function assertAnswers(): void {
    const sinceMs = performance.now() - HANGS_AFTER_MS;
    let hanging = 0;
    for (const { atMs } of begun) if (atMs < sinceMs) hanging += 1;
    if (hanging >= HANGING_MAX) throw new Error("the log's device does not answer");
  }

  return {
    async makeDir(path: string): Promise<unknown> {
      assertAnswers();
      return watched(files.makeDir(path));
    },
    async create(path: string): ReturnType<LogFiles["create"]> {
      assertAnswers();
      const file = await watched(files.create(path));
      const write = (...args: Parameters<typeof file.write>) => watched(file.write(...args));
      return { write: write as typeof file.write, close: () => watched(file.close()) };
    },
    remove: (path: string): Promise<void> => watched(files.remove(path)),
    /** Operations that have not answered yet. */
    pending: () => begun.size,
  };
}

/** One for all logs of a process: they share its threads. */
export const logFiles = bounded({
  makeDir: (path) => mkdir(path, { recursive: true, mode: 0o700 }),
  create: (path) => open(path, "w", 0o600),
  remove: (path) => unlink(path),
});
