import type { RunEntry } from "../../../schema/wire/run.ts";
import { readLog, tailLog } from "../../executor/index.ts";
import { CommandCronError } from "../../kernel/errors.ts";
import type { LedgerReads, RunRecord } from "../../ledger/types.ts";
import type { RunnerPort } from "../../runner/port.ts";
import type { EngineApi, LogPage, RunRef } from "../api.ts";
import { requireRun, resolveRef } from "../lookup.ts";
import { paged, runView } from "../views.ts";
import { attemptKey, logDirOf } from "./attempt/index.ts";
import { progressOf } from "./progress/index.ts";

const LOG_PAGE_BYTES = 262_144;
/** Runs of one passage that are shown. */
const PASSAGE_MAX = 10_000;

interface RunReadsDeps {
  ledger: LedgerReads;
  /** The logs are under it. */
  stateDir: string;
  nowMs(): number;
  /** Brings the log of an attempt that runs elsewhere up to date. */
  freshen?: RunnerPort["freshen"];
}

/** Looking at runs and their logs: nothing here writes, so a ledger that is only read will do. */
export function createRunReads({
  ledger,
  stateDir,
  nowMs,
  freshen,
}: RunReadsDeps): Pick<EngineApi, "runs" | "getRun" | "passage" | "log"> {
  /** The run itself, or the newest run of the job, also of one that is gone. */
  function runOrNewest(ref: RunRef): RunRecord {
    const target = resolveRef(ledger, ref);
    if ("run" in target) return target.run;
    const jobId = "job" in target ? target.job.id : target.gone;
    const newest = ledger.runs.list({ jobId, limit: 1, offset: 0 }).rows[0];
    if (newest !== undefined) return newest;
    const got =
      "job" in target ? `${target.job.definition.name}, a job without a run` : `${jobId}, which names no job either`;
    throw new CommandCronError("RUN_NOT_FOUND", { got, details: { runId: jobId } });
  }

  function viewOf(run: RunRecord, nextRunAtMs?: number): RunEntry {
    const attempts = ledger.attempts.ofRun(run.id);
    const progress = run.status === "running" ? progressOf(ledger, run, attempts.at(-1), nowMs()) : undefined;
    return runView(run, attempts, { nextRunAtMs, progress });
  }

  return {
    runs(query) {
      const page = ledger.runs.list(query);
      const entries = page.rows.map((run) => viewOf(run));
      return { entries, ...paged(page, query) };
    },

    getRun(runId) {
      const run = requireRun(ledger, runId);
      return viewOf(run, ledger.jobs.get(run.jobId)?.nextDueMs);
    },

    passage(runId, page) {
      const all = ledger.runs.passage(requireRun(ledger, runId).id, PASSAGE_MAX);
      const rows = all.slice(page.offset, page.offset + page.limit);
      const more = all.length > page.offset + rows.length;
      const entries = rows.map((run) => viewOf(run));
      return { entries, ...paged({ rows, total: all.length, more }, page) };
    },

    async log(ref, query): Promise<LogPage> {
      const run = runOrNewest(ref);
      const attempts = Math.max(1, run.attempt);
      const attempt = query.attempt ?? attempts;
      let record = ledger.attempts.get(run.id, attempt);
      if (freshen !== undefined && run.status === "running" && record?.node?.id) {
        await freshen(attemptKey(run.id, attempt));
        record = ledger.attempts.get(run.id, attempt);
      }
      const progress = run.status === "running" ? progressOf(ledger, run, record, nowMs()) : undefined;
      const dir = logDirOf(stateDir, run.id, attempt);
      const page =
        query.tailBytes === undefined
          ? await readLog(dir, { offset: query.offset ?? 0, limit: query.limit ?? LOG_PAGE_BYTES })
          : await tailLog(dir, { bytes: query.tailBytes });
      // Somebody else may have removed files of it: what was written has an end mark, unless the log was cut.
      const log = record?.log;
      const lacks = record?.endedAtMs !== undefined && record.log.bytes > 0 && !page.complete && log?.cut === undefined;
      const unstarted =
        record?.outcome === "spawn_failed" ? record.error : record === undefined ? run.reason : undefined;
      return {
        runId: run.id,
        attempt,
        attempts,
        chunks: page.chunks,
        nextOffset: page.nextOffset,
        endOffset: page.endOffset,
        droppedBytes: page.gaps.reduce((sum, gap) => sum + gap.bytes, 0),
        running: run.endedAtMs === undefined,
        ...(progress === undefined ? {} : { progress }),
        ...(log?.cut === undefined ? {} : { cut: log.cut }),
        ...(log?.gone === true || lacks ? { gone: true } : {}),
        ...(unstarted === undefined ? {} : { unstarted }),
      };
    },
  };
}
