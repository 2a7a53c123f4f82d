import { createHash } from "node:crypto";
import { chmodSync, lstatSync, mkdirSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommandCronError } from "../kernel/errors.ts";

/** sun_path of the smallest supported system, less its end mark. */
const SOCKET_PATH_MAX_BYTES = 103;

export const runnerDir = (stateDir: string): string => join(stateDir, "runner");
export const tokenFile = (stateDir: string): string => join(runnerDir(stateDir), "token");
export const resultsDir = (stateDir: string): string => join(runnerDir(stateDir), "results");
export const logFile = (stateDir: string): string => join(runnerDir(stateDir), "runner.log");
/** One directory for each living runner. */
export const instancesDir = (stateDir: string): string => join(runnerDir(stateDir), "live");
export const instanceDir = (stateDir: string, instance: string): string => join(instancesDir(stateDir), instance);
export const infoFile = (stateDir: string, instance: string): string =>
  join(instanceDir(stateDir, instance), "info.json");

const digest = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16);

/**
 * Makes a directory that only this user can enter. A symbolic link is followed when link and directory both belong to
 * this user. Raises RUNNER_UNAVAILABLE when it belongs to somebody else.
 */
export function privateDir(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  if (process.platform === "win32") return;
  const named = lstatSync(path);
  const facts = named.isSymbolicLink() ? statSync(path) : named;
  const uid = process.getuid?.();
  if (!facts.isDirectory() || facts.uid !== uid || named.uid !== uid) {
    const expected = "a directory of this user, or this user's symbolic link to one";
    throw new CommandCronError("RUNNER_UNAVAILABLE", { expected, got: path });
  }
  if ((facts.mode & 0o077) !== 0) chmodSync(path, 0o700);
}

/**
 * Where a runner listens: in its own directory; where that path is too long for the system, in a private directory of the
 * temporary one, named by a hash of the state directory; on Windows a named pipe.
 */
export function socketPath(stateDir: string, instance: string): string {
  if (process.platform === "win32") return `\\\\.\\pipe\\command-cron-${digest(stateDir)}-${instance}`;
  // By this ending the gateway's backups know it and leave it out; one of 2026.6.1 fails at any other socket.
  const near = join(instanceDir(stateDir, instance), "s.sock");
  if (Buffer.byteLength(near) <= SOCKET_PATH_MAX_BYTES) return near;
  const dir = join(tmpdir(), `command-cron-${process.getuid?.() ?? 0}-${digest(stateDir)}`);
  privateDir(dir);
  return join(dir, instance);
}
