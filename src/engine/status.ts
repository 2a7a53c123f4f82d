import { statfs } from "node:fs/promises";
import { formatBytes } from "../kernel/durations.ts";
import type { Ledger } from "../ledger/types.ts";
import type { RunnerPort } from "../runner/port.ts";
import type { DoctorFinding, EngineApi, StatusReport } from "./api.ts";
import { type AuditReport, EVENTS, type Notices, unheardFinding, zoneFinding } from "./care/index.ts";
import type { EngineDeps, Settings } from "./deps.ts";
import { problemsNow } from "./problems.ts";

export interface StatusDeps {
  deps: EngineDeps;
  settings: Settings;
  ledger: Ledger;
  runner: RunnerPort;
  audit: { last(): AuditReport | null };
  notices: Pick<Notices, "failing">;
}

const LOW_DISK_BYTES = 200 * 1_048_576;

/** What `status` and `doctor` answer: facts first, findings with what to do about them. */
export function createStatus({
  deps,
  settings,
  ledger,
  runner,
  audit,
  notices: kept,
}: StatusDeps): Pick<EngineApi, "status" | "doctor"> {
  function status(): StatusReport {
    const jobs = ledger.jobs.count();
    const runs = ledger.runs.count();
    const notices = ledger.notices.open();
    const runnerStatus = runner.status();
    const lanes = ledger.deliveries.lanes();
    const nowMs = deps.clock.nowMs();
    const problems = problemsNow({ ledger, failing: kept.failing(), runner: runnerStatus, lanes, nowMs });
    const lasting = notices.filter(({ code }) => code === "OCCURRENCE_GAP" || !EVENTS.has(code));
    return {
      enabled: true,
      // A notice of something that is over is to be read, and does not say that anything is wrong now; a gap nobody has filled is.
      state: problems.length > 0 || lasting.length > 0 || jobs.setAside > 0 ? "degraded" : "running",
      problems,
      version: deps.version,
      jobs: jobs.total,
      enabledJobs: jobs.enabled,
      nextWakeAtMs: ledger.jobs.earliestDueMs() ?? null,
      storePath: ledger.path,
      setAside: jobs.setAside > 0 ? ledger.jobs.setAside() : [],
      runs: { queued: runs.queued, running: runs.running },
      deliveries: ledger.deliveries.counts(),
      lanes,
      alerts: ledger.alerts.list({ openOnly: true, limit: 1, offset: 0 }).total,
      notices,
      audit: audit.last(),
      runner: runnerStatus,
      routing: deps.routing(),
      page: deps.page,
      concurrency: settings.concurrency,
      pools: settings.pools,
    };
  }

  async function doctor(): Promise<DoctorFinding[]> {
    const report = status();
    const problems = await ledger.checkAside();
    const disk = await statfs(deps.stateDir).catch(() => undefined);
    const freeBytes = disk === undefined ? undefined : disk.bavail * disk.bsize;
    const findings: DoctorFinding[] = [
      problems.length === 0
        ? { check: "ledger", level: "ok", detail: `${report.storePath} passes its integrity check` }
        : {
            check: "ledger",
            level: "error",
            detail: problems.join("; "),
            action: "restore a backup: command-cron restore <file>",
          },
      report.runner.state === "connected"
        ? { check: "runner", level: "ok", detail: `pid ${report.runner.pid ?? "?"}, ${report.runner.running} running` }
        : {
            check: "runner",
            level: "error",
            detail: `runner is ${report.runner.state}`,
            action: "look at the gateway log",
          },
      report.runner.sharesServiceCgroup === true
        ? {
            check: "service manager",
            level: "warn",
            detail: "the runner shares the gateway's control group: stopping the service ends running commands",
            action:
              'see "Restarts" in docs/operations.md: a scope of its own needs `systemd-run --user --scope` and linger',
          }
        : { check: "service manager", level: "ok", detail: "running commands outlive a restart of the gateway" },
      freeBytes !== undefined && freeBytes < LOW_DISK_BYTES
        ? { check: "disk", level: "error", detail: `${formatBytes(freeBytes)} free`, action: "free disk space" }
        : {
            check: "disk",
            level: "ok",
            detail: freeBytes === undefined ? "unknown" : `${formatBytes(freeBytes)} free`,
          },
      report.routing.active || report.routing.mode === "off"
        ? { check: "openclaw cron", level: "ok", detail: report.routing.detail }
        : { check: "openclaw cron", level: "warn", detail: report.routing.detail },
      await zoneFinding(ledger),
      await unheardFinding(ledger, deps.config.alerts?.destination),
    ];
    for (const job of report.setAside) {
      findings.push({ check: "job", level: "error", detail: `${job.name} (${job.id}) is set aside: ${job.reason}` });
    }
    for (const { code, message, sinceMs } of report.problems) {
      const since = new Date(sinceMs).toISOString();
      findings.push({ check: code, level: "error", detail: `${message} (since ${since})` });
    }
    for (const notice of report.notices) findings.push({ check: notice.code, level: "warn", detail: notice.message });
    for (const lane of report.lanes) {
      if (lane.disabledAtMs !== undefined || lane.pausedAtMs !== undefined) {
        findings.push({
          check: "delivery lane",
          level: "warn",
          detail: `${lane.lane} is ${lane.disabledAtMs === undefined ? "paused" : "disabled"}: ${lane.reason ?? "by an operator"}`,
          action: `command-cron lanes resume "${lane.lane}"`,
        });
      }
    }
    return findings;
  }

  return { status, doctor };
}
