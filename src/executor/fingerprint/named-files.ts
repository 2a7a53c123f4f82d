import { createHash } from "node:crypto";
import { open, realpath } from "node:fs/promises";
import { isAbsolute, resolve } from "node:path";
import { firstFile, interpreterLine, onPath, READ_AT_ONCE } from "../programs.ts";
import type { CommandSpec } from "../types.ts";

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
    const path = await firstFile(placesOf(word, cwd, env));
    if (path === undefined) continue;
    files.set(word, path);
    for (const interpreter of await interpretersOf(path, env)) files.set(`${word} → ${interpreter}`, interpreter);
  }
  return files;
}

/** Where the file lies in the end and what it holds; undefined when there is none that can be read. */
export async function contentOf(path: string): Promise<string | undefined> {
  try {
    const file = await open(path, READ_AT_ONCE);
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
  return [...onPath(word, cwd, env), there];
}

/** The programs that the first line of a script names. */
async function interpretersOf(path: string, env: Record<string, string>): Promise<string[]> {
  const words = (await interpreterLine(path)).split(/[ \t]+/).filter((word) => word !== "" && !word.startsWith("-"));
  const found = await Promise.all(words.map((word) => firstFile(placesOf(word, "/", env))));
  return found.filter((place) => place !== undefined);
}
