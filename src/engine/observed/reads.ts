import type { SummaryEntry } from "../../../schema/wire/calls/jobs.ts";
import type { RunEntry } from "../../../schema/wire/run.ts";
import { pick, present } from "../../kernel/present.ts";
import type { JobRecord, LedgerReads, ObservedJob, ObservedRun } from "../../ledger/types.ts";
import { toWireStatus } from "../../policy/run/index.ts";
import type { EngineApi } from "../api.ts";
import { runningAtMs, runView } from "../views.ts";

/** Newest runs of a job of ours that are looked at for how many in a row were well. */
const STREAK_MAX = 100;
/** Rows of each kind behind which nothing is merged: a page further on is asked for by job. */
const MERGED_MAX = 5_000;

/** Everything that is scheduled here, the gateway's own jobs as well. Nothing here writes. */
export function createObservedReads(ledger: LedgerReads): Pick<EngineApi, "summary" | "allRuns"> {
  return {
    summary({ source = "all", query = "", limit, offset }) {
      const word = query.toLowerCase();
      const fits = ({ id, name }: { id: string; name: string }): boolean =>
        word === "" || `${id}\n${name}`.toLowerCase().includes(word);
      const all = { includeDisabled: true, sortBy: "name", limit: offset + limit, offset: 0 } as const;
      const named = query === "" ? all : { ...all, text: query };
      const ours = source === "gateway" ? { rows: [], total: 0 } : ledger.jobs.list(named);
      const theirs = source === "command" ? [] : ledger.observed.jobs().filter(fits);
      const rows = [
        ...ours.rows.map((job) => ({ name: job.definition.name, id: job.id, entry: () => ownEntry(ledger, job) })),
        ...theirs.map((job) => ({ name: job.name, id: job.id, entry: () => observedEntry(job) })),
      ].sort((one, other) => compareNames(one.name, other.name) || (one.id < other.id ? -1 : 1));
      const { shown: jobs, ...page } = pageOf(rows, ours.total + theirs.length, { limit, offset });
      return { jobs, ...page };
    },

    allRuns({ id, statuses, sinceMs, untilMs, sortDir = "desc", limit, offset }) {
      const wanted = { limit: Math.min(MERGED_MAX, offset + limit), offset: 0, sortDir };
      const [named, more] = id === undefined ? [] : ledger.observed.matches(id);
      const observed = named !== undefined && more === undefined ? named.id : id;
      const ours = ledger.runs.list({ ...wanted, ...present({ jobId: id, statuses, sinceMs, untilMs }) });
      const theirs = ledger.observed.runs({
        ...wanted,
        ...present({ jobId: observed, statuses: statuses?.flatMap((status) => FINER[status]), sinceMs, untilMs }),
      });
      // By what each is listed by: so pages follow one another without a gap, however long a run went on.
      const rows = [
        ...ours.rows.map((run) => ({
          atMs: run.queuedAtMs,
          entry: () => runView(run, ledger.attempts.ofRun(run.id)),
        })),
        ...theirs.rows.map((run) => ({ atMs: run.endedMs, entry: () => observedRunView(run) })),
      ].sort((one, other) => (sortDir === "asc" ? one.atMs - other.atMs : other.atMs - one.atMs));
      const { shown: entries, ...page } = pageOf(rows, ours.total + theirs.total, { limit, offset });
      return { entries, ...page };
    },
  };
}

const FINER = { ok: ["succeeded"], error: ["failed"], skipped: ["skipped", "missed"] } as const;

const folded = (name: string): string => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
/** The ledger's order of names: letters of ASCII in either case are one. */
function compareNames(one: string, other: string): number {
  const [a, b] = [folded(one), folded(other)];
  return a === b ? 0 : a < b ? -1 : 1;
}

/** One page of what was merged; only what is on it is looked at closer. */
function pageOf<T>(
  rows: readonly { entry(): T }[],
  total: number,
  { limit, offset }: { limit: number; offset: number },
) {
  const shown = rows.slice(offset, offset + limit).map(({ entry }) => entry());
  const next = offset + shown.length;
  const hasMore = next < total && shown.length > 0;
  return { shown, total, offset, limit, hasMore, nextOffset: hasMore ? next : null };
}

/** Of runs that came to an end: how many were well, in whole percent. */
const okRate = ({ ok, error }: { ok: number; error: number }): number | undefined =>
  ok + error === 0 ? undefined : Math.floor((100 * ok) / (ok + error));

type Standing = Pick<
  ObservedJob,
  "id" | "enabled" | "nextDueMs" | "lastRunAtMs" | "lastStatus" | "lastError" | "lastDurationMs" | "lastOkAtMs"
> &
  Pick<ObservedJob, "consecutiveErrors" | "totals"> & { lastDeliveryStatus?: string };

/** What is the same for every job: how it stands, what comes, what goes on, and how it went last. */
function entryOf(
  about: Pick<SummaryEntry, "name" | "source" | "kind" | "schedule" | "consecutiveOk">,
  job: Standing,
  runningAtMs: number | undefined,
): SummaryEntry {
  const { id: jobId, enabled, consecutiveErrors, totals, nextDueMs, lastStatus = "idle" } = job;
  return {
    ...{ jobId, ...about, enabled, consecutiveErrors, totals },
    state: runningAtMs !== undefined ? "running" : enabled ? lastStatus : "disabled",
    ...present({ nextRunAtMs: enabled ? nextDueMs : undefined, runningAtMs, okRate: okRate(totals) }),
    ...pick(job, "lastRunAtMs", "lastStatus", "lastError", "lastDurationMs", "lastOkAtMs", "lastDeliveryStatus"),
  };
}

function ownEntry(ledger: LedgerReads, job: JobRecord): SummaryEntry {
  const { name, schedule, payload } = job.definition;
  const about = {
    name,
    source: "command",
    kind: payload.kind,
    schedule,
    consecutiveOk: okInARow(ledger, job.id),
  } as const;
  return entryOf(about, job, runningAtMs(ledger, job.id));
}

/** What did not run is passed by. */
function okInARow(ledger: LedgerReads, jobId: string): number {
  let count = 0;
  for (const { status } of ledger.runs.latest(jobId, STREAK_MAX)) {
    if (status === "succeeded") count += 1;
    else if (toWireStatus(status) === "error") break;
  }
  return count;
}

/** One of the gateway's jobs as the summary and pictures show it. */
function observedEntry(job: ObservedJob): SummaryEntry {
  const about = { source: "gateway", ...pick(job, "name", "kind", "schedule", "consecutiveOk") } as const;
  return { ...entryOf(about, job, job.runningAtMs), ...(job.main ? { enqueuedOnly: true } : {}) };
}

const DELIVERY = ["delivered", "not-delivered", "unknown", "not-requested"] as const;

/** An end of one of the gateway's jobs as a run is shown. */
function observedRunView(run: ObservedRun): RunEntry {
  const { status, beganMs, endedMs, covers } = run;
  const passed = status === "missed" || status === "skipped";
  const word = DELIVERY.find((known) => known === run.deliveryStatus) ?? "not-requested";
  return {
    ...{ ts: endedMs, runId: run.runId, jobId: run.jobId, jobName: run.jobName, source: "gateway" as const },
    ...{ action: "finished" as const, runStatus: status, trigger: "schedule" as const, outcome: null, exitCode: null },
    ...{ signal: null, stdout: "", stderr: "", stdoutBytes: 0, stderrBytes: 0, truncated: false, attempts: [] },
    scheduledForMs: status === "missed" ? beganMs : null,
    deliveryStatus: word,
    ...(passed ? {} : { runAtMs: beganMs, endedAtMs: endedMs, durationMs: endedMs - beganMs }),
    ...(covers > 1 ? { coversCount: covers, coversThroughMs: endedMs } : {}),
    ...(run.enqueued ? { enqueued: true } : {}),
    ...(status === "missed" ? { reason: "missed" } : {}),
    ...present({
      status: toWireStatus(status),
      completionStatus: (["succeeded", "failed", "unknown"] as const).find((one) => one === run.completionStatus),
      error: run.error,
      summary: run.summary,
      deliveryError: run.deliveryError,
    }),
  };
}
