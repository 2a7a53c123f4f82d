import type { Config } from "../../../schema/wire/config.ts";
import { errorText } from "../../kernel/errors.ts";
import type { Ledger } from "../../ledger/types.ts";
import type { RunnerPort } from "../../runner/port.ts";
import type { GatewayClientStatus, StatusReport } from "../api.ts";
import { type AuditReport, EVENTS, type Notices } from "../care/index.ts";
import type { EngineDeps, Settings } from "../deps.ts";
import { problemsNow } from "./problems.ts";

interface StatusDeps {
  deps: EngineDeps;
  settings: Settings;
  ledger: Ledger;
  runner: RunnerPort;
  gatewayJobs(): StatusReport["gatewayJobs"];
  audit: { last(): AuditReport | null };
  notices: Pick<Notices, "failing">;
}

/** What `status` answers. */
export function createStatus(given: StatusDeps): () => StatusReport {
  const { deps, settings, ledger, runner, gatewayJobs, audit, notices: kept } = given;
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
      ...withoutLedger(),
      state: "degraded",
      problems,
    };
  }

  function withoutLedger() {
    return {
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
    const now = withoutLedger();
    const lanes = ledger.deliveries.lanes();
    const problems = problemsNow({ ledger, clock, failing: kept.failing(), lanes, ...now });
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
      ...now,
      gatewayClient: withMissing(now.gatewayClient, whoAsks(ledger.jobs.asking(), deps.config)),
      page: deps.page,
      concurrency: settings.concurrency,
      pools: settings.pools,
    };
  }

  return status;
}

/** The plugin's own client, with what it lacks for what jobs want of it. */
const withMissing = (client: GatewayClientStatus, asking: string | undefined): GatewayClientStatus =>
  asking === undefined || client.mode === "write"
    ? client
    : { ...client, detail: `${client.detail}; ${asking} an agent, which needs \`gatewayClient: "write"\`` };

/** Who asks an agent, as the beginning of a sentence; undefined for nobody. */
function whoAsks(jobs: number, { defaults }: Config): string | undefined {
  if (defaults?.delivery?.also?.some(({ mode }) => mode === "agent")) return "the config's defaults ask";
  if (jobs === 0) return undefined;
  return jobs === 1 ? "1 job asks" : `${jobs} jobs ask`;
}
