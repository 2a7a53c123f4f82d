import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { readLog, tailLog } from "../../executor/index.ts";
import { CommandCronError } from "../../kernel/errors.ts";
import type { Events } from "../../kernel/events.ts";
import type { Ledger, RunRecord } from "../../ledger/types.ts";
import type { RunnerPort } from "../../runner/port.ts";
import { BLOCKED_UNTIL_MS, newRunFor, weighOverlap } from "../../scheduler/index.ts";
import type { Caller, EngineApi, LogPage } from "../api.ts";
import type { EngineDeps } from "../deps.ts";
import { requireJob } from "../jobs/index.ts";
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

export function requireRun(ledger: Ledger, id: string): RunRecord {
  const run = ledger.runs.find(id);
  if (run === undefined) throw new CommandCronError("RUN_NOT_FOUND", { got: id, details: { runId: id } });
  return run;
}

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Manual starts, cancels and reads of runs. */
export function createRuns({ deps, ledger, events, runner, launcher, settler, poke }: RunsDeps): Runs {
  /** The run itself, or the newest run of the job with this id or name. */
  function runOrNewest(id: string): RunRecord {
    const run = ledger.runs.find(id);
    if (run !== undefined) return run;
    const job = ledger.jobs.find(id);
    const newest = ledger.runs.list({ jobId: job?.id ?? id, limit: 1, offset: 0 }).rows[0];
    if (newest !== undefined) return newest;
    const got = job === undefined ? `${id}, which names no job either` : `${job.definition.name}, a job without a run`;
    throw new CommandCronError("RUN_NOT_FOUND", { got, details: { runId: id } });
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

  return {
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
        const { verdict, active } = weighOverlap(ledger, job, "manual");
        if (verdict.verdict === "skip") return { ok: true as const, enqueued: false, reason: "already-running" };
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

    runs(query) {
      const page = ledger.runs.list(query);
      const entries = page.rows.map((run) => runView(run, ledger.attempts.ofRun(run.id)));
      return { entries, ...paged(page.total, query.offset, query.limit, entries.length) };
    },

    getRun(runId) {
      const run = requireRun(ledger, runId);
      return runView(run, ledger.attempts.ofRun(run.id), ledger.jobs.get(run.jobId)?.nextDueMs);
    },

    async log(runOrJobId, query): Promise<LogPage> {
      const run = runOrNewest(runOrJobId);
      const attempt = query.attempt ?? Math.max(1, run.attempt);
      const record = ledger.attempts.get(run.id, attempt);
      const dir = logDirOf(deps.stateDir, run.id, attempt);
      const limit = Math.min(query.limit ?? LOG_PAGE_BYTES, 4 * LOG_PAGE_BYTES);
      const page =
        query.tailBytes === undefined
          ? await readLog(dir, { offset: query.offset ?? 0, limit })
          : await tailLog(dir, { bytes: Math.min(query.tailBytes, 4 * LOG_PAGE_BYTES) });
      // Somebody else may have removed files of it: what was written has an end mark, unless the log was cut.
      const log = record?.log;
      const lacks = record?.endedAtMs !== undefined && record.log.bytes > 0 && !page.complete && log?.cut === undefined;
      const unstarted =
        record?.outcome === "spawn_failed" ? record.error : record === undefined ? run.reason : undefined;
      return {
        runId: run.id,
        attempt,
        chunks: page.chunks,
        nextOffset: page.nextOffset,
        endOffset: page.endOffset,
        droppedBytes: page.gaps.reduce((sum, gap) => sum + gap.bytes, 0),
        running: run.endedAtMs === undefined,
        ...(log?.cut === undefined ? {} : { cut: log.cut }),
        ...(log?.gone === true || lacks ? { gone: true } : {}),
        ...(unstarted === undefined ? {} : { unstarted }),
      };
    },
  };
}
