import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import type { Socket } from "node:net";
import { constants } from "node:os";
import { type Clock, within } from "../kernel/clock.ts";
import type { Logger } from "../kernel/logger.ts";
import { orUndefined } from "../kernel/or-undefined.ts";
import { inputSeen } from "../kernel/turns.ts";
import { HELPER_PROGRAM } from "./spawn-helper-program.ts";

const PERL = "/usr/bin/perl";
const READY_MAX_MS = 2_000;
/** A helper that has not even begun by then is stopped; a command that has not become what it is hangs in its directory. */
const START_MAX_MS = 30_000;
/** The status of a child that could not become its command. */
const REFUSED = 127 << 8;
/** It waits for all it has started with one `select`, which knows a thousand files. */
const CHILDREN_MAX = 500;
/** Whatever the user's own Perl settings are; a locale that is not installed is no matter either. */
const ENV = { PATH: "/usr/bin:/bin", LC_ALL: "C", PERL_BADLANG: "0" };

/** Of two names for one signal the first counts, as in Node. */
const SIGNALS = new Map(
  Object.entries(constants.signals)
    .reverse()
    .map(([name, number]) => [number, name as NodeJS.Signals]),
);

/** How a process ended by itself; undefined where whoever could have told is gone. */
export type Ended = { exitCode: number | null; signal: NodeJS.Signals | null } | undefined;

/** What is to be started. */
interface HelperRequest {
  argv: readonly string[];
  cwd: string | undefined;
  env: Record<string, string>;
  /** Files of this process, or nothing. */
  stdio: readonly (number | "ignore")[];
  /** The directory of the control group it is to be born in. */
  cgroup: string | undefined;
}

/** A process that the helper has started, in a session of its own. */
export interface Helped {
  pid: number;
  /** Ticks since boot, as in the process table. */
  startTime: number;
  /** It is in the control group that was asked for. */
  grouped: boolean;
  exited: Promise<Ended>;
}

/**
 * A small process that starts others. To fork this one takes some milliseconds, since its memory has to be mapped once
 * more and its threads may not be in the way; to fork that one takes a third of it, and both go on meanwhile.
 */
export interface SpawnHelper {
  /** Undefined where it cannot be done this way; then nothing has begun. */
  start(request: HelperRequest): Promise<Helped | undefined>;
  /** Why it starts nothing; undefined while it does, and where there is to be none. */
  missing(): string | undefined;
  close(): void;
}

interface Waiting {
  /** There is a process, which has still to become the command. */
  begun?: Helped;
  started: PromiseWithResolvers<Helped | undefined>;
  exited: PromiseWithResolvers<Ended>;
}

/** Starts the helper. Where there is no Perl, or the kernel is older than 5.3, it starts nothing. */
export function createSpawnHelper({ clock, logger }: { clock: Clock; logger: Logger }): SpawnHelper {
  const waiting = new Map<string, Waiting>();
  const ready = Promise.withResolvers<boolean>();
  const wanted = process.platform === "linux";
  const isThere = existsSync(PERL);
  let child = wanted && isThere ? orUndefined(begin) : undefined;
  const why = isThere ? `${PERL} could not be started` : `there is no ${PERL}`;
  let missing = child === undefined && wanted ? why : undefined;
  if (child === undefined) return { start: async () => undefined, missing: () => missing, close() {} };
  let isReady = false;
  let serial = 0;
  let rest = "";
  const pipes = [child.stdin, child.stdout] as (Socket | null)[];

  /** This process need not stay for it unless somebody waits for an end. */
  function hold(held: boolean): void {
    child?.[held ? "ref" : "unref"]();
    for (const pipe of pipes) pipe?.[held ? "ref" : "unref"]();
  }

  /** What has begun is never begun again: every child says so before it becomes its command, also one whose helper is killed. */
  function gone(): void {
    if (child === undefined) return;
    hold(false);
    child = undefined;
    missing = isReady
      ? "it was ended"
      : "it could not begin: it needs a kernel of 5.3 or later, and Perl with its POSIX";
    ready.resolve(false);
    if (waiting.size > 0) logger.warn(`the process that starts commands has ended; ${waiting.size} of them are lost`);
    for (const { begun, started, exited } of waiting.values()) {
      started.resolve(begun);
      exited.resolve(undefined);
    }
    waiting.clear();
  }

  function heard(line: string): void {
    const [what, id = "", ...numbers] = line.split(" ");
    if (what === "R") {
      isReady = true;
      ready.resolve(true);
    }
    const one = waiting.get(id);
    if (one === undefined) return;
    const [first = 0, startTime = 0, grouped] = numbers.map(Number);
    if (what === "B") one.begun = { pid: first, startTime, grouped: grouped === 1, exited: one.exited.promise };
    else if (what === "S") one.started.resolve(one.begun);
    else {
      waiting.delete(id);
      one.started.resolve(undefined);
      one.exited.resolve(endOf(what === "F" ? REFUSED : first));
    }
    if (waiting.size === 0) hold(false);
  }

  child.stdout?.setEncoding("latin1").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) heard(line);
  });
  // That it has ended is believed once all is read that it has said.
  child.stdin?.on("error", () => {});
  child.once("error", gone).once("close", gone);
  hold(false);
  let patience: Promise<boolean> | undefined;

  return {
    async start(request) {
      const id = String(++serial);
      const body = encode(id, request);
      if (body === undefined || waiting.size >= CHILDREN_MAX || child === undefined) return undefined;
      patience ??= within(clock, READY_MAX_MS, ready.promise, () => inputSeen().then(() => false));
      if (!(await patience)) missing ??= "it was not ready in two seconds";
      if (missing !== undefined || child === undefined) return undefined;
      const one: Waiting = { started: Promise.withResolvers(), exited: Promise.withResolvers() };
      waiting.set(id, one);
      hold(true);
      child.stdin?.write(body);
      return within(clock, START_MAX_MS, one.started.promise, async () => {
        await inputSeen();
        if (one.begun === undefined) child?.kill("SIGKILL");
        return one.begun ?? one.started.promise;
      });
    },
    missing: () => missing,
    close() {
      const old = child;
      gone();
      old?.stdin?.destroy();
      old?.stdout?.destroy();
      old?.kill("SIGKILL");
    },
  };
}

const begin = (): ChildProcess =>
  spawn(PERL, ["-e", HELPER_PROGRAM], { stdio: ["pipe", "pipe", "ignore"], env: ENV, cwd: "/" });

/** Undefined for what cannot be said this way. */
function encode(id: string, { argv, cwd, env, stdio, cgroup }: HelperRequest): Buffer | undefined {
  const variables = Object.entries(env);
  const texts = [...argv, cwd ?? "", ...variables.flat()];
  if (texts.some((text) => text.includes("\0")) || argv[0] === "" || cwd === "") return undefined;
  if (variables.some(([name]) => name === "" || name.includes("="))) return undefined;
  const files = stdio.map((file) => (file === "ignore" ? "/dev/null" : `/proc/${process.pid}/fd/${file}`));
  const words = [id, cgroup ?? "", cwd ?? "", ...files, String(argv.length), ...argv];
  const body = Buffer.from([...words, ...variables.map(([name, value]) => `${name}=${value}`), ""].join("\0"));
  const frame = Buffer.allocUnsafe(4 + body.length);
  frame.writeUInt32BE(body.length);
  body.copy(frame, 4);
  return frame;
}

/** What `wait` answered: a signal in the low seven bits, or an exit code in the next eight. One without a name as a shell tells it. */
function endOf(status: number): Ended {
  const number = status & 0x7f;
  const signal = SIGNALS.get(number);
  if (signal !== undefined) return { exitCode: null, signal };
  return { exitCode: number === 0 ? status >> 8 : 128 + number, signal: null };
}
