import { execFile } from "node:child_process";
import { closeSync, constants, existsSync, mkdirSync, openSync, rmSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { errorText, systemCode } from "../../kernel/errors.ts";
import type { Logger } from "../../kernel/logger.ts";
import { orUndefined } from "../../kernel/or-undefined.ts";

const BATCH = 16;
/** The system is short of something just now; that says nothing about named pipes. */
const PASSING = new Set(["EAGAIN", "EDQUOT", "EMFILE", "ENFILE", "ENOMEM", "ENOSPC"]);
/** There is no `mkfifo` to run, or no place for pipes. */
const LASTING = new Set(["ENOENT", "EACCES"]);
/** `mkfifo` says by its exit status only that it failed. */
const FULL = /no space left|quota exceeded/i;
/** After so many other failures in a row pipes cannot be made here. */
const FAILURES_MAX = 5;
const run = promisify(execFile);

const isPassing = (error: unknown): boolean => PASSING.has(systemCode(error) ?? "");

/** A pipe for one output stream. */
export interface Fifo {
  readFd: number;
  /** For the child; close it once the child has it. */
  writeFd: number;
  /** Another end to read from, which waits where `readFd` does not. Raises what the system refuses. */
  secondReader(): number;
  /** Tells that the reader is closed, and whether it had seen the end: only then nobody else can write to it any more. */
  readerClosed(sawEnd: boolean): void;
}

export interface FifoPool {
  /** Undefined where named pipes cannot be made; then Node's own pipes must do. Raises what the system refuses just now. */
  take(): Promise<Fifo | undefined>;
  close(): void;
}

/**
 * Node connects children by sockets, and a socket cannot be opened through /dev/stdout: `echo oops >/dev/stderr` fails
 * in such a child. Named pipes can, and are read faster. They are made by `mkfifo`, a few at a time, and used again.
 */
export function createFifoPool(dir: string, logger: Logger): FifoPool {
  let free: string[] = [];
  let made = 0;
  let failures = 0;
  let worked = false;
  let refill: Promise<boolean> | undefined;
  let unavailable = process.platform === "win32";

  /** Answers whether there are pipes now. */
  async function make(): Promise<boolean> {
    let paths: string[] = [];
    try {
      if (made === 0) rmSync(dir, { recursive: true, force: true });
      // Where its parent is gone, too, somebody has moved the whole of it: nothing is put in its place.
      if (!existsSync(dir)) mkdirSync(dir, { mode: 0o700 });
      // By this ending the gateway's backups know that there is nothing in them to keep.
      paths = Array.from({ length: BATCH }, () => join(dir, `${made++}.tmp`));
      await run("mkfifo", ["-m", "600", ...paths], { env: { ...process.env, LC_ALL: "C" } });
      free.push(...paths);
      failures = 0;
      worked = true;
    } catch (error) {
      // Some may have been made before it failed.
      free.push(...paths.filter((path) => existsSync(path)));
      if (free.length > 0) return true;
      if (isPassing(error)) throw error;
      if (FULL.test(errorText(error))) throw Object.assign(new Error("no room for pipes"), { code: "ENOSPC" });
      const isLasting = LASTING.has(systemCode(error) ?? "");
      // Where they could be made before, their place is gone for a while.
      if (!isLasting || !worked) failures += 1;
      unavailable ||= failures >= FAILURES_MAX || (isLasting && !worked);
      logger.warn(`no named pipes, commands get sockets: ${errorText(error)}`);
    }
    return free.length > 0;
  }

  function open(path: string): Fifo {
    // Reader first and without waiting; the writer then finds it and need not wait either.
    const readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const writeFd = openSync(path, constants.O_WRONLY);
      return {
        readFd,
        writeFd,
        secondReader() {
          // With a writer there, opening it need not wait.
          const writer = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
          try {
            return openSync(path, constants.O_RDONLY);
          } finally {
            closeSync(writer);
          }
        },
        readerClosed(sawEnd) {
          if (sawEnd) free.push(path);
          else forget(path);
        },
      };
    } catch (error) {
      closeSync(readFd);
      throw error;
    }
  }

  const forget = (path: string): void => void orUndefined(() => unlinkSync(path));

  return {
    async take() {
      for (;;) {
        while (free.length === 0 && !unavailable) {
          refill ??= make().finally(() => {
            refill = undefined;
          });
          if (!(await refill)) break;
        }
        const path = free.pop();
        if (path === undefined) return undefined;
        try {
          return open(path);
        } catch (error) {
          if (isPassing(error)) free.push(path);
          else forget(path);
          // Somebody has cleared the directory: the next one may be there, or is made anew.
          if (systemCode(error) !== "ENOENT") throw error;
        }
      }
    },
    close() {
      unavailable = true;
      free = [];
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
