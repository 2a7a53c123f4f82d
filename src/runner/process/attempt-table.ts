import type { Progress } from "../../../schema/wire/progress.ts";
import {
  type Executor,
  type OnProgress,
  type OnStarted,
  type RunningCommand,
  unstarted,
} from "../../executor/index.ts";
import type { AttemptResult, CommandSpec, ProcessIdentity } from "../../executor/types.ts";
import type { Clock } from "../../kernel/clock.ts";
import { errorText } from "../../kernel/errors.ts";
import type { Logger } from "../../kernel/logger.ts";
import type { ResultStore } from "../results.ts";
import { HEARS_PROGRESS, type RunningAttempt, type ToGateway } from "../wire/index.ts";

/** So many acknowledged keys are remembered, lest a repeated message starts a command again. */
const DONE_MAX = 10_000;
const SAVE_AGAIN_MS = 5_000;

interface Attempt {
  spec: Pick<CommandSpec, "onGatewayExit">;
  command: RunningCommand;
  identity?: ProcessIdentity;
  progress?: Progress;
  result?: AttemptResult;
  saved?: boolean;
}

/** The attempts a runner has: running, or ended and not yet acknowledged. */
export interface AttemptTable {
  start(spec: CommandSpec): void;
  /** False when it is not known. */
  cancel(attemptKey: string, by: string): boolean;
  cancelAll(by: string, which: (spec: Pick<CommandSpec, "onGatewayExit">) => boolean): Promise<void>;
  acknowledge(attemptKey: string): void;
  /** From now on nothing is started; who asks gets a result that says why. */
  refuse(why: string): void;
  /** A gateway listens: sends it what it missed. */
  attach(send: (message: ToGateway) => void, hears: readonly string[]): void;
  /** Nobody listens any more: results go to disk. */
  detach(): void;
  running(): RunningAttempt[];
  /** Whether any attempt has not ended. */
  busy(): boolean;
  ended(): string[];
  /** Nothing runs, and every result is acknowledged or on disk. */
  settled(): boolean;
}

export function createAttemptTable(deps: {
  executor: Executor;
  results: ResultStore;
  clock: Clock;
  logger: Logger;
  onChange(): void;
}): AttemptTable {
  const { executor, results, clock, logger, onChange } = deps;
  const attempts = new Map<string, Attempt>();
  const done = new Set<string>();
  let refusal: string | undefined;
  let send: ((message: ToGateway) => void) | undefined;
  let hears: readonly string[] = [];

  function finished(attempt: Attempt, result: AttemptResult): void {
    attempt.result = result;
    if (send === undefined) save(attempt, result);
    else send({ type: "ended", result });
    onChange();
  }

  /** A full disk must not lose the result: it stays in memory, and so does this process. */
  function save(attempt: Attempt, result: AttemptResult): void {
    if (attempt.saved === true) return;
    results.save(result).then(
      () => {
        attempt.saved = true;
        // Acknowledged while it was being written.
        if (!attempts.has(result.attemptKey)) void results.remove(result.attemptKey);
        onChange();
      },
      (error) => {
        logger.warn(`result of ${result.attemptKey} could not be saved: ${errorText(error)}`);
        clock.setTimer(() => {
          if (send === undefined && attempts.has(result.attemptKey)) save(attempt, result);
        }, SAVE_AGAIN_MS);
      },
    );
  }

  function refused(attemptKey: string, message: string): RunningCommand {
    const error = { code: "RUNNER_UNAVAILABLE" as const, message };
    const result = unstarted(attemptKey, clock.nowMs(), { outcome: "spawn_failed", error });
    return { result: Promise.resolve(result), async cancel() {} };
  }

  const entries = (): [string, Attempt][] => [...attempts];

  return {
    start(spec) {
      const key = spec.attemptKey;
      const existing = attempts.get(key);
      if (existing?.result !== undefined) send?.({ type: "ended", result: existing.result });
      if (existing !== undefined || done.has(key)) return;
      const onStarted: OnStarted = (identity, step) => {
        attempt.identity = identity;
        send?.({ type: "started", attemptKey: key, identity, ...(step === "command" ? {} : { step }) });
      };
      const onProgress: OnProgress = (progress) => {
        attempt.progress = progress;
        if (hears.includes(HEARS_PROGRESS)) send?.({ type: "progress", attemptKey: key, progress });
      };
      const command = refusal === undefined ? executor.run(spec, onStarted, onProgress) : refused(key, refusal);
      const attempt: Attempt = { spec: { onGatewayExit: spec.onGatewayExit }, command };
      attempts.set(key, attempt);
      void command.result.then((result) => finished(attempt, result));
      onChange();
    },
    cancel(attemptKey, by) {
      const attempt = attempts.get(attemptKey);
      void attempt?.command.cancel(by);
      return attempt !== undefined;
    },
    async cancelAll(by, which) {
      const chosen = entries().filter(([, attempt]) => which(attempt.spec));
      await Promise.all(chosen.map(([, attempt]) => attempt.command.cancel(by)));
    },
    acknowledge(attemptKey) {
      const attempt = attempts.get(attemptKey);
      if (attempt?.result === undefined) return;
      attempts.delete(attemptKey);
      if (attempt.saved === true) void results.remove(attemptKey).catch((error) => logger.warn(errorText(error)));
      done.add(attemptKey);
      for (const oldest of done) {
        if (done.size <= DONE_MAX) break;
        done.delete(oldest);
      }
      onChange();
    },
    refuse(why) {
      refusal = why;
    },
    attach(listener, understood) {
      send = listener;
      hears = understood;
      for (const [, { result }] of entries()) if (result !== undefined) listener({ type: "ended", result });
    },
    detach() {
      send = undefined;
      for (const [, attempt] of entries()) if (attempt.result !== undefined) save(attempt, attempt.result);
    },
    running: () =>
      entries().flatMap(([attemptKey, { result, identity, progress }]) => {
        if (result !== undefined) return [];
        return [{ attemptKey, ...(identity && { identity }), ...(progress && { progress }) }];
      }),
    busy: () => [...attempts.values()].some(({ result }) => result === undefined),
    ended: () => entries().flatMap(([attemptKey, { result }]) => (result === undefined ? [] : [attemptKey])),
    settled: () => entries().every(([, attempt]) => attempt.result !== undefined && attempt.saved === true),
  };
}
