import { type ChildProcess, type ForkOptions, fork, type Serializable } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Ask, HostOptions } from "./host.ts";
import type { Received } from "./oracle.ts";

/** The runner's program as it is built. */
export const RUNNER_FILE = resolve(import.meta.dirname, "../../dist/runner.js");

/** What every command does first: one line that it was started. */
export const witnessLine = (file: string): string =>
  `echo "$OPENCLAW_RUN_ID $OPENCLAW_ATTEMPT $OPENCLAW_SCHEDULED_FOR" >> ${file}; echo done`;

/** A receiver of its own for each table row, so that rows can be judged side by side. */
export async function startReceiver(): Promise<{ url: string; received: Received[]; close(): void }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const { runId } = JSON.parse(body) as { runId: string };
      received.push({ id: String(request.headers["webhook-id"]), runId });
      response.end("ok");
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as { port: number };
  return { url: `http://127.0.0.1:${port}/`, received, close: () => server.close() };
}

/** A process of the harness that answers one question at a time over its channel. */
export interface Answering<A> {
  child: ChildProcess;
  /** False when it ended before it was up. */
  ready: Promise<boolean>;
  /** The signal it ended by, null when it ended by itself. */
  exited: Promise<NodeJS.Signals | null>;
  /** One question at a time. Raises when the process has ended. */
  ask<T = unknown>(ask: A): Promise<T>;
}

/** Starts a program of this folder, which says when it is ready; `name` is what it is called where it has ended. */
export function startAnswering<A extends Serializable>(
  name: string,
  file: string,
  options: object,
  how: ForkOptions = {},
): Answering<A> {
  const child = fork(resolve(import.meta.dirname, file), [JSON.stringify(options)], {
    stdio: ["ignore", "pipe", "inherit", "ipc"],
    ...how,
  });
  const exited = new Promise<NodeJS.Signals | null>((done) => child.once("exit", (_code, signal) => done(signal)));
  return {
    child,
    exited,
    ready: new Promise((done) => {
      child.stdout?.on("data", (chunk: Buffer) => chunk.includes("ready") && done(true));
      void exited.then(() => done(false));
    }),
    ask: (ask) =>
      new Promise((done, fail) => {
        child.once("message", (answer) => done(answer as never));
        void exited.then(() => fail(new Error(`${name} has ended`)));
        child.send(ask, (error) => error !== null && fail(error));
      }),
  };
}

export type Host = Answering<Ask>;

/** Starts a host. With `preload` a module is loaded into it first. */
export const startHost = (options: HostOptions, preload?: string): Host =>
  startAnswering("the host", "host.ts", options, {
    cwd: options.stateDir,
    ...(preload === undefined ? {} : { execArgv: ["--import", resolve(import.meta.dirname, preload)] }),
  });

/** Disables the jobs, waits until nothing is open, stops cleanly. Answers the last instant that must be on record. */
export async function finish(host: Host, complaints: string[], patienceMs = 60_000): Promise<number> {
  if (!(await host.ready)) {
    complaints.push("the host did not start again");
    return 0;
  }
  const { atMs } = await host.ask<{ atMs: number }>({ ask: "disable" });
  const untilMs = performance.now() + patienceMs;
  let busy = 1;
  while (busy > 0 && performance.now() < untilMs) {
    await sleep(200);
    busy = (await host.ask<{ busy: number }>({ ask: "idle" })).busy;
  }
  if (busy > 0) complaints.push(`${busy} runs or deliveries are still open after ${patienceMs / 1_000} s`);
  await host.ask({ ask: "stop" });
  await host.exited;
  return atMs;
}

/** Processes that carry an attempt's cookie of this state directory: nobody may be left. */
export function survivors(stateDir: string): number {
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const environ = readFileSync(`/proc/${pid}/environ`, "latin1");
      return environ.includes("OPENCLAW_RUN_ID=") && environ.includes(stateDir);
    } catch {
      return false;
    }
  }).length;
}
