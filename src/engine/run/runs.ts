import { setImmediate as nextTurn } from "node:timers/promises";
import { readLog, tailLog } from "../../executor/index.ts";
import { CommandCronError } from "../../kernel/errors.ts";
import type { Events } from "../../kernel/events.ts";
import type { JobRecord, Ledger, RunRecord } from "../../ledger/types.ts";
import type { RunnerPort } from "../../runner/port.ts";
import { BLOCKED_UNTIL_MS, newRunFor, weighOverlap } from "../../scheduler/index.ts";
import type { Caller, EngineApi, LogPage, RunRef } from "../api.ts";
import type { EngineDeps } from "../deps.ts";
import { remembered } from "../idempotency.ts";
import { requireJob, requireRun, resolveRef } from "../lookup.ts";
import { paged, runView } from "../views.ts";
import { attemptKey, type Launcher, logDirOf } from "./launch.ts";
import type { Settler } from "./settle.ts";

const LOG_PAGE_BYTES = 262_144;

export interface RunsDeps {
  deps: EngineDeps;
  ledger: Ledger;
  events: Events;
  runner: RunnerPort;
  launcher: Pick<Launcher, "cancel">;
  settler: Settler;
  poke(): Promise<void>;
}

type Runs = Pick<EngineApi, "runJob" | "cancel" | "runs" | "getRun" | "log">;

type Started = Awaited<ReturnType<EngineApi["runJob"]>>;

/** Manual starts, cancels and reads of runs. */
export function createRuns({ deps, ledger, events, runner, launcher, settler, poke }: RunsDeps): Runs {
  /** The run itself, or the newest run of the job, also of one that is gone. */
  function runOrNewest(ref: RunRef): RunRecord {
    const target = resolveRef(ledger, ref);
    if ("run" in target) return target.run;
    const jobId = "job" in target ? target.job.id : target.gone;
    const newest = ledger.runs.list({ jobId, limit: 1, offset: 0 }).rows[0];
    if (newest === undefined) throw new CommandCronError("RUN_NOT_FOUND", { got: jobId, details: { jobId } });
    return newest;
  }

  async function cancelRun({ id }: RunRecord, by: string): Promise<{ runId: string; left: number }> {
    // Read again: since the caller looked it may have been claimed.
    const run = requireRun(ledger, id);
    if (run.status === "queued") {
      ledger.transaction(() =>
        settler.settleWithoutProcess(run, "canceled", `canceled by ${by}`, "command canceled before it started"),
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

  /** Writes the run, or says why not; `cancel`: the runs that must end for it. */
  function start(job: JobRecord, mode: string, caller: Caller): Started & { cancel?: RunRecord[] } {
    const nowMs = deps.clock.nowMs();
    const refused = (reason: string): Started => ({ ok: true, enqueued: false, reason });
    if (mode === "if-enabled" && !job.enabled) return refused("disabled");
    if (mode === "due" && (job.nextDueMs ?? Number.POSITIVE_INFINITY) > nowMs) return refused("not-due");
    const { verdict, active } = weighOverlap(ledger, job, "manual");
    if (verdict.verdict === "skip") return refused("already-running");
    const blocked = verdict.verdict !== "start";
    const run = newRunFor(
      job,
      {
        trigger: "manual",
        status: "queued",
        requestedBy: caller.label,
        ...(blocked ? { readyAtMs: BLOCKED_UNTIL_MS } : {}),
      },
      nowMs,
    );
    ledger.runs.insert(run);
    return { ok: true, enqueued: true, runId: run.id, cancel: verdict.verdict === "cancel_other" ? active : [] };
  }

  return {
    async runJob(idOrName, caller, options) {
      const { mode = "force", idempotencyKey } = options;
      const memory = remembered<Started>(ledger, "run", idempotencyKey, { job: idOrName, mode }, deps.clock.nowMs);
      // Before the job is looked for: it may be gone since.
      const before = memory.answer();
      if (before !== undefined) return before;
      const job = requireJob(ledger, idOrName);
      const answer = ledger.transaction(() => {
        const { cancel = [], ...started } = start(job, mode, caller);
        memory.keep(started);
        return { ...started, cancel };
      });
      const { cancel, ...result } = answer;
      if (result.runId !== undefined) events.emit("run-queued", { jobId: job.id, runId: result.runId });
      // The run is claimed before we wait for the disk: one sync covers its row and its claim.
      await poke();
      await ledger.durable();
      // The start waits for the same moment and comes first.
      await nextTurn();
      for (const other of cancel) void cancelRun(other, "overlap policy cancel_other");
      return result;
    },

    async cancel(ref, caller: Caller) {
      const target = resolveRef(ledger, ref);
      if ("gone" in target) requireJob(ledger, target.gone);
      const targets = "run" in target ? [target.run] : "job" in target ? ledger.runs.active(target.job.id) : [];
      return {
        canceled: await Promise.all(
          targets.filter((row) => row.endedAtMs === undefined).map((row) => cancelRun(row, caller.label)),
        ),
      };
    },

    runs(query) {
      const page = ledger.runs.list(query);
      const entries = page.rows.map((run) => runView(run, ledger.attempts.ofRun(run.id)));
      return { entries, ...paged(page, query) };
    },

    getRun(runId) {
      const run = requireRun(ledger, runId);
      return runView(run, ledger.attempts.ofRun(run.id), ledger.jobs.get(run.jobId)?.nextDueMs);
    },

    async log(ref, query): Promise<LogPage> {
      const run = runOrNewest(ref);
      const attempt = query.attempt ?? Math.max(1, run.attempt);
      const record = ledger.attempts.get(run.id, attempt);
      const dir = logDirOf(deps.stateDir, run.id, attempt);
      const limit = Math.min(query.limit ?? LOG_PAGE_BYTES, 4 * LOG_PAGE_BYTES);
      const page =
        query.tailBytes === undefined
          ? await readLog(dir, { offset: query.offset ?? 0, limit })
          : await tailLog(dir, { bytes: Math.min(query.tailBytes, 4 * LOG_PAGE_BYTES) });
      return {
        runId: run.id,
        attempt,
        chunks: page.chunks,
        nextOffset: page.nextOffset,
        endOffset: page.endOffset,
        droppedBytes: page.gaps.reduce((sum, gap) => sum + gap.bytes, 0),
        running: run.endedAtMs === undefined,
        ...(record?.log.cut === undefined ? {} : { cut: record.log.cut }),
        ...(record?.log.gone === true ? { gone: true } : {}),
      };
    },
  };
}
