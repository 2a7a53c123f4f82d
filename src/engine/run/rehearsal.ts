import { rm } from "node:fs/promises";
import { join } from "node:path";
import { NO_STATE } from "../../../schema/wire/steps.ts";
import { STEP_VARIABLE, unstarted } from "../../executor/index.ts";
import type { AttemptResult } from "../../executor/types.ts";
import { delay } from "../../kernel/clock.ts";
import { MINUTE_MS, SECOND_MS } from "../../kernel/durations.ts";
import { CommandCronError } from "../../kernel/errors.ts";
import { newId } from "../../kernel/ids.ts";
import type { JobDefinition } from "../../ledger/types.ts";
import { destinationsFor } from "../../outbox/message/index.ts";
import { outcomeError, toRunStatus, toWireStatus } from "../../policy/run/index.ts";
import { showStream } from "../../policy/text/index.ts";
import type { RunnerEvents, RunnerPort } from "../../runner/port.ts";
import type { RehearsalReport } from "../api.ts";
import type { EngineDeps, Settings } from "../deps.ts";
import { ENTRY_STREAM_MAX_BYTES } from "../views.ts";
import { commandSpec } from "./attempt/index.ts";
import { captured, decideWords } from "./end/index.ts";

/** Somebody waits for it, so it takes no longer, whatever its own limit is. */
const TRIAL_MAX_MS = 10 * MINUTE_MS;

/** The gateway gives five seconds in all. The runner ends them in any case. */
const STOP_MAX_MS = SECOND_MS;

export interface Rehearsals {
  /** Runs the command once, now, and answers what it did and would say. Nothing is stored or sent. Raises what secrets raise. */
  rehearse(definition: JobDefinition): Promise<RehearsalReport>;
  /** How a command ended that runs for a look, in the named step. Raises what secrets raise. */
  perform(definition: JobDefinition, step?: string): Promise<AttemptResult>;
  /** What the runner says of rehearsals stays here; the rest is passed on. */
  apart(events: RunnerEvents): RunnerEvents;
  /** Nobody waits any longer; what still runs is ended, for which the runner gets a moment. */
  stop(): Promise<void>;
}

/** Commands that run for a look: in the runner and under their limits, but without job, run or message. */
export function createRehearsals(deps: EngineDeps, settings: Settings, runner: RunnerPort): Rehearsals {
  const dir = join(deps.stateDir, "rehearsals");
  const waiting = new Map<string, { end(result: AttemptResult): void; fail(error: unknown): void }>();
  const remove = (path: string) => rm(path, { recursive: true, force: true }).catch(() => undefined);
  // Of those a gateway did not see the end of.
  void remove(dir);

  async function perform(definition: JobDefinition, step?: string): Promise<AttemptResult> {
    const id = newId();
    const state = definition.policy?.state === undefined ? undefined : NO_STATE;
    const run = { jobId: id, runId: id, attempt: 1 };
    const { env, ...spec } = await commandSpec(deps, settings, definition, run, undefined, state);
    const logDir = join(dir, id);
    try {
      return await new Promise((end, fail) => {
        waiting.set(spec.attemptKey, { end, fail });
        const timeoutMs = Math.min(spec.timeoutMs || TRIAL_MAX_MS, TRIAL_MAX_MS);
        const steps = step === undefined ? {} : { [STEP_VARIABLE]: step };
        runner.start({ ...spec, env: { ...env, ...steps }, timeoutMs, onGatewayExit: "stop", logDir });
      });
    } finally {
      waiting.delete(spec.attemptKey);
      await remove(logDir);
    }
  }

  return {
    perform,
    async rehearse(definition) {
      if (definition.policy?.approval?.required === true) {
        throw new CommandCronError("APPROVAL_REQUIRED", { field: "policy.approval" });
      }
      if (definition.policy?.target !== undefined) {
        const [field, expected] = ["policy.target", "none for a command that is only tried, here"];
        throw new CommandCronError("POLICY_UNSUPPORTED", { field, expected });
      }
      const result = await perform(definition);
      const { exitCodes } = definition.policy ?? {};
      const runStatus = toRunStatus(result.outcome, result.exitCode, exitCodes);
      const wireStatus = toWireStatus(runStatus) ?? "error";
      const error = outcomeError(result, exitCodes);
      const to = destinationsFor(definition, deps.config).map(({ destination }) => destination);
      // As the first run of a job: nothing came before it.
      const before = { previousStatus: undefined, lastDeliveredText: undefined };
      const words = decideWords(definition, result, { wireStatus, error, ...before });
      return {
        status: wireStatus,
        runStatus,
        outcome: result.outcome,
        exitCode: result.exitCode,
        signal: result.signal,
        ...(error === undefined ? {} : { error }),
        durationMs: Math.max(0, result.endedAtMs - result.startedAtMs),
        stdout: showStream(captured(result.stdout), ENTRY_STREAM_MAX_BYTES),
        stderr: showStream(captured(result.stderr), ENTRY_STREAM_MAX_BYTES),
        stdoutBytes: result.stdout.bytes,
        stderrBytes: result.stderr.bytes,
        cleanup: result.cleanup,
        to,
        ...(to.length === 0 ? {} : words.verdict === "deliver" ? { text: words.text } : { silent: words.reason }),
      };
    },

    apart: (events) => ({
      ...events,
      started(key, identity, step) {
        if (!waiting.has(key)) events.started(key, identity, step);
      },
      progress(key, progress) {
        if (!waiting.has(key)) events.progress(key, progress);
      },
      ended(result) {
        const rehearsal = waiting.get(result.attemptKey);
        if (rehearsal === undefined) return events.ended(result);
        runner.acknowledge(result.attemptKey);
        rehearsal.end(result);
      },
      lost(attempts, why) {
        for (const { attemptKey, cleanup } of attempts) {
          const error = { code: "RUNNER_UNAVAILABLE" as const, message: why };
          const how = { outcome: "lost" as const, error, ...(cleanup === undefined ? {} : { cleanup }) };
          waiting.get(attemptKey)?.end(unstarted(attemptKey, deps.clock.nowMs(), how));
        }
        events.lost(
          attempts.filter(({ attemptKey }) => !waiting.has(attemptKey)),
          why,
        );
      },
    }),

    async stop() {
      const ends = [...waiting].map(([key, { fail }]) => {
        fail(new CommandCronError("SERVICE_STOPPED"));
        return runner.cancel(key, "the gateway's stop");
      });
      await Promise.race([Promise.allSettled(ends), ends.length === 0 ? undefined : delay(deps.clock, STOP_MAX_MS)]);
    },
  };
}
