import type { Job } from "../../schema/wire/job.ts";
import { CommandCronError } from "../../src/kernel/errors.ts";
import type { ServiceApi } from "../../src/rpc/index.ts";

export const JOB: Job = {
  id: "5b1c0f6e-1111-4222-8333-444455556666",
  name: "Disk",
  schedule: { kind: "every", everyMs: 60_000 },
  sessionTarget: "isolated",
  wakeMode: "now",
  payload: { kind: "command", argv: ["df", "-h"], env: { A: "1" } },
  delivery: { mode: "none" },
  enabled: true,
  createdAtMs: 1,
  updatedAtMs: 1,
  configRevision: "r1",
  state: {},
};

const PAGE = { total: 0, offset: 0, limit: 50, hasMore: false, nextOffset: null };
const INSTANT = { atMs: 60_000, utc: "1970-01-01 00:01:00Z", local: "1970-01-01 00:01:00", offset: "+00:00" };

export interface Recorded {
  method: string;
  args: unknown[];
}

/** An engine that does nothing but remember what it was asked. `answers` replaces single methods. */
export function recordingEngine(answers: Partial<ServiceApi> = {}) {
  const calls: Recorded[] = [];
  const standard: Partial<Record<keyof ServiceApi, unknown>> = {
    addJob: { job: JOB, created: true, updated: false, next: [INSTANT] },
    updateJob: JOB,
    previewJob: { job: JOB, created: true, updated: false, next: [INSTANT], changes: [] },
    look: [],
    rehearseJob: { status: "ok", runStatus: "succeeded", exitCode: 0, to: [] },
    removeJob: { removed: true },
    getJob: JOB,
    listJobs: { jobs: [JOB], ...PAGE, total: 1 },
    runJob: { ok: true, enqueued: true, runId: "run-1" },
    cancel: { canceled: [{ runId: "run-1", left: 0 }] },
    runs: { entries: [], ...PAGE },
    summary: { jobs: [], ...PAGE },
    allRuns: { entries: [], ...PAGE },
    getRun: { runId: "run-1" },
    log: {
      runId: "run-1",
      attempt: 1,
      attempts: 1,
      chunks: [],
      nextOffset: 0,
      endOffset: 0,
      droppedBytes: 0,
      running: false,
    },
    next: { instants: [INSTANT], timeZone: "UTC" },
    timeline: { jobs: [] },
    nodes: { available: true, nodes: [] },
    stats: { sinceMs: 0, untilMs: 0, jobs: [], ...PAGE },
    tree: { jobs: [], more: false },
    status: { state: "running", lanes: [{ lane: "irc #ops", pending: 0 }] },
    doctor: [],
    shownConfig: { config: {} },
    alerts: { alerts: [], ...PAGE },
    ackAlerts: { alerts: [] },
    snoozeAlerts: { alerts: [] },
    lanes: [{ lane: "irc #ops", pending: 0 }],
    listDeliveries: { deliveries: [], ...PAGE },
    getDelivery: { deliveryId: "d-1" },
    retryDelivery: { deliveryId: "d-1" },
    dropDelivery: { deliveryId: "d-1" },
    settleDelivery: { deliveryId: "d-1" },
    pauseLane: undefined,
    report: { deliveryId: "d-1", text: "report" },
    exportJobs: { version: 1, jobs: [] },
    importJobs: { plan: [], applied: false },
    getState: { jobId: JOB.id, content: "{}", bytes: 2 },
    setState: { jobId: JOB.id, version: 1 },
    stateHistory: { jobId: JOB.id, versions: [{ version: 1, bytes: 2, atMs: 1 }] },
    approvals: { approvals: [], ...PAGE },
    approve: { runId: "run-1" },
    reject: { runId: "run-1" },
    backup: { file: "/backup", bytes: 1 },
    checkLedger: { problems: [] },
  };
  const engine = new Proxy({} as ServiceApi, {
    get(_, name: keyof ServiceApi) {
      return (...args: unknown[]) => {
        calls.push({ method: name, args });
        const own = answers[name] as ((...given: unknown[]) => unknown) | undefined;
        return own === undefined ? standard[name] : own(...args);
      };
    },
  });
  return { engine, calls };
}

export const jobNotFound = (): never => {
  throw new CommandCronError("JOB_NOT_FOUND");
};
