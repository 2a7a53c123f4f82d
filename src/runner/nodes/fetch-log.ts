import { appendFile, mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { errorText } from "../../kernel/errors.ts";
import { isRecord } from "../../kernel/record.ts";
import { LOG_FILE, NODE_LOG_BYTES, type NodeRequest } from "./wire.ts";

/** What the files of a log hold beside what was printed. */
const MARGIN_BYTES = 1_048_576;

/** How many bytes of each of its files are here. */
async function sizesIn(dir: string): Promise<Map<string, number>> {
  const names = (await readdir(dir).catch(() => [])).filter((name) => LOG_FILE.test(name));
  return new Map(await Promise.all(names.map(async (name) => [name, (await stat(join(dir, name))).size] as const)));
}

/**
 * Brings the copy of an attempt's log up to date with its node, in pieces: its files only grow, or go. What cannot be had
 * cuts it. Never raises. To be called once at a time for an attempt.
 */
export async function fetchLog(
  read: (piece: NonNullable<NodeRequest["read"]>) => Promise<unknown>,
  { attemptKey, logDir }: { attemptKey: string; logDir: string },
  files: unknown,
): Promise<{ bytes: number; cut?: string }> {
  const have = await sizesIn(logDir);
  const named = new Set<string>();
  const total = (): number => [...have.values()].reduce((sum, size) => sum + size, 0);

  async function fetchFile(file: string, size: number): Promise<void> {
    for (let offset = have.get(file) ?? 0; offset < size; ) {
      const piece = await read({ attemptKey, file, offset });
      const data = Buffer.from(isRecord(piece) && typeof piece["data"] === "string" ? piece["data"] : "", "base64");
      if (data.length === 0) throw new Error(`nothing came of ${file} from byte ${offset} on`);
      offset += data.length;
      have.set(file, offset);
      if (total() > NODE_LOG_BYTES + MARGIN_BYTES) throw new Error("there is more of it than a node may keep");
      await mkdir(logDir, { recursive: true, mode: 0o700 });
      await appendFile(join(logDir, file), data, { mode: 0o600 });
    }
  }

  try {
    const listed = (Array.isArray(files) ? files : []).filter(isRecord);
    for (const { name } of listed) if (typeof name === "string") named.add(name);
    for (const name of [...have.keys()].filter((name) => !named.has(name))) {
      have.delete(name);
      await rm(join(logDir, name), { force: true });
    }
    for (const { name, bytes } of listed) {
      if (typeof name === "string" && LOG_FILE.test(name) && typeof bytes === "number") await fetchFile(name, bytes);
    }
    return { bytes: total() };
  } catch (error) {
    return { bytes: total(), cut: `it could not be fetched from the node: ${errorText(error)}` };
  }
}
