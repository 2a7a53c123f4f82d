import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { SummaryEntry } from "../../schema/wire/calls/jobs.ts";
import { present } from "../../src/kernel/present.ts";
import type { Gateway } from "./gateway.ts";
import type { GatewayClient } from "./gateway-client.ts";

/** One line of the summary, as far as it can be worked out without it. */
export interface ExpectedRow {
  jobId: string;
  name: string;
  source: "command" | "gateway";
  enabled: boolean;
  lastStatus?: string;
  lastRunAtMs?: number;
  nextRunAtMs?: number;
  runs: number;
  ok: number;
  error: number;
  consecutiveOk: number;
  consecutiveErrors: number;
  okRate?: number;
}

/** A line of the summary in the same words. */
export function summarized(entry: SummaryEntry): ExpectedRow {
  const { jobId, name, source, enabled, lastStatus, lastRunAtMs, nextRunAtMs, okRate, totals } = entry;
  const { consecutiveOk, consecutiveErrors } = entry;
  return present({
    ...{ jobId, name, source, enabled, lastStatus, lastRunAtMs, nextRunAtMs, okRate, consecutiveOk, consecutiveErrors },
    ...{ runs: totals.runs, ok: totals.ok, error: totals.error },
  });
}

interface Listed {
  id: string;
  name: string;
  enabled: boolean;
  declarationKey?: string;
  description?: string;
  payload: { kind: string };
  state: { nextRunAtMs?: number };
}
interface End {
  jobId: string;
  runAtMs: number;
  good: boolean;
}

const rowOf = (
  job: Omit<ExpectedRow, "runs" | "ok" | "error" | "consecutiveOk" | "consecutiveErrors">,
  ends: End[],
) => {
  const newest = [...ends].sort((one, other) => other.runAtMs - one.runAtMs);
  const [last] = newest;
  const change = newest.findIndex(({ good }) => good !== last?.good);
  const streak = change === -1 ? newest.length : change;
  const ok = ends.filter(({ good }) => good).length;
  return {
    ...job,
    ...{ runs: ends.length, ok, error: ends.length - ok },
    consecutiveOk: last?.good === true ? streak : 0,
    consecutiveErrors: last?.good === false ? streak : 0,
    ...(last === undefined ? {} : { lastStatus: last.good ? "ok" : "error", lastRunAtMs: last.runAtMs }),
    ...(ends.length === 0 ? {} : { okRate: Math.floor((100 * ok) / ends.length) }),
  };
};

/** Works the summary out from the gateway's list and history and from the rows of the ledger, knowing nothing of how it is made. */
export async function expectedSummary(gateway: Gateway, client: GatewayClient): Promise<ExpectedRow[]> {
  const { jobs } = await client.call<{ jobs: Listed[] }>("cron.list", { includeDisabled: true, limit: 200 });
  const { entries } = await client.call<{ entries: (Record<string, unknown> & { jobId: string })[] }>("cron.runs", {
    ...{ scope: "all", limit: 200 },
  });
  const db = new DatabaseSync(join(gateway.stateDir, "command-cron", "ledger", "ledger.sqlite"), { readOnly: true });
  try {
    const own = db.prepare("SELECT id, name, enabled, next_due_ms FROM jobs").all();
    const ids = new Set(own.map(({ id }) => String(id)));
    const runs = db
      .prepare(
        "SELECT job_id, started_at_ms, status FROM runs WHERE ended_at_ms IS NOT NULL AND started_at_ms IS NOT NULL",
      )
      .all()
      .map(
        (run): End => ({
          ...{
            jobId: String(run["job_id"]),
            runAtMs: Number(run["started_at_ms"]),
            good: run["status"] === "succeeded",
          },
        }),
      );
    const theirs = jobs
      .filter((job) => !ids.has(job.id) && job.payload.kind !== "heartbeat")
      .filter((job) => !/^(memory-core|skill-collection-review|heartbeat):/.test(job.declarationKey ?? ""))
      .filter((job) => !(job.description ?? "").startsWith("[managed-by="));
    const ends = entries.map((entry): End => {
      const undelivered = entry["completionStatus"] === undefined && entry["deliveryStatus"] === "not-delivered";
      const good = entry["status"] === "ok" && entry["completionStatus"] !== "failed" && !undelivered;
      return { jobId: entry.jobId, runAtMs: Number(entry["runAtMs"]), good };
    });
    const next = (enabled: boolean, atMs: unknown) =>
      enabled && typeof atMs === "number" ? { nextRunAtMs: atMs } : {};
    const rows = [
      ...own.map((job) => {
        const [jobId, enabled] = [String(job["id"]), job["enabled"] === 1];
        const known = { jobId, name: String(job["name"]), source: "command" as const, enabled };
        return rowOf(
          { ...known, ...next(enabled, job["next_due_ms"]) },
          runs.filter((run) => run.jobId === jobId),
        );
      }),
      ...theirs.map(({ id: jobId, name, enabled, state }) => {
        const known = { jobId, name, source: "gateway" as const, enabled, ...next(enabled, state.nextRunAtMs) };
        return rowOf(
          known,
          ends.filter((end) => end.jobId === jobId),
        );
      }),
    ];
    return rows.sort((one, other) => (one.name.toLowerCase() < other.name.toLowerCase() ? -1 : 1));
  } finally {
    db.close();
  }
}
