import type { RunStatus } from "../../../../schema/wire/run.ts";
import { SECOND_MS } from "../../../kernel/durations.ts";
import type { Events } from "../../../kernel/events.ts";
import { apart } from "../../../ledger/index.ts";
import type { JobRecord, Ledger, NewRun, RunRecord } from "../../../ledger/types.ts";
import { awaitsTrial, followsEnd, isWithinGap } from "../../../policy/run/index.ts";
import { compileMatch, findsMatch } from "../../../policy/text/index.ts";
import { newRunFor, pauseAt, recordPassedOver, weighOverlap } from "../../../scheduler/index.ts";
import type { EngineDeps } from "../../deps.ts";

interface FollowUpDeps {
  deps: Pick<EngineDeps, "clock" | "at" | "followUpOutside">;
  ledger: Ledger;
  events: Events;
  /** A follower did not run; called before its streaks are written. */
  passedOver(job: JobRecord, row: NewRun): void;
  cancelRuns(runIds: string[], by: string): void;
  /** Something may be ready to start. */
  poke(): unknown;
  setAside(run: RunRecord, what: string, error: unknown): void;
}

/** The end of a run. */
interface RunEnd {
  run: RunRecord;
  status: RunStatus;
  endedAtMs: number;
  /** What it printed, for people. */
  text(): string;
}

export interface FollowUps {
  /**
   * Writes the runs of the jobs that follow this end, in the caller's transaction: one for each of them, which a repeat
   * does not double. One that cannot be written is left out, with a notice.
   */
  write(end: RunEnd): void;
}

/** What was canceled before it began has not run, and nothing follows it. */
const hasRun = ({ status, run }: RunEnd): boolean => status !== "canceled" || run.attempt > 0;

export function createFollowUps(room: FollowUpDeps): FollowUps {
  const { deps, ledger, events } = room;

  /** When the newest run of a follower with a distance to keep began, or will begin. */
  function lastStartOf({ id, definition, lastRunAtMs = 0 }: JobRecord, nowMs: number): number | undefined {
    if (definition.schedule.kind !== "after" || definition.schedule.minGapSeconds === undefined) return undefined;
    const active = ledger.runs.active(id).map((run) => run.startedAtMs ?? Math.max(nowMs, run.readyAtMs));
    return Math.max(lastRunAtMs, ...active);
  }

  function follow({ run, status, endedAtMs, text }: RunEnd, job: JobRecord): void {
    const { schedule } = job.definition;
    const isOff = !job.enabled && !awaitsTrial(job.autoDisabled);
    if (schedule.kind !== "after" || isOff || !followsEnd(schedule.on, status)) return;
    if (schedule.match !== undefined && !findsMatch(compileMatch(schedule.match, "schedule.match"), text())) return;
    const nowMs = deps.clock.nowMs();
    const scheduledForMs = endedAtMs + Math.round((schedule.delaySeconds ?? 0) * SECOND_MS);
    const caused = { trigger: "after", causedByRunId: run.id, scheduledForMs } as const;
    const { verdict, active } = weighOverlap(ledger, job);
    const startsAtMs = Math.max(nowMs, scheduledForMs);
    const held = isWithinGap(schedule.minGapSeconds, startsAtMs, lastStartOf(job, nowMs)) ? "min_gap" : undefined;
    const reason = pauseAt(job, scheduledForMs) ?? (verdict.verdict === "skip" ? verdict.reason : undefined) ?? held;
    if (reason !== undefined) {
      const passed = { status: "skipped", reason, throughMs: scheduledForMs, count: 1, ...caused } as const;
      recordPassedOver(room, { ...job }, passed, nowMs);
      return;
    }
    const next = newRunFor(job, { status: "queued", readyAtMs: scheduledForMs, ...caused }, nowMs);
    if (ledger.runs.insert(next) !== "inserted") return;
    deps.at("follow-up-written");
    // When the transaction has been committed, unless it was not.
    queueMicrotask(() => {
      if (ledger.runs.get(next.id) === undefined) return;
      events.emit("run-queued", { jobId: job.id, runId: next.id });
      if (verdict.verdict === "cancel_other") {
        room.cancelRuns(
          active.map(({ id }) => id),
          "overlap policy cancel_other",
        );
      }
      room.poke();
    });
  }

  function write(end: RunEnd): void {
    if (end.run.alone === true || !hasRun(end)) return;
    for (const job of ledger.jobs.followers(end.run.jobId)) {
      apart(
        ledger,
        () => follow(end, job),
        (cause) => room.setAside(end.run, `${job.definition.name}, which follows it, could not be queued`, cause),
      );
    }
  }

  return { write: (end) => (deps.followUpOutside === undefined ? write(end) : deps.followUpOutside(() => write(end))) };
}
