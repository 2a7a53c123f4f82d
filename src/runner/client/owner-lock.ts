import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { identityOf, livesStill } from "../../executor/index.ts";
import type { ProcessIdentity } from "../../executor/types.ts";
import { CommandCronError, systemCode } from "../../kernel/errors.ts";
import { bootId, newToken } from "../../kernel/ids.ts";
import { ownerFile } from "../paths.ts";

interface Owner {
  identity: ProcessIdentity;
  nonce: string;
}

/**
 * Makes this process the one gateway of a state directory; answers how to let go. A lock whose process is gone is taken
 * over. Raises STATE_OWNED when it lives.
 */
export function takeOwnership(stateDir: string): () => void {
  const path = ownerFile(stateDir);
  const identity = identityOf(process.pid) ?? { pid: process.pid, startTime: "", bootId: bootId() };
  const own: Owner = { identity, nonce: newToken() };
  const draft = `${path}.${own.nonce}`;
  writeFileSync(draft, JSON.stringify(own), { mode: 0o600 });
  try {
    for (let round = 0; round < 3; round++) {
      if (linked(draft, path)) return () => release(path, own.nonce);
      const other = readOwner(path);
      if (other !== undefined && livesStill(other.identity)) throw owned(other.identity.pid);
      breakLock(path, other?.nonce);
    }
    throw owned(readOwner(path)?.identity.pid);
  } finally {
    rmSync(draft, { force: true });
  }
}

const owned = (pid: number | undefined): CommandCronError =>
  new CommandCronError("STATE_OWNED", { got: pid === undefined ? "an owner that just came" : `process ${pid}` });

/** A hard link appears whole or not at all, and never over another. */
function linked(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    throw error;
  }
}

function readOwner(path: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Owner;
  } catch {
    return undefined;
  }
}

/** Moves a dead owner's lock away. When another was quicker and the moved one is theirs, it is put back. */
function breakLock(path: string, nonce: string | undefined): void {
  const aside = `${path}.${newToken()}`;
  try {
    renameSync(path, aside);
    if (readOwner(aside)?.nonce !== nonce) linked(aside, path);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function release(path: string, nonce: string): void {
  if (readOwner(path)?.nonce === nonce) rmSync(path, { force: true });
}
