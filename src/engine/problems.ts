import { SECOND_MS } from "../kernel/durations.ts";
import type { Ledger } from "../ledger/types.ts";
import type { RunnerStatus } from "../runner/port.ts";
import type { Problem, StatusReport } from "./api.ts";

/** What is due is begun within this, or something holds it up. */
const LATE_MS = 10 * SECOND_MS;

/** What is wrong now: every way in which nothing can be started, settled or delivered, why, and since when. */
export function problemsNow(facts: {
  ledger: Pick<Ledger, "jobs">;
  failing: readonly Problem[];
  runner: RunnerStatus;
  lanes: StatusReport["lanes"];
  nowMs: number;
}): Problem[] {
  const { runner, nowMs } = facts;
  const problems: Problem[] = [...facts.failing];
  for (const { pid, sinceMs, running } of runner.unresponsive) {
    const message = `the runner (process ${pid}) does not answer; ${running} runs are with it`;
    problems.push({ code: "RUNNER_UNRESPONSIVE", message, sinceMs });
  }
  if (runner.state !== "connected") {
    const { sinceMs = nowMs, reason = `the runner is ${runner.state}` } = runner.away ?? {};
    problems.push({ code: "RUNNER_UNAVAILABLE", message: `nothing can be started: ${reason}`, sinceMs });
  }
  const dueMs = facts.ledger.jobs.earliestDueMs();
  if (dueMs !== undefined && nowMs - dueMs > LATE_MS) {
    problems.push({ code: "STARTS_LATE", message: "what is due has not been decided", sinceMs: dueMs });
  }
  const waiting = facts.lanes.filter(({ pending }) => pending > 0);
  const stoppedAtMs = waiting.flatMap((lane) => lane.disabledAtMs ?? lane.pausedAtMs ?? []);
  if (waiting.length > 0 && stoppedAtMs.length === waiting.length) {
    const message = "every lane that has something to deliver is paused or disabled";
    problems.push({ code: "DELIVERIES_STOPPED", message, sinceMs: Math.max(...stoppedAtMs) });
  }
  return problems;
}
