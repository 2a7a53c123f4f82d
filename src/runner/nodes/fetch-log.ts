import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { errorText } from "../../kernel/errors.ts";
import { isRecord } from "../../kernel/record.ts";
import { LOG_FILE, NODE_LOG_BYTES, type NodeRequest } from "./wire.ts";

/** What the files of a log hold beside what was printed. */
const MARGIN_BYTES = 1_048_576;

/** Copies an attempt's log from its node, in pieces; what cannot be had cuts it. Never raises. */
export async function fetchLog(
  read: (piece: NonNullable<NodeRequest["read"]>) => Promise<unknown>,
  { attemptKey, logDir }: { attemptKey: string; logDir: string },
  files: unknown,
): Promise<{ bytes: number; cut?: string }> {
  let bytes = 0;

  async function fetchFile(file: string, size: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let offset = 0; offset < size; ) {
      const piece = await read({ attemptKey, file, offset });
      const data = Buffer.from(isRecord(piece) && typeof piece["data"] === "string" ? piece["data"] : "", "base64");
      if (data.length === 0) break;
      offset += data.length;
      bytes += data.length;
      if (bytes > NODE_LOG_BYTES + MARGIN_BYTES) throw new Error("there is more of it than a node may keep");
      parts.push(data);
    }
    return Buffer.concat(parts);
  }

  try {
    for (const { name, bytes: size } of Array.isArray(files) ? files.filter(isRecord) : []) {
      if (typeof name !== "string" || !LOG_FILE.test(name) || typeof size !== "number") continue;
      const content = await fetchFile(name, size);
      await mkdir(logDir, { recursive: true, mode: 0o700 });
      await writeFile(join(logDir, name), content, { mode: 0o600 });
    }
    return { bytes };
  } catch (error) {
    return { bytes, cut: `it could not be fetched from the node: ${errorText(error)}` };
  }
}
