import { statfs } from "node:fs/promises";
import { formatBytes } from "../kernel/durations.ts";
import { ERROR_TABLE } from "../kernel/error-table.ts";
import { errorText } from "../kernel/errors.ts";
import type { Ledger } from "../ledger/types.ts";
import type { RunnerPort, RunnerStatus } from "../runner/port.ts";
import type { DoctorFinding, EngineApi, StatusReport } from "./api.ts";
import {
  type AuditReport,
  chainFinding,
  checksFinding,
  dialectFinding,
  EVENTS,
  gatewayJobFindings,
  inlineFinding,
  type Notices,
  nameFinding,
  riskFinding,
  unheardFinding,
  zoneFinding,
} from "./care/index.ts";
import type { EngineDeps, Settings } from "./deps.ts";
import { problemsNow } from "./problems.ts";

export interface StatusDeps {
  deps: EngineDeps;
  settings: Settings;
  ledger: Ledger;
  runner: RunnerPort;
  gatewayJobs(): StatusReport["gatewayJobs"];
  audit: { last(): AuditReport | null };
  notices: Pick<Notices, "failing">;
}

const STATE_ACTION =
  "correct what the command leaves in the file OPENCLAW_STATE names; `command-cron state show <job>` prints what it finds there, `state set` and `state clear` change it";
const LOW_DISK_BYTES = 200 * 1_048_576;

/** What `status` and `doctor` answer: facts first, findings with what to do about them. */
export function createStatus({
  deps,
  settings,
  ledger,
  runner,
  gatewayJobs,
  audit,
  notices: kept,
}: StatusDeps): Pick<EngineApi, "status" | "doctor"> {
  /** The last report that could be made. The ledger was readable when the engine started. */
  let last: { report: StatusReport; atMs: number } = { report: read(), atMs: deps.clock.nowMs() };

  function status(): StatusReport {
    try {
      last = { report: read(), atMs: deps.clock.nowMs() };
      return last.report;
    } catch (error) {
      return unreadable(error);
    }
  }

  /** What is known without the ledger, and the figures of before. */
  function unreadable(error: unknown): StatusReport {
    const failing = kept.failing();
    const sinceMs = Math.min(deps.clock.nowMs(), ...failing.map((problem) => problem.sinceMs));
    const message = `the ledger cannot be read: ${errorText(error)}; the figures are those of ${new Date(last.atMs).toISOString()}`;
    const problems = [{ code: "LEDGER_UNREADABLE", message, sinceMs }, ...failing];
    return {
      ...last.report,
      state: "degraded",
      problems,
      runner: runner.status(),
      routing: deps.routing(),
      approvals: deps.gatewayApprovals?.() ?? { asks: false, detail: "the gateway's own approvals are not asked" },
      gatewayClient: deps.gatewayClient(),
      gatewayJobs: gatewayJobs(),
    };
  }

  function read(): StatusReport {
    const { clock } = deps;
    const jobs = ledger.jobs.count();
    const runs = ledger.runs.count();
    const notices = ledger.notices.open();
    const runnerStatus = runner.status();
    const routing = deps.routing();
    const lanes = ledger.deliveries.lanes();
    const problems = problemsNow({ ledger, clock, failing: kept.failing(), runner: runnerStatus, lanes, routing });
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
      runs: { queued: runs.queued, awaiting: runs.awaiting, running: runs.running },
      deliveries: ledger.deliveries.counts(),
      lanes,
      alerts: ledger.alerts.list({ openOnly: true, limit: 1, offset: 0 }).total,
      notices,
      audit: audit.last(),
      runner: runnerStatus,
      routing,
      approvals: deps.gatewayApprovals?.() ?? { asks: false, detail: "the gateway's own approvals are not asked" },
      gatewayClient: deps.gatewayClient(),
      gatewayJobs: gatewayJobs(),
      page: deps.page,
      concurrency: settings.concurrency,
      pools: settings.pools,
    };
  }

  async function doctor(): Promise<DoctorFinding[]> {
    const report = status();
    const problems = await ledger.checkAside().catch((error) => [errorText(error)]);
    const disk = await statfs(deps.stateDir).catch(() => undefined);
    const freeBytes = disk === undefined ? undefined : disk.bavail * disk.bsize;
    const findings: DoctorFinding[] = [
      problems.length === 0
        ? { check: "ledger", level: "ok", detail: `${report.storePath} passes its integrity check` }
        : {
            check: "ledger",
            level: "error",
            detail: problems.join("; "),
            action: "see whether its disk answers and has room; if the file is damaged: command-cron restore <file>",
          },
      runnerFinding(report.runner),
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
      await orWarning("time zones", () => zoneFinding(ledger)),
      await orWarning("chains", async () => chainFinding(ledger)),
      await orWarning("checks", () => checksFinding(ledger)),
      await orWarning("risk", () => riskFinding(ledger)),
      await orWarning("schedules", () => dialectFinding(ledger)),
      await orWarning("destinations", () => nameFinding(ledger, deps.config)),
      await orWarning("alerts", () => unheardFinding(ledger, deps.config)),
      await orWarning("inline scripts", () => inlineFinding(ledger)),
      ...(await gatewayJobFindings(ledger, deps.gatewayCron).catch((error): DoctorFinding[] => [
        { check: "gateway jobs", level: "warn", detail: errorText(error) },
      ])),
    ];
    for (const job of report.setAside) {
      findings.push({ check: "job", level: "error", detail: `${job.name} (${job.id}) is set aside: ${job.reason}` });
    }
    for (const { code, message, sinceMs } of report.problems) {
      const since = new Date(sinceMs).toISOString();
      findings.push({ check: code, level: "error", detail: `${message} (since ${since})` });
    }
    for (const { code, message } of report.notices) {
      const action = code === "STATE_REFUSED" ? STATE_ACTION : undefined;
      findings.push({ check: code, level: "warn", detail: message, ...(action === undefined ? {} : { action }) });
    }
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

function runnerFinding({ state, pid, running, unresponsive }: RunnerStatus): DoctorFinding {
  if (state !== "connected") {
    return { check: "runner", level: "error", detail: `runner is ${state}`, action: "look at the gateway log" };
  }
  const detail = `pid ${pid ?? "?"}, ${running} running`;
  if (unresponsive.length === 0) return { check: "runner", level: "ok", detail };
  const stuck = unresponsive.map((one) => `pid ${one.pid} with ${one.running} running`).join(", ");
  return {
    check: "runner",
    level: "error",
    detail: `${detail}; an older one does not answer: ${stuck}`,
    action: ERROR_TABLE.RUNNER_UNRESPONSIVE.action,
  };
}

/** A check that cannot be made says why, and keeps no other from being made. */
async function orWarning(check: string, look: () => Promise<DoctorFinding>): Promise<DoctorFinding> {
  try {
    return await look();
  } catch (error) {
    return { check, level: "warn", detail: errorText(error) };
  }
}
