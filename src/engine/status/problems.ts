import type { Clock } from "../../kernel/clock.ts";
import { SECOND_MS } from "../../kernel/durations.ts";
import type { Ledger } from "../../ledger/types.ts";
import type { RunnerStatus } from "../../runner/port.ts";
import type { Problem, StatusReport } from "../api.ts";

/** What is due is begun within this, and the disk has answered, or something holds it up. */
const LATE_MS = 8 * SECOND_MS;

interface Facts {
  ledger: Pick<Ledger, "jobs" | "deliveries" | "syncingSinceMs">;
  clock: Pick<Clock, "nowMs" | "monotonicMs">;
  /** Who is refused by the ledger now. */
  failing: readonly Problem[];
  runner: RunnerStatus;
  lanes: StatusReport["lanes"];
  routing: StatusReport["routing"];
}

/** What is wrong now: every way in which nothing can be started, settled or delivered, why, and since when. */
export const problemsNow = (facts: Facts): Problem[] => [
  ...facts.failing,
  ...runnerProblems(facts),
  ...standstills(facts),
  ...routingProblems(facts.routing),
];

function runnerProblems({ runner, clock }: Facts): Problem[] {
  const problems = runner.unresponsive.map(({ pid, sinceMs, running }): Problem => {
    const runs = running === 1 ? "1 run is" : `${running} runs are`;
    const message = `the runner (process ${pid}) does not answer; ${runs} with it`;
    return { code: "RUNNER_UNRESPONSIVE", message, sinceMs };
  });
  if (runner.state === "connected") return problems;
  const { sinceMs = clock.nowMs(), reason = `the runner is ${runner.state}` } = runner.away ?? {};
  return [...problems, { code: "RUNNER_UNAVAILABLE", message: `nothing can be started: ${reason}`, sinceMs }];
}

/** What does not happen although nobody was refused. */
function standstills({ ledger, clock, lanes }: Facts): Problem[] {
  const nowMs = clock.nowMs();
  const problems: Problem[] = [];
  const late = (code: string, message: string, sinceMs: number | undefined): void => {
    if (sinceMs !== undefined && nowMs - sinceMs > LATE_MS) problems.push({ code, message, sinceMs });
  };
  const syncingSinceMs = ledger.syncingSinceMs();
  const syncMs = syncingSinceMs === undefined ? undefined : nowMs - (clock.monotonicMs() - syncingSinceMs);
  late(
    "DISK_HANGS",
    "the disk does not answer: nothing is started, and nothing sent, before its record is there",
    syncMs,
  );
  late("STARTS_LATE", "what is due has not been decided", ledger.jobs.earliestDueMs());
  late("DELIVERIES_LATE", "messages that are due are not sent", ledger.deliveries.earliestAttemptMs());
  const waiting = lanes.filter(({ pending }) => pending > 0);
  const stoppedAtMs = waiting.flatMap((lane) => lane.disabledAtMs ?? lane.pausedAtMs ?? []);
  if (waiting.length > 0 && stoppedAtMs.length === waiting.length) {
    const message = "every lane that has something to deliver is paused or disabled";
    problems.push({ code: "DELIVERIES_STOPPED", message, sinceMs: Math.max(...stoppedAtMs) });
  }
  return problems;
}

function routingProblems({ detail, lostSinceMs }: StatusReport["routing"]): Problem[] {
  if (lostSinceMs === undefined) return [];
  const message = `new command jobs of \`openclaw cron\` stay in the gateway's own cron: ${detail}`;
  return [{ code: "ROUTING_LOST", message, sinceMs: lostSinceMs }];
}
