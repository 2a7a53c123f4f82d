import { stat } from "node:fs/promises";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { EngineApi, StatusReport } from "../engine/api.ts";
import type { Events } from "../kernel/events.ts";

/** Seconds: from what is over at once to what takes a night. */
const DURATION_BUCKETS = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600, 14_400, 43_200];
const LATENESS_BUCKETS = [0.1, 0.5, 1, 5, 15, 60, 300, 3_600];

export interface Metrics {
  contentType: string;
  /** The page Prometheus reads. */
  text(): Promise<string>;
  stop(): void;
}

/**
 * What Prometheus may read. Gauges say how it is at the time of asking; counters begin with this object, so that they cost
 * nothing where nobody asks. No job's name and no address is among the labels: both may be confidential and both are many.
 */
export function createMetrics(engine: Pick<EngineApi, "status" | "getRun">, events: Events): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const name = (end: string): string => `command_cron_${end}`;
  const counter = (end: string, help: string, labelNames: string[]) =>
    new Counter({ name: name(end), help, labelNames, registers });
  const gauge = (end: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name: name(end), help, labelNames, registers });
  const histogram = (end: string, help: string, buckets: number[]) =>
    new Histogram({ name: name(end), help, buckets, registers });

  const runs = counter("runs_total", "Runs that ended, by how", ["status"]);
  const duration = histogram("run_duration_seconds", "How long runs took that were started", DURATION_BUCKETS);
  const lateness = histogram(
    "run_lateness_seconds",
    "How long after their instant runs were started",
    LATENESS_BUCKETS,
  );
  const gauges = {
    info: gauge("info", "The version that answers", ["version"]),
    degraded: gauge("degraded", "1 while something is wrong; `command-cron doctor` says what"),
    jobs: gauge("jobs", "Jobs there are", ["enabled"]),
    setAside: gauge("jobs_set_aside", "Jobs that cannot be read and do not run"),
    active: gauge("runs_active", "Runs that wait for a slot, and that run", ["status"]),
    slots: gauge("slots", "Runs at a time"),
    nextWake: gauge("next_due_timestamp_seconds", "When the next job is due; absent while none is"),
    deliveries: gauge("deliveries", "Messages kept, by state", ["state"]),
    lanes: gauge("lanes", "Destinations, by state", ["state"]),
    oldest: gauge("delivery_oldest_timestamp_seconds", "Since when the oldest message waits; absent while none does"),
    incidents: gauge("incidents_open", "Open alerts"),
    notices: gauge("notices_open", "Open notices"),
    runner: gauge("runner_up", "1 while the runner answers"),
    runnerBytes: gauge("runner_resident_bytes", "Memory of the runner"),
    ledgerBytes: gauge("ledger_bytes", "The ledger on disk, with its write-ahead log"),
  };

  const stop = events.on("run-finished", ({ runId, status }) => {
    const run = runOrNot(runId);
    runs.inc({ status }, run?.coversCount ?? 1);
    if (run?.runAtMs === undefined) return;
    if (run.durationMs !== undefined) duration.observe(run.durationMs / 1_000);
    if (run.latenessMs !== undefined) lateness.observe(run.latenessMs / 1_000);
  });

  /** It may be gone again. */
  function runOrNot(runId: string): ReturnType<EngineApi["getRun"]> | undefined {
    try {
      return engine.getRun(runId);
    } catch {
      return undefined;
    }
  }

  function take(status: StatusReport): void {
    for (const each of Object.values(gauges)) each.reset();
    gauges.info.set({ version: status.version }, 1);
    gauges.degraded.set(status.state === "running" ? 0 : 1);
    gauges.jobs.set({ enabled: "true" }, status.enabledJobs);
    gauges.jobs.set({ enabled: "false" }, status.jobs - status.enabledJobs);
    gauges.setAside.set(status.setAside.length);
    gauges.active.set({ status: "queued" }, status.runs.queued);
    gauges.active.set({ status: "awaiting_approval" }, status.runs.awaiting);
    gauges.active.set({ status: "running" }, status.runs.running);
    gauges.slots.set(status.concurrency);
    for (const [state, count] of Object.entries(status.deliveries)) gauges.deliveries.set({ state }, count);
    for (const lane of status.lanes) gauges.lanes.inc({ state: stateOf(lane) });
    gauges.incidents.set(status.alerts);
    gauges.notices.set(status.notices.length);
    gauges.runner.set(status.runner.state === "connected" ? 1 : 0);
    setOrLeaveOut(gauges.runnerBytes, status.runner.rssBytes);
    setOrLeaveOut(gauges.nextWake, status.nextWakeAtMs ?? undefined, 1_000);
    const waiting = status.lanes.flatMap(({ oldestAtMs }) => (oldestAtMs === undefined ? [] : [oldestAtMs]));
    setOrLeaveOut(gauges.oldest, waiting.length === 0 ? undefined : Math.min(...waiting), 1_000);
  }

  return {
    contentType: registry.contentType,
    async text() {
      const status = engine.status();
      take(status);
      gauges.ledgerBytes.set((await sizeOf(status.storePath)) + (await sizeOf(`${status.storePath}-wal`)));
      return await registry.metrics();
    },
    stop,
  };
}

function stateOf(lane: StatusReport["lanes"][number]): string {
  if (lane.disabledAtMs !== undefined) return "disabled";
  if (lane.pausedAtMs !== undefined) return "paused";
  return lane.pending > 0 ? "waiting" : "idle";
}

function setOrLeaveOut(gauge: Gauge, value: number | undefined, unit = 1): void {
  if (value === undefined) gauge.remove();
  else gauge.set(value / unit);
}

const sizeOf = (file: string): Promise<number> =>
  stat(file).then(
    ({ size }) => size,
    () => 0,
  );
