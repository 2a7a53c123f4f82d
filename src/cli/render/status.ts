import type { Problem, StatusReport, StoppedReport } from "../../engine/api.ts";
import { formatBytes } from "../../kernel/durations.ts";
import type { Style, toneOf } from "./style.ts";
import { renderFacts } from "./table.ts";
import { relative, utc } from "./time.ts";

type Fact = readonly [label: string, value: string | undefined, tone?: ReturnType<typeof toneOf>];

const counts = (record: Record<string, number>): string => {
  const some = Object.entries(record).filter(([, count]) => count > 0);
  return some.length === 0 ? "none" : some.map(([state, count]) => `${count} ${state}`).join(", ");
};

function runnerText({ runner }: StatusReport): string {
  const pid = runner.pid === undefined ? "" : ` (pid ${runner.pid})`;
  const memory = runner.rssBytes === undefined ? "" : `, ${formatBytes(runner.rssBytes)}`;
  const draining = runner.draining === 0 ? "" : `, ${runner.draining} older still finishing`;
  const itself = runner.withoutStarter === undefined ? "" : `; starts commands itself: ${runner.withoutStarter}`;
  return `${runner.state}${pid}${memory}${draining}${itself}`;
}

function deliveriesText({ deliveries, lanes }: StatusReport): string {
  const kept = lanes.reduce((sum, { custody = 0 }) => sum + custody, 0);
  return kept === 0 ? counts(deliveries) : `${counts(deliveries)}; the gateway keeps ${kept} of those pending`;
}

function laneText(lane: StatusReport["lanes"][number], nowMs: number): string {
  const held =
    lane.disabledAtMs !== undefined ? ", disabled by its receiver" : lane.pausedAtMs !== undefined ? ", paused" : "";
  const oldest = lane.oldestAtMs === undefined ? "" : `, oldest ${relative(lane.oldestAtMs, nowMs)}`;
  const reason = lane.reason === undefined ? "" : ` (${lane.reason})`;
  const kept = lane.custody === undefined ? "" : `, ${lane.custody} kept by the gateway`;
  return `${lane.lane}: ${lane.pending} waiting${kept}${oldest}${held}${reason}`;
}

function findings(status: StatusReport, nowMs: number): Fact[] {
  const held = status.lanes.filter(
    (lane) => (lane.pending > 0 || lane.custody || lane.pausedAtMs) ?? lane.disabledAtMs,
  );
  return [
    ...(status.problems ?? []).map((problem) => problemFact(problem, nowMs)),
    ...held.map((lane): Fact => ["lane", laneText(lane, nowMs), "warn"]),
    ...status.setAside.map(({ id, name, reason }): Fact => ["set aside", `${name} (${id}): ${reason}`, "bad"]),
    ...status.notices.map((notice): Fact => {
      const times = notice.times > 1 ? ` (${notice.times} times, last ${relative(notice.lastAtMs, nowMs)})` : "";
      return ["notice", `${notice.code}: ${notice.message}${times}`, "warn"];
    }),
    ...(status.runner.sharesServiceCgroup === true
      ? [["runner", "ends with the gateway's service; see `command-cron doctor`", "warn"] as const]
      : []),
  ];
}

const problemFact = ({ code, message, sinceMs }: Problem, nowMs: number): Fact => [
  "problem",
  `${code}: ${message} (since ${relative(sinceMs, nowMs)})`,
  "bad",
];

/** The service on one page; what needs a look comes last. */
export function renderStatus(status: StatusReport | StoppedReport, nowMs: number, style: Style): string {
  if (status.state === "stopped") {
    const service: Fact = ["service", `could not start (version ${status.version}); it tries again by itself`, "bad"];
    return renderFacts([service, ...status.problems.map((problem) => problemFact(problem, nowMs))], style);
  }
  const { audit, pools } = status;
  const audited =
    audit === null
      ? "not yet"
      : `${relative(audit.atMs, nowMs)}, ${audit.jobs} jobs, ${audit.gaps === 0 ? "no gap" : `${audit.gaps} gaps`}`;
  const awaiting = status.runs.awaiting > 0 ? `, ${status.runs.awaiting} waiting for approval` : "";
  const limits = Object.entries(pools).map(([name, limit]) => `${name} ${limit}`);
  const facts: Fact[] = [
    ["service", `${status.state} (version ${status.version})`, status.state === "running" ? "good" : "bad"],
    ["jobs", `${status.jobs}, ${status.enabledJobs} enabled`],
    [
      "next",
      status.nextWakeAtMs === null
        ? "nothing due"
        : `${relative(status.nextWakeAtMs, nowMs)} (${utc(status.nextWakeAtMs)})`,
    ],
    [
      "runs",
      `${status.runs.running} running, ${status.runs.queued} queued${awaiting}, at most ${status.concurrency} at a time`,
    ],
    ["pools", limits.length === 0 ? undefined : limits.join(", ")],
    ["deliveries", deliveriesText(status)],
    ["alerts", `${status.alerts} open`, status.alerts > 0 ? "bad" : "plain"],
    ["audit", audited, (audit?.gaps ?? 0) > 0 ? "bad" : "plain"],
    ["runner", runnerText(status), status.runner.state === "connected" ? "plain" : "warn"],
    [
      "openclaw cron",
      `${status.routing.mode === "off" ? "off" : status.routing.active ? "routed here" : "not routed"}: ${status.routing.detail}`,
    ],
    ["gateway's jobs", status.gatewayJobs.detail],
    ["approvals", status.approvals.detail, status.approvals.asks ? "plain" : "dim"],
    ["own client", status.gatewayClient.detail, status.gatewayClient.state === "unavailable" ? "warn" : "plain"],
    ["page", status.page.detail],
    ["ledger", status.storePath],
    ...findings(status, nowMs),
  ];
  return renderFacts(facts, style);
}
