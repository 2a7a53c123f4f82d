import type { Events } from "../../kernel/events.ts";
import type { Ledger } from "../../ledger/types.ts";
import type { RunnerEvents } from "../../runner/port.ts";
import type { CommitPoint } from "../deps.ts";
import type { Settler } from "./settle.ts";
import { parseAttemptKey } from "./spec.ts";

/** What becomes of the runner's words. */
export function createRunnerEvents(deps: {
  ledger: Ledger;
  events: Events;
  settler: Settler;
  notices: {
    raise(code: string, key: string, message: string): void;
    close(code: string, key: string): void;
    ledger(who: "identities", error: unknown | undefined): void;
  };
  /** Who waits for the end of each attempt. */
  overdue: { done(attemptKey: string): void };
  at(point: CommitPoint): void;
}): RunnerEvents {
  const { ledger, events, settler, notices, overdue } = deps;
  return {
    started(key, identity, step) {
      const { runId, attempt } = parseAttemptKey(key);
      try {
        ledger.attempts.identify(runId, attempt, identity);
        notices.ledger("identities", undefined);
        deps.at(step === "verify" ? "verify-started" : "identified");
        if (step === "verify") return;
        const run = ledger.runs.get(runId);
        if (run !== undefined) events.emit("run-started", { jobId: run.jobId, runId, attempt });
      } catch (error) {
        notices.ledger("identities", error);
      }
    },
    ended(result) {
      overdue.done(result.attemptKey);
      if (result.verify !== undefined) deps.at("verify-result");
      settler.queue(result);
    },
    silent(pid, silent) {
      const message = `the runner (process ${pid}) does not answer; new commands go to another`;
      if (silent) notices.raise("RUNNER_UNRESPONSIVE", String(pid), message);
      else notices.close("RUNNER_UNRESPONSIVE", String(pid));
    },
    lost(attempts, why) {
      notices.raise("RUNNER_LOST", "runner", `${why}; ${attempts.length} runs are lost`);
      for (const { attemptKey, cleanup } of attempts) {
        overdue.done(attemptKey);
        settler.queueLost(attemptKey, `runner ended: ${why}`, cleanup);
      }
    },
  };
}
