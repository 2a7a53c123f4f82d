import { constants, open, stat } from "node:fs/promises";
import { delimiter, join, resolve } from "node:path";

const DEFAULT_PATH = "/usr/bin:/bin";
/** A pipe that takes a file's place must hold nobody up. */
export const READ_AT_ONCE = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** Where a program that is named by a bare word may lie, in the order in which it is looked for. */
export const onPath = (name: string, cwd: string, env: Record<string, string>): string[] =>
  (env["PATH"] ?? DEFAULT_PATH).split(delimiter).map((dir) => resolve(cwd, join(dir, name)));

export const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

/** The first of these places where a file lies. */
export async function firstFile(places: readonly string[]): Promise<string | undefined> {
  for (const place of places) if (await isFile(place)) return place;
  return undefined;
}

/** What a script says behind `#!`; empty where there is none, or it cannot be read. */
export async function interpreterLine(path: string): Promise<string> {
  const file = await open(path, READ_AT_ONCE).catch(() => undefined);
  try {
    const start = Buffer.alloc(256);
    const read = await file?.read(start, 0, start.length, 0);
    return /^#![ \t]*([^\r\n]*)/.exec(start.toString("latin1", 0, read?.bytesRead ?? 0))?.[1] ?? "";
  } catch {
    return "";
  } finally {
    await file?.close();
  }
}
