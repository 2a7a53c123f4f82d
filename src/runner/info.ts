import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { livesStill } from "../executor/index.ts";
import type { ProcessIdentity } from "../executor/types.ts";
import { orUndefined } from "../kernel/or-undefined.ts";
import { infoFile, instanceDir, instancesDir } from "./paths.ts";

const UNNAMED_MAX_MS = 60_000;

/** What a runner leaves for gateways to find it. */
export interface RunnerInfo {
  instance: string;
  identity: ProcessIdentity;
  /** Hash of the program it runs. */
  program: string;
  socketPath: string;
  /** The control group that holds its attempts' groups. */
  cgroupDir?: string;
}

export function writeInfo(stateDir: string, info: RunnerInfo): void {
  const path = infoFile(stateDir, info.instance);
  writeFileSync(`${path}.new`, JSON.stringify(info), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

export const readInfo = (stateDir: string, instance: string): RunnerInfo | undefined =>
  orUndefined(() => JSON.parse(readFileSync(infoFile(stateDir, instance), "utf8")) as RunnerInfo);

export const isLiving = (info: RunnerInfo): boolean => livesStill(info.identity);

/** All that left a trace, living or not. One that never came so far as to name itself is forgotten after a minute. */
export function listRunners(stateDir: string, nowMs: number): RunnerInfo[] {
  const names = orUndefined(() => readdirSync(instancesDir(stateDir))) ?? [];
  return names.flatMap((instance) => {
    const info = readInfo(stateDir, instance);
    const madeAtMs = statSync(instanceDir(stateDir, instance), { throwIfNoEntry: false })?.mtimeMs ?? nowMs;
    if (info === undefined && nowMs - madeAtMs > UNNAMED_MAX_MS) removeInstance(stateDir, instance);
    return info ?? [];
  });
}

export function removeInstance(stateDir: string, instance: string): void {
  const path = readInfo(stateDir, instance)?.socketPath;
  if (path !== undefined && process.platform !== "win32") rmSync(path, { force: true });
  rmSync(instanceDir(stateDir, instance), { recursive: true, force: true });
}
