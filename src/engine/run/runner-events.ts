import type { NodeRef } from "../../../schema/wire/target.ts";
import type { ProcessIdentity } from "../../executor/types.ts";
import { SECOND_MS } from "../../kernel/durations.ts";
import { CommandCronError, errorText } from "../../kernel/errors.ts";
import { orUndefined } from "../../kernel/or-undefined.ts";
import { eachApart } from "../../ledger/index.ts";
import type { Ledger } from "../../ledger/types.ts";
import type { RunnerEvents } from "../../runner/port.ts";
import type { CommitPoint, Core } from "../deps.ts";
import { HERE, parseAttemptKey, runningRun } from "./attempt/index.ts";
import type { Settler } from "./end/index.ts";
import type { ProgressKeeper } from "./progress/index.ts";

/**
 * Most commands are over by then, and their end says where they ran. Should this process and the runner both be killed
 * before, what is left of the command is found by its cookie.
 */
const RECORD_AFTER_MS = 25;
/** Written in one turn of the event loop. */
const RECORDED_PER_TURN = 100;

/**
 * Raises NODE_TWICE where the node was given a run of the same occurrence already, which was queued for another of its
 * names: which names are of one node is known for sure only when it is asked.
 */
function assertOnce({ runs, attempts }: Ledger, runId: string, { id, name }: NodeRef): void {
  const run = runs.get(runId);
  if (run?.node === undefined || run.scheduledForMs === undefined) return;
  for (const alias of new Set([id, name])) {
    const other = alias === run.node ? undefined : runs.claimedOn(run.jobId, run.scheduledForMs, alias);
    if (other === undefined || !attempts.ofRun(other.id).some(({ node }) => node?.id === id)) continue;
    throw new CommandCronError("NODE_TWICE", { got: `${name || id}, as ${run.node} and as ${alias}` });
  }
}

/** What becomes of the runner's words. */
export function createRunnerEvents(
  deps: Core & {
    settler: Settler;
    notices: {
      raise(code: string, key: string, message: string): void;
      close(code: string, key: string): void;
      ledger(who: "identities", error: unknown | undefined): void;
    };
    /** Who waits for the end of each attempt. */
    overdue: { done(attemptKey: string): void };
    progress: Pick<ProgressKeeper, "heard" | "done">;
    /** Runs wait in the queue again. */
    returned(runIds: string[]): void;
    at(point: CommitPoint): void;
  },
): RunnerEvents & { stop(): void } {
  const { ledger, events, settler, notices, overdue, progress } = deps;
  /** Processes that are not on record yet: they have only begun, or the ledger took nothing. */
  const unrecorded = new Map<string, ProcessIdentity>();
  let refused = false;
  let cancelTimer: (() => void) | undefined;

  function arm(delayMs: number): void {
    cancelTimer ??= deps.clock.setTimer(record, delayMs);
  }

  /** Writes them all in one transaction. */
  function record(): void {
    cancelTimer = undefined;
    const batch = [...unrecorded].slice(0, RECORDED_PER_TURN);
    if (batch.length === 0) return;
    try {
      eachApart(
        ledger,
        batch,
        ([key, identity]) => {
          const { runId, attempt } = parseAttemptKey(key);
          ledger.attempts.identify(runId, attempt, identity);
        },
        ([key, { pid }], error) => deps.logger.warn(`process ${pid} of ${key} is not noted: ${errorText(error)}`),
      );
    } catch (error) {
      refused = true;
      notices.ledger("identities", error);
      arm(SECOND_MS);
      return;
    }
    for (const [key, identity] of batch) if (unrecorded.get(key) === identity) unrecorded.delete(key);
    recovered();
    deps.at("identified");
    if (unrecorded.size > 0) arm(0);
  }

  function recovered(): void {
    if (!refused || unrecorded.size > 0) return;
    refused = false;
    notices.ledger("identities", undefined);
  }

  /** Where it ran needs nobody to know any more: its end says so itself. */
  function over(key: string): void {
    if (unrecorded.delete(key)) recovered();
    overdue.done(key);
    progress.done(key);
  }

  return {
    stop() {
      for (let left = Number.POSITIVE_INFINITY; unrecorded.size < left; ) {
        left = unrecorded.size;
        cancelTimer?.();
        record();
      }
      cancelTimer?.();
    },
    started(key, identity, step) {
      unrecorded.set(key, identity);
      arm(RECORD_AFTER_MS);
      if (step === "verify") deps.at("verify-started");
      else events.emit("run-started", parseAttemptKey(key));
    },
    progress: progress.heard,
    async placed(key, node) {
      const { runId, attempt } = parseAttemptKey(key);
      ledger.transaction(() => {
        if (node !== undefined) assertOnce(ledger, runId, node);
        ledger.attempts.place(runId, attempt, node ?? HERE);
      });
      await ledger.durable();
      deps.at("placed");
    },
    neverCame(key) {
      const run = runningRun(ledger, parseAttemptKey(key));
      if (run === undefined) return;
      try {
        ledger.runs.putBack(run.id, deps.clock.nowMs());
        deps.returned([run.id]);
      } catch {
        settler.queueLost(key, "its node never got it, and the queue could not take it back", undefined);
      }
    },
    away(key, sinceMs) {
      const { runId, attempt } = parseAttemptKey(key);
      // Written again with the next look; what is known of it does not depend on it.
      const note = () => ledger.attempts.away(runId, attempt, sinceMs ?? null);
      if ((ledger.attempts.get(runId, attempt)?.awaySinceMs ?? undefined) !== sinceMs) orUndefined(note);
    },
    ended(result) {
      over(result.attemptKey);
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
        over(attemptKey);
        settler.queueLost(attemptKey, `runner ended: ${why}`, cleanup);
      }
    },
  };
}
