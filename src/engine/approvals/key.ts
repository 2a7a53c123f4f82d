import { randomBytes } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CommandCronError, errorText, systemCode } from "../../kernel/errors.ts";

const KEY_BYTES = 32;

/**
 * The key of the hashes of what is approved, 0600 beside the ledger and in no backup of it: without it a short value cannot
 * be found by trying. Base64; made when it is first asked for. Raises APPROVAL_KEY_UNUSABLE.
 */
export function createKey(stateDir: string): () => string {
  const path = join(stateDir, "approvals.key");
  let key: string | undefined;

  const unusable = (error: unknown): CommandCronError =>
    new CommandCronError("APPROVAL_KEY_UNUSABLE", {
      expected: `a file of ours at ${path}`,
      got: errorText(error),
      cause: error,
    });

  function read(): string {
    try {
      const kept = readFileSync(path, "utf8").trim();
      // One that is no key is of nobody's use: what was approved under it has changed, and is asked about anew.
      if (Buffer.from(kept, "base64").length === KEY_BYTES) return kept;
    } catch (error) {
      if (systemCode(error) !== "ENOENT") throw unusable(error);
    }
    const made = randomBytes(KEY_BYTES).toString("base64");
    try {
      // Over a link, or a file that others may read, a new one is put in its place.
      rmSync(path, { force: true });
      writeFileSync(path, made, { mode: 0o600, flag: "wx" });
    } catch (error) {
      throw unusable(error);
    }
    return made;
  }

  return () => {
    key ??= read();
    return key;
  };
}
