import { createHash } from "node:crypto";
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newToken } from "../../kernel/ids.ts";
import { orUndefined } from "../../kernel/or-undefined.ts";
import { privateDir, runnerDir, tokenFile } from "../paths.ts";

const PREFIX = "program-";

/** The runner's program in a place that outlives the plugin's files. */
export interface Program {
  path: string;
  /** Names its content. */
  hash: string;
}

/** Copies the program into the state directory, once for each content. */
export function installProgram(stateDir: string, file: string): Program {
  const source = readFileSync(file);
  const hash = createHash("sha256").update(source).digest("hex").slice(0, 16);
  const dir = join(runnerDir(stateDir), `${PREFIX}${hash}`);
  const path = join(dir, "runner.mjs");
  privateDir(dir);
  if (!holds(path, source)) putInPlace(path, source);
  return { path, hash };
}

/** Whole or not at all, and without a trace of what failed: a full disk must not be filled with drafts. */
function putInPlace(path: string, content: string | Buffer): void {
  const draft = `${path}.${newToken()}`;
  try {
    writeFileSync(draft, content, { mode: 0o600 });
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

const holds = (path: string, content: Buffer): boolean =>
  orUndefined(() => readFileSync(path).equals(content)) ?? false;

/** Removes copies that no living runner needs. */
export function removePrograms(stateDir: string, keep: ReadonlySet<string>): void {
  for (const name of readdirSync(runnerDir(stateDir))) {
    if (name.startsWith(PREFIX) && !keep.has(name.slice(PREFIX.length))) {
      rmSync(join(runnerDir(stateDir), name), { recursive: true, force: true });
    }
  }
}

/** The secret that gateway and runner share; made on first use, by the one owner of the directory. */
export function sharedToken(stateDir: string): string {
  const path = tokenFile(stateDir);
  const read = (): string => readFileSync(path, "utf8").trim();
  // An empty one is what an interrupted start left behind, and no secret.
  if (!existsSync(path) || read() === "") putInPlace(path, newToken());
  else chmodSync(path, 0o600);
  return read();
}
