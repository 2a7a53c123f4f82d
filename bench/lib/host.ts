import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { killProcessesIn } from "../../test/helpers/processes.ts";
import type { Ops } from "../host/ops.ts";
import type { HostReady, HostSettings, HostTask } from "../host/settings.ts";
import type { Packed } from "./packed.ts";

export interface HostOptions extends Partial<Omit<HostSettings, "stateDir" | "runnerFile">> {
  /** Runs as this user, who owns nothing else. */
  uid?: number;
  /** As if `chrt` were not installed: something that cannot be run lies in its place. Only root can do that, and only with a `uid`. */
  withoutChrt?: boolean;
}

/** Another view of the file system, in which `chrt` is nothing; then the user. */
const WITHOUT_CHRT = `for f in /usr/bin/chrt /bin/chrt; do if [ -f $f ]; then mount --bind /dev/null $f || exit 1; fi; done
uid=$1; shift; exec setpriv --reuid $uid --regid $uid --clear-groups "$0" "$@"`;

/** The real engine, ledger and runner in a process of its own. */
export interface Host {
  stateDir: string;
  ready: HostReady;
  ask<K extends keyof Ops>(op: K, args: Parameters<Ops[K]>[0]): Promise<Awaited<ReturnType<Ops[K]>>>;
  /** A clean stop; `start` brings it back on the same state. */
  stop(): Promise<void>;
  /** Stops it, lets `work` at its ledger, starts it again. */
  offline(work: (ledgerDir: string) => void): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  start(): Promise<HostReady>;
  close(): Promise<void>;
}

export async function startHost(packed: Packed, options: HostOptions): Promise<Host> {
  const stateDir = await mkdtemp(join(tmpdir(), "cc-bench-"));
  const { uid, withoutChrt, ...asked } = options;
  if (uid !== undefined) {
    await chown(stateDir, uid, uid);
    await chmod(packed.dir, 0o755);
  }
  const usual = { concurrency: 8, ballastBytes: 0, memory: false, nodes: 0, syncMs: 0 };
  const settings: HostSettings = { stateDir, runnerFile: packed.runnerFile, ...usual, ...asked };
  let child: ChildProcess | undefined;
  let tasks = 0;
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();

  /** Lets the process be ended, and waits until it is. */
  async function end(how: (one: ChildProcess) => void): Promise<void> {
    const one = child;
    child = undefined;
    if (one === undefined) return;
    how(one);
    if (one.exitCode === null && one.signalCode === null) await once(one, "exit");
  }

  const host: Host = {
    stateDir,
    ready: { startMs: 0, startCpuMs: 0, emptyRss: 0, startedRss: 0 },
    start() {
      const without = ["--mount", "sh", "-c", WITHOUT_CHRT, process.execPath, String(uid)];
      const started = fork(packed.hostFile, [JSON.stringify(settings)], {
        execArgv: ["--expose-gc"],
        stdio: ["ignore", "inherit", "inherit", "ipc"],
        ...(uid === undefined ? {} : { uid, gid: uid, cwd: "/" }),
        ...(withoutChrt === true ? { execPath: "unshare", execArgv: [...without, "--expose-gc"], uid: 0, gid: 0 } : {}),
      });
      child = started;
      started.once("exit", (code, signal) => {
        for (const { reject } of waiting.values()) reject(new Error(`the host ended: ${code ?? signal}`));
        waiting.clear();
      });
      return new Promise((resolve, reject) => {
        waiting.set(0, { resolve: resolve as (value: unknown) => void, reject });
        started.on("message", (message) => {
          const { id, value, error } = message as { id: number; value: unknown; error?: string };
          const asker = waiting.get(id);
          waiting.delete(id);
          if (id === 0) host.ready = value as HostReady;
          if (error === undefined) asker?.resolve(value);
          else asker?.reject(new Error(error));
        });
      });
    },
    ask(op, args) {
      tasks += 1;
      const task: HostTask = { id: tasks, op, args };
      return new Promise((resolve, reject) => {
        waiting.set(task.id, { resolve: resolve as (value: unknown) => void, reject });
        child?.send(task);
      });
    },
    stop: () => end((one) => one.disconnect()),
    async offline(work) {
      await host.stop();
      work(join(stateDir, "ledger"));
      await host.start();
    },
    kill: () => end((one) => one.kill("SIGKILL")),
    async close() {
      await host.stop();
      killProcessesIn(stateDir);
      await rm(stateDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  await host.start();
  return host;
}
