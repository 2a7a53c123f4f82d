import { createHash } from "node:crypto";
import { mkdirSync, readdirSync } from "node:fs";
import { open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { AttemptResult } from "../executor/types.ts";
import { orUndefined } from "../kernel/or-undefined.ts";
import { resultsDir } from "./paths.ts";

/** Results waiting on disk for a gateway; they outlive the runner. */
export interface ResultStore {
  /** Durable when it resolves. */
  save(result: AttemptResult): Promise<void>;
  remove(attemptKey: string): Promise<void>;
  load(): Promise<AttemptResult[]>;
}

export function createResultStore(stateDir: string): ResultStore {
  const dir = resultsDir(stateDir);
  const pathOf = (attemptKey: string): string =>
    join(dir, `${createHash("sha256").update(attemptKey).digest("hex").slice(0, 32)}.json`);
  return {
    async save(result) {
      mkdirSync(dir, { recursive: true, mode: 0o700 });
      const path = pathOf(result.attemptKey);
      const file = await open(`${path}.new`, "w", 0o600);
      try {
        await file.writeFile(JSON.stringify(result));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(`${path}.new`, path);
    },
    remove: (attemptKey) => rm(pathOf(attemptKey), { force: true }),
    async load() {
      const names = (orUndefined(() => readdirSync(dir)) ?? []).filter((name) => name.endsWith(".json"));
      const results: AttemptResult[] = [];
      for (const name of names) {
        try {
          results.push(JSON.parse(await readFile(join(dir, name), "utf8")) as AttemptResult);
        } catch {
          // Torn before it was renamed cannot be; unreadable now may be readable next time.
        }
      }
      return results;
    },
  };
}
