import { open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { AttemptResult, CommandSpec } from "../../executor/types.ts";
import type { Clock } from "../../kernel/clock.ts";
import { CommandCronError, errorText } from "../../kernel/errors.ts";
import { newToken } from "../../kernel/ids.ts";
import { present } from "../../kernel/present.ts";
import type { RunnerEvents, RunnerPort } from "../port.ts";
import { unpackSpec } from "../wire/index.ts";
import {
  isNodeRequest,
  NODE_LOG_BYTES,
  NODE_PROTOCOL,
  type NodeAnswer,
  type NodeAttempt,
  type NodeRequest,
} from "./wire.ts";

/** Of results in one answer, as JSON; the rest comes with the next. */
const RESULTS_BYTES = 2_000_000;
const PIECE_BYTES = 262_144;

interface NodeServerOptions {
  /** A runner of its own; opened with the first question. */
  runner: RunnerPort;
  clock: Clock;
  version: string;
  /** Logs lie here until their results are acknowledged. */
  logsDir: string;
  /** A spec as it is run on this machine: its environment below the command's, its home. */
  localize(spec: CommandSpec): CommandSpec;
}

export interface NodeServer {
  /**
   * Answers one question of the gateway. `authorize` raises when this node does not let it run commands. Raises
   * INVALID_PARAMS, RUNNER_PROTOCOL, and what opening the runner raises.
   */
  answer(request: unknown, asked: { authorize(): void; signal?: AbortSignal }): Promise<object>;
  /** Whether a command runs here, or a result waits to be fetched. */
  isBusy(): boolean;
}

type Kept = Omit<NodeAttempt, "attemptKey"> & { result?: AttemptResult };

/** The runner's protocol served by a node: starts, ends and keeps attempts; answers with all of it each time. */
export function createNodeServer({ runner, clock, version, logsDir, localize }: NodeServerOptions): NodeServer {
  /** By the owner's name and the key, as the runner here knows them. */
  const attempts = new Map<string, Kept>();
  const session = newToken();
  let changes = 0;
  const waiting = new Set<() => void>();
  let opened: Promise<string> | undefined;

  function changed(): void {
    changes += 1;
    for (const wake of waiting) wake();
  }

  function note(key: string, what: Kept): void {
    attempts.set(key, { ...attempts.get(key), ...what });
    changed();
  }

  /** How often the runner here was lost with what it knew. */
  let losses = 0;
  const events: RunnerEvents = {
    started(key, identity, step) {
      if (step === "command") note(key, { identity });
    },
    progress: (key, progress) => note(key, { progress }),
    ended: (result) => note(result.attemptKey, { over: true, result }),
    lost(lost) {
      losses += 1;
      for (const { attemptKey } of lost) attempts.delete(attemptKey);
      changed();
    },
    silent() {},
  };

  async function openRunner(): Promise<string> {
    const known = await runner.open(events);
    for (const { attemptKey, identity } of known.running) note(attemptKey, present({ identity }));
    for (const attemptKey of known.ended) note(attemptKey, { over: true });
    return known.instance;
  }

  /** Names the memory of the runner here; after a loss it is another one. */
  async function instanceOf(): Promise<string> {
    opened ??= openRunner();
    try {
      const instance = await opened;
      return losses === 0 ? instance : `${session}-${losses}`;
    } catch (error) {
      opened = undefined;
      throw error;
    }
  }

  const logDirOf = (key: string): string => join(logsDir, key);

  function start(key: string, given: CommandSpec, authorize: () => void): string | undefined {
    if (attempts.has(key)) return undefined;
    try {
      authorize();
    } catch (error) {
      return errorText(error);
    }
    note(key, {});
    const logBudgetBytes = Math.min(given.logBudgetBytes, NODE_LOG_BYTES);
    runner.start(localize({ ...given, attemptKey: key, logDir: logDirOf(key), logBudgetBytes }));
    return undefined;
  }

  function take(
    { owner, messages, instance }: NodeRequest,
    here: string,
    authorize: () => void,
  ): NodeAnswer["refused"] {
    const refused: NodeAnswer["refused"] = [];
    for (const message of messages) {
      if (message.type === "start" && instance === here) {
        const { attemptKey } = message.spec;
        const why = start(`${owner}.${attemptKey}`, unpackSpec(message), authorize);
        if (why !== undefined) refused.push({ attemptKey, message: why });
      } else if (message.type === "cancel") {
        void runner.cancel(`${owner}.${message.attemptKey}`, message.by).catch(() => undefined);
      } else if (message.type === "acknowledge") {
        const key = `${owner}.${message.attemptKey}`;
        if (attempts.get(key)?.result === undefined) continue;
        attempts.delete(key);
        runner.acknowledge(key);
        void rm(logDirOf(key), { recursive: true, force: true }).catch(() => undefined);
      }
    }
    return refused;
  }

  const state = (): string => `${session}.${changes}`;

  /** Until there is something else than was heard, or time is over, or nobody waits any more. */
  function news(heard: string | undefined, holdMs: number, signal: AbortSignal | undefined): Promise<void> {
    if (heard !== state() || holdMs <= 0 || signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel();
        waiting.delete(wake);
        resolve();
      };
      const cancel = clock.setTimer(wake, holdMs);
      waiting.add(wake);
      signal?.addEventListener("abort", wake, { once: true });
    });
  }

  async function filesOf(key: string): Promise<{ name: string; bytes: number }[]> {
    const names = await readdir(logDirOf(key)).catch(() => []);
    return await Promise.all(
      names.sort().map(async (name) => ({ name, bytes: (await stat(join(logDirOf(key), name))).size })),
    );
  }

  async function describe(owner: string): Promise<Pick<NodeAnswer, "attempts" | "results">> {
    const prefix = `${owner}.`;
    const own = [...attempts].filter(([key]) => key.startsWith(prefix));
    const results: NodeAnswer["results"] = [];
    let bytes = 0;
    for (const [key, { result }] of own) {
      if (result === undefined || bytes > RESULTS_BYTES) continue;
      results.push({ result: { ...result, attemptKey: key.slice(prefix.length) }, files: await filesOf(key) });
      bytes += JSON.stringify(result).length;
    }
    return {
      attempts: own.map(([key, { identity, progress, over }]) =>
        present({ attemptKey: key.slice(prefix.length), identity, progress, over }),
      ),
      results,
    };
  }

  async function readPiece({ attemptKey, file, offset = 0 }: NonNullable<NodeRequest["read"]>, owner: string) {
    const key = `${owner}.${attemptKey}`;
    if (file === undefined) return { protocol: NODE_PROTOCOL, files: await filesOf(key) };
    const handle = await open(join(logDirOf(key), file), "r");
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(PIECE_BYTES), 0, PIECE_BYTES, offset);
      return { protocol: NODE_PROTOCOL, data: buffer.subarray(0, bytesRead).toString("base64") };
    } finally {
      await handle.close();
    }
  }

  return {
    async answer(request, { authorize, signal }) {
      if (!isNodeRequest(request)) {
        throw new CommandCronError("INVALID_PARAMS", {
          field: "params",
          expected: "a question of the gateway's plugin",
        });
      }
      if (request.protocol !== NODE_PROTOCOL) {
        const [expected, got] = [`protocol ${NODE_PROTOCOL}`, String(request.protocol)];
        throw new CommandCronError("RUNNER_PROTOCOL", { expected, got });
      }
      if (request.read !== undefined) return await readPiece(request.read, request.owner);
      const instance = await instanceOf();
      const refused = take(request, instance, authorize);
      await news(request.heard, request.holdMs, signal);
      const answer: NodeAnswer = {
        protocol: NODE_PROTOCOL,
        instance: await instanceOf(),
        heard: state(),
        version,
        nowMs: clock.nowMs(),
        refused,
        ...(await describe(request.owner)),
      };
      return answer;
    },
    isBusy: () => attempts.size > 0,
  };
}
