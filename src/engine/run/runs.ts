import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { CommandCronError } from "../../kernel/errors.ts";
import type { Events } from "../../kernel/events.ts";
import type { Ledger, RunRecord } from "../../ledger/types.ts";
import type { RunnerPort } from "../../runner/port.ts";
import { newRunFor, weighOverlap } from "../../scheduler/index.ts";
import type { Caller, EngineApi } from "../api.ts";
import type { EngineDeps } from "../deps.ts";
import { requireJob } from "../jobs/index.ts";
import type { RunEnds } from "./end-run.ts";
import type { Launcher } from "./launch.ts";
import { createRunReads, requireRun } from "./reads.ts";
import type { Settler } from "./settle.ts";
import { attemptKey } from "./spec.ts";

export interface RunsDeps {
  deps: EngineDeps;
  ledger: Ledger;
  events: Events;
  runner: RunnerPort;
  launcher: Pick<Launcher, "cancel">;
  ends: RunEnds;
  settler: Pick<Settler, "idle">;
  poke(): Promise<void>;
}

type Runs = Pick<EngineApi, "runJob" | "cancel" | "runs" | "getRun" | "log">;

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Manual starts, cancels and reads of runs. */
export function createRuns({ deps, ledger, events, runner, launcher, ends, settler, poke }: RunsDeps): Runs {
  async function cancelRun({ id }: RunRecord, by: string): Promise<{ runId: string; left: number }> {
    // Read again: since the caller looked it may have been claimed.
    const run = requireRun(ledger, id);
    if (run.status === "queued") {
      ledger.transaction(() =>
        ends.withoutProcess(run, "canceled", `canceled by ${by}`, "command canceled before it started"),
      );
      events.emit("run-finished", { jobId: run.jobId, runId: run.id, status: "canceled" });
    } else if (run.status === "running") {
      const key = attemptKey(run.id, run.attempt);
      if (!launcher.cancel(key, by)) await runner.cancel(key, by);
      await settler.idle();
    }
    void poke();
    const left = ledger.attempts.get(run.id, run.attempt)?.cleanup?.left.length ?? 0;
    return { runId: run.id, left };
  }

  return {
    ...createRunReads({ ledger, stateDir: deps.stateDir }),

    async runJob(idOrName, caller, options) {
      const job = requireJob(ledger, idOrName);
      const key = options.idempotencyKey;
      const before = key === undefined ? undefined : ledger.idempotency.get("run", key);
      if (before !== undefined) {
        if (before.requestHash !== hashOf(job.id))
          throw new CommandCronError("IDEMPOTENCY_CONFLICT", { got: key ?? "" });
        return before.result as Awaited<ReturnType<EngineApi["runJob"]>>;
      }
      if (options.mode === "if-enabled" && !job.enabled) return { ok: true, enqueued: false, reason: "disabled" };
      if (options.mode === "due" && (job.nextDueMs ?? Number.POSITIVE_INFINITY) > deps.clock.nowMs()) {
        return { ok: true, enqueued: false, reason: "not-due" };
      }
      const nowMs = deps.clock.nowMs();
      const answer = ledger.transaction(() => {
        const { verdict, active } = weighOverlap(ledger, job);
        if (verdict.verdict === "skip") return { ok: true as const, enqueued: false, reason: "already-running" };
        const run = newRunFor(job, { trigger: "manual", status: "queued", requestedBy: caller.label }, nowMs);
        ledger.runs.insert(run);
        const result = { ok: true as const, enqueued: true, runId: run.id };
        if (key !== undefined) ledger.idempotency.put("run", key, hashOf(job.id), result, nowMs);
        return { ...result, cancel: verdict.verdict === "cancel_other" ? active : [] };
      });
      const { cancel, ...result } = answer as typeof answer & { cancel?: RunRecord[] };
      if (result.enqueued && "runId" in result) events.emit("run-queued", { jobId: job.id, runId: result.runId });
      // The run is claimed before we wait for the disk: one sync covers its row and its claim.
      await poke();
      await ledger.durable();
      // The start waits for the same moment and comes first.
      await nextTurn();
      for (const other of cancel ?? []) void cancelRun(other, "overlap policy cancel_other");
      return result;
    },

    async cancel(runOrJobId, caller: Caller) {
      const run = ledger.runs.find(runOrJobId);
      const targets = run === undefined ? ledger.runs.active(requireJob(ledger, runOrJobId).id) : [run];
      return {
        canceled: await Promise.all(
          targets.filter((row) => row.endedAtMs === undefined).map((row) => cancelRun(row, caller.label)),
        ),
      };
    },
  };
}
