import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AttemptResult, CommandSpec } from "../../src/executor/types.ts";
import type { ExecutorTask } from "../fixtures/programs/executor.ts";
import { specOf } from "./commands.ts";
import { killProcessesIn } from "./processes.ts";

const PROGRAM = join(import.meta.dirname, "../fixtures/programs/executor.ts");

export interface ExecutorProcess {
  dir: string;
  pid: number;
  cgroupDir: string | undefined;
  run(command: string | string[], more?: Partial<CommandSpec>, cancelAfterMs?: number): Promise<AttemptResult>;
  close(): Promise<void>;
}

export interface ExecutorProcessOptions {
  cgroupName?: string;
  /** Become this user; only root can. */
  uid?: number;
  /** Shell commands before it, such as limits. */
  before?: string;
}

/** A real executor in a process of its own. */
export async function startExecutorProcess(options: ExecutorProcessOptions = {}): Promise<ExecutorProcess> {
  const { cgroupName, uid, before } = options;
  const dir = mkdtempSync(join(tmpdir(), "cc-exec-"));
  chmodSync(dir, 0o755);
  if (uid !== undefined) chownSync(dir, uid, uid);
  const argv = [process.execPath, "--no-warnings", PROGRAM, dir, ...(cgroupName === undefined ? [] : [cgroupName])];
  const [program = "", ...args] =
    before === undefined ? argv : ["/bin/sh", "-c", `${before}; exec "$@"`, "sh", ...argv];
  const child: ChildProcess = spawn(program, args, {
    cwd: dir,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  const waiting = new Map<string, { resolve(result: AttemptResult): void; reject(error: Error): void }>();
  const ready = await new Promise<{ cgroupDir?: string }>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      const error = new Error(`the executor ended: ${signal ?? `code ${code}`}`);
      reject(error);
      for (const one of waiting.values()) one.reject(error);
    });
    child.on("message", (message: { ready?: { cgroupDir?: string }; result?: AttemptResult }) => {
      if (message.ready !== undefined) resolve(message.ready);
      if (message.result !== undefined) waiting.get(message.result.attemptKey)?.resolve(message.result);
    });
  });
  return {
    dir,
    pid: child.pid ?? 0,
    cgroupDir: ready.cgroupDir,
    run(command, more, cancelAfterMs) {
      const spec = specOf(dir, command, more);
      const task: ExecutorTask = { spec, ...(cancelAfterMs === undefined ? {} : { cancelAfterMs }) };
      return new Promise((resolve, reject) => {
        waiting.set(spec.attemptKey, { resolve, reject });
        child.send(task);
      });
    },
    async close() {
      const ended = once(child, "exit");
      if (child.connected) child.disconnect();
      await ended;
      killProcessesIn(dir);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
