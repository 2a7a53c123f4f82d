import type { ProcessIdentity } from "../../executor/types.ts";
import type { Clock } from "../../kernel/clock.ts";
import { SECOND_MS } from "../../kernel/durations.ts";
import type { Events } from "../../kernel/events.ts";
import { orUndefined } from "../../kernel/or-undefined.ts";
import type { Ledger } from "../../ledger/types.ts";
import type { RunnerEvents } from "../../runner/port.ts";
import type { CommitPoint } from "../deps.ts";
import { HERE } from "./place.ts";
import type { ProgressKeeper } from "./progress/index.ts";
import type { Settler } from "./settle.ts";
import { parseAttemptKey } from "./spec.ts";

/** The process of an attempt's step. */
interface Started {
  identity: ProcessIdentity;
  step: Parameters<RunnerEvents["started"]>[2];
}

/** What becomes of the runner's words. */
export function createRunnerEvents(deps: {
  ledger: Ledger;
  clock: Pick<Clock, "setTimer">;
  events: Events;
  settler: Settler;
  notices: {
    raise(code: string, key: string, message: string): void;
    close(code: string, key: string): void;
    ledger(who: "identities", error: unknown | undefined): void;
  };
  /** Who waits for the end of each attempt. */
  overdue: { done(attemptKey: string): void };
  progress: Pick<ProgressKeeper, "heard" | "done">;
  at(point: CommitPoint): void;
}): RunnerEvents & { stop(): void } {
  const { ledger, events, settler, notices, overdue, progress } = deps;
  /** Processes that are not on record yet, since the ledger took nothing. */
  const unrecorded = new Map<string, Started>();
  let cancelRetry: (() => void) | undefined;

  function identify(key: string, started: Started): void {
    const { identity, step } = started;
    const { runId, attempt } = parseAttemptKey(key);
    try {
      ledger.attempts.identify(runId, attempt, identity);
      recorded(key);
      deps.at(step === "verify" ? "verify-started" : "identified");
      if (step === "verify") return;
      const run = ledger.runs.get(runId);
      if (run !== undefined) events.emit("run-started", { jobId: run.jobId, runId, attempt });
    } catch (error) {
      notices.ledger("identities", error);
      unrecorded.set(key, started);
      cancelRetry ??= deps.clock.setTimer(() => {
        cancelRetry = undefined;
        for (const [waiting, its] of [...unrecorded]) identify(waiting, its);
      }, SECOND_MS);
    }
  }

  function recorded(key: string): void {
    unrecorded.delete(key);
    if (unrecorded.size === 0) notices.ledger("identities", undefined);
  }

  return {
    stop: () => cancelRetry?.(),
    started: (key, identity, step) => identify(key, { identity, step }),
    progress: progress.heard,
    async placed(key, node) {
      const { runId, attempt } = parseAttemptKey(key);
      ledger.attempts.place(runId, attempt, node ?? HERE);
      await ledger.durable();
      deps.at("placed");
    },
    away(key, sinceMs) {
      const { runId, attempt } = parseAttemptKey(key);
      // Written again with the next look; what is known of it does not depend on it.
      const note = () => ledger.attempts.away(runId, attempt, sinceMs ?? null);
      if ((ledger.attempts.get(runId, attempt)?.awaySinceMs ?? undefined) !== sinceMs) orUndefined(note);
    },
    ended(result) {
      // Where it ran needs nobody to know any more.
      if (unrecorded.has(result.attemptKey)) recorded(result.attemptKey);
      overdue.done(result.attemptKey);
      progress.done(result.attemptKey);
      if (result.verify !== undefined) deps.at("verify-result");
      settler.queue(result);
    },
    silent(pid, silent) {
      const message = `the runner (process ${pid}) does not answer; new commands go to another`;
      if (silent) notices.raise("RUNNER_UNRESPONSIVE", String(pid), message);
      else notices.close("RUNNER_UNRESPONSIVE", String(pid));
    },
    lost(attempts, why) {
      const runs = attempts.length === 1 ? "1 run is" : `${attempts.length} runs are`;
      notices.raise("RUNNER_LOST", "runner", `${why}; ${runs} lost`);
      for (const { attemptKey, cleanup } of attempts) {
        if (unrecorded.has(attemptKey)) recorded(attemptKey);
        overdue.done(attemptKey);
        progress.done(attemptKey);
        settler.queueLost(attemptKey, `runner ended: ${why}`, cleanup);
      }
    },
  };
}
