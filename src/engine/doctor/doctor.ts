import { statfs } from "node:fs/promises";
import { formatBytes } from "../../kernel/durations.ts";
import { ERROR_TABLE } from "../../kernel/error-table.ts";
import { errorText } from "../../kernel/errors.ts";
import { present } from "../../kernel/present.ts";
import type { Ledger } from "../../ledger/types.ts";
import type { DoctorFinding, StatusReport } from "../api.ts";
import { zoneFinding } from "../care/index.ts";
import type { EngineDeps } from "../deps.ts";
import { gatewayJobFindings } from "./gateway-jobs.ts";
import { jobFindings } from "./jobs.ts";

const STATE_ACTION =
  "correct what the command leaves in the file OPENCLAW_STATE names; `command-cron state show <job>` prints what it finds there, `state set` and `state clear` change it";
const LOW_DISK_BYTES = 200 * 1_048_576;

interface DoctorDeps {
  deps: Pick<EngineDeps, "stateDir" | "config" | "gatewayCron">;
  ledger: Ledger;
  report: StatusReport;
}

/** What is wrong or might be, each with what to do about it: the service, its host, its jobs, the gateway's own cron. */
export async function doctor({ deps, ledger, report }: DoctorDeps): Promise<DoctorFinding[]> {
  return [
    await ledgerFinding(ledger, report.storePath),
    runnerFinding(report.runner),
    serviceFinding(report.runner),
    await diskFinding(deps.stateDir),
    {
      check: "openclaw cron",
      level: report.routing.active || report.routing.mode === "off" ? "ok" : "warn",
      detail: report.routing.detail,
    },
    await zoneFinding(ledger).catch((error) => unanswered("time zones", error)),
    ...(await jobFindings(ledger, deps.config)),
    ...(await gatewayJobFindings(ledger, deps.gatewayCron).catch((error) => [unanswered("gateway jobs", error)])),
    ...toldFindings(report),
  ];
}

/** A check that cannot be made says why, and keeps no other from being made. */
const unanswered = (check: string, error: unknown): DoctorFinding => ({
  check,
  level: "warn",
  detail: errorText(error),
});

async function ledgerFinding(ledger: Ledger, path: string): Promise<DoctorFinding> {
  const check = "ledger";
  const problems = await ledger.checkAside().catch((error) => [errorText(error)]);
  if (problems.length === 0) return { check, level: "ok", detail: `${path} passes its integrity check` };
  const action = "see whether its disk answers and has room; if the file is damaged: command-cron restore <file>";
  return { check, level: "error", detail: problems.join("; "), action };
}

function runnerFinding({ state, pid, running, unresponsive, withoutStarter }: StatusReport["runner"]): DoctorFinding {
  const check = "runner";
  if (state !== "connected") {
    return { check, level: "error", detail: `runner is ${state}`, action: "look at the gateway log" };
  }
  const detail = `pid ${pid ?? "?"}, ${running} running`;
  if (unresponsive.length === 0) {
    if (withoutStarter === undefined) return { check, level: "ok", detail };
    const itself = `${detail}; it starts commands itself, for a third more CPU: ${withoutStarter}`;
    return { check, level: "warn", detail: itself, action: 'see "What starts commands" in docs/operations.md' };
  }
  const stuck = unresponsive.map((one) => `pid ${one.pid} with ${one.running} running`).join(", ");
  const { action } = ERROR_TABLE.RUNNER_UNRESPONSIVE;
  return { check, level: "error", detail: `${detail}; an older one does not answer: ${stuck}`, action };
}

function serviceFinding({ sharesServiceCgroup }: StatusReport["runner"]): DoctorFinding {
  const check = "service manager";
  if (sharesServiceCgroup !== true) {
    return { check, level: "ok", detail: "running commands outlive a restart of the gateway" };
  }
  const detail = "the runner shares the gateway's control group: stopping the service ends running commands";
  const action =
    'see "Restarts" in docs/operations.md: a scope of its own needs `systemd-run --user --scope` and linger';
  return { check, level: "warn", detail, action };
}

async function diskFinding(stateDir: string): Promise<DoctorFinding> {
  const check = "disk";
  const disk = await statfs(stateDir).catch(() => undefined);
  if (disk === undefined) return { check, level: "ok", detail: "unknown" };
  const freeBytes = disk.bavail * disk.bsize;
  const detail = `${formatBytes(freeBytes)} free`;
  return freeBytes < LOW_DISK_BYTES
    ? { check, level: "error", detail, action: "free disk space" }
    : { check, level: "ok", detail };
}

/** What `status` tells as well. */
const toldFindings = ({ setAside, problems, notices, lanes }: StatusReport): DoctorFinding[] => [
  ...setAside.map(({ name, id, reason }): DoctorFinding => {
    return { check: "job", level: "error", detail: `${name} (${id}) is set aside: ${reason}` };
  }),
  ...problems.map(({ code, message, sinceMs }): DoctorFinding => {
    return { check: code, level: "error", detail: `${message} (since ${new Date(sinceMs).toISOString()})` };
  }),
  ...notices.map(({ code, message }): DoctorFinding => {
    const action = code === "STATE_REFUSED" ? STATE_ACTION : undefined;
    return { check: code, level: "warn", detail: message, ...present({ action }) };
  }),
  ...lanes.flatMap(({ lane, disabledAtMs, pausedAtMs, reason }): DoctorFinding[] => {
    if (disabledAtMs === undefined && pausedAtMs === undefined) return [];
    const state = disabledAtMs === undefined ? "paused" : "disabled";
    const detail = `${lane} is ${state}: ${reason ?? "by an operator"}`;
    return [{ check: "delivery lane", level: "warn", detail, action: `command-cron lanes resume "${lane}"` }];
  }),
];
