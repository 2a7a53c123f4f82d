import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const KEY_BYTES = 32;

/**
 * The key of the hashes of what is approved, 0600 beside the ledger and in no backup of it: without it a short value cannot
 * be found by trying. Base64; made when it is first asked for.
 */
export function createKey(stateDir: string): () => string {
  const path = join(stateDir, "approvals.key");
  let key: string | undefined;

  function read(): string {
    try {
      const kept = readFileSync(path, "utf8").trim();
      if (Buffer.from(kept, "base64").length === KEY_BYTES) return kept;
    } catch {
      // There is none yet.
    }
    const made = randomBytes(KEY_BYTES).toString("base64");
    writeFileSync(path, made, { mode: 0o600 });
    return made;
  }

  return () => {
    key ??= read();
    return key;
  };
}
