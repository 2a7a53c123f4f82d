import { createHash } from "node:crypto";
import { constants, open, realpath, stat } from "node:fs/promises";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import type { CommandSpec } from "../types.ts";

const DEFAULT_PATH = "/usr/bin:/bin";
/** Of a larger file size, time and place in the file system stand for its bytes. */
const READ_MAX_BYTES = 1_073_741_824;
const CHUNK_BYTES = 1_048_576;
/** What may stand between the words of a line that an interpreter is given. */
const BETWEEN_WORDS = /[\s;|&()<>"'`=,{}[\]]+/;
const BARE_WORD = /^[\w.+@-]+$/;

type Place = Pick<CommandSpec, "argv" | "cwd" | "env">;

/**
 * Every regular file of this host that an argv names as program or script, by the word that names it: the program and the
 * interpreters of its first line, arguments that are paths, programs on PATH, and the same of the words inside an argument,
 * which may be a line for a shell. What a program reads by itself is not known here.
 */
export async function namedFiles({ argv, cwd = process.cwd(), env }: Place): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const words = new Set(argv.flatMap((argument) => [argument, ...wordsOf(argument, env)]));
  for (const word of words) {
    if (word === "" || word.includes("\0")) continue;
    for (const path of placesOf(word, cwd, env)) {
      if (!(await isFile(path))) continue;
      files.set(word, path);
      for (const interpreter of await interpretersOf(path, env)) files.set(`${word} → ${interpreter}`, interpreter);
      break;
    }
  }
  return files;
}

/** Where the file lies in the end and what it holds; undefined when there is none that can be read. */
export async function contentOf(path: string): Promise<string | undefined> {
  try {
    // A pipe that takes a file's place must hold nobody up.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const found = await file.stat({ bigint: true });
      if (!found.isFile()) return undefined;
      const place = await realpath(path);
      if (found.size > READ_MAX_BYTES) return `${place}\0${found.size} ${found.mtimeNs} ${found.dev} ${found.ino}`;
      const hash = createHash("sha256");
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      for (let at = 0; ; ) {
        const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
        if (bytesRead === 0) break;
        hash.update(chunk.subarray(0, bytesRead));
        at += bytesRead;
      }
      return `${place}\0${hash.digest("hex")}`;
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}

/** The words of a line, and what they come to with the variables that are known. */
function wordsOf(argument: string, env: Record<string, string>): string[] {
  const filled = argument.replace(/\$\{?(\w+)\}?/g, (whole, name: string) => env[name] ?? whole);
  return [...new Set([argument, filled].flatMap((text) => text.split(BETWEEN_WORDS)))];
}

/** Where a word may lie, in the order in which it is looked for: as a path, or as a program on PATH. */
function placesOf(word: string, cwd: string, env: Record<string, string>): string[] {
  const path = word.replace(/^~(?=\/)/, () => env["HOME"] ?? "~");
  const there = isAbsolute(path) ? path : resolve(cwd, path);
  if (/[\\/]/.test(path)) return [there];
  if (!BARE_WORD.test(word) || word.startsWith("-")) return [there];
  const dirs = (env["PATH"] ?? DEFAULT_PATH).split(delimiter);
  return [...dirs.map((dir) => resolve(cwd, join(dir, word))), there];
}

/** The programs that the first line of a script names. */
async function interpretersOf(path: string, env: Record<string, string>): Promise<string[]> {
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch(() => undefined);
  if (file === undefined) return [];
  try {
    const start = Buffer.alloc(256);
    const { bytesRead } = await file.read(start, 0, start.length, 0);
    const line = /^#![ \t]*([^\r\n]*)/.exec(start.toString("latin1", 0, bytesRead))?.[1] ?? "";
    const found: string[] = [];
    for (const word of line.split(/[ \t]+/).filter((part) => part !== "" && !part.startsWith("-"))) {
      for (const place of placesOf(word, "/", env)) {
        if (!(await isFile(place))) continue;
        found.push(place);
        break;
      }
    }
    return found;
  } catch {
    return [];
  } finally {
    await file.close();
  }
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
