import type { Progress, ProgressEntry } from "../../../../schema/wire/progress.ts";
import { SECOND_MS } from "../../../kernel/durations.ts";
import { errorText } from "../../../kernel/errors.ts";
import { eachApart } from "../../../ledger/index.ts";
import type { AttemptRecord, LedgerReads, RunRecord } from "../../../ledger/types.ts";
import { etaOf, stallLimitMs } from "../../../policy/run/index.ts";
import type { Core } from "../../deps.ts";
import { attemptKey, parseAttemptKey } from "../attempt/index.ts";

/** Keeps what running attempts say of how far they are: of each the newest, all of them in one write a second. */
export interface ProgressKeeper {
  heard(attemptKey: string, progress: Progress): void;
  /** When the attempt of a running run moved last, by the monotonic clock; before it has said anything, its start. */
  movedAtMs(run: RunRecord): number;
  /** Its end is known, and writes the last. */
  done(attemptKey: string): void;
  stop(): void;
}

export function createProgressKeeper(deps: Core): ProgressKeeper {
  const { ledger, clock, events, logger } = deps;
  const unwritten = new Map<string, Progress>();
  /** By the clock that nobody can set, since it was heard of here. */
  const moved = new Map<string, { wallMs: number; atMs: number }>();
  let writtenAtMs = Number.NEGATIVE_INFINITY;
  let cancel: (() => void) | undefined;

  function arm(): void {
    cancel ??= clock.setTimer(write, Math.max(0, writtenAtMs + SECOND_MS - clock.monotonicMs()));
  }

  function write(): void {
    cancel = undefined;
    writtenAtMs = clock.monotonicMs();
    const batch = [...unwritten];
    try {
      eachApart(
        ledger,
        batch,
        ([key, progress]) => {
          const { runId, attempt } = parseAttemptKey(key);
          ledger.attempts.progress(runId, attempt, progress);
        },
        ([key], error) => logger.warn(`progress of ${key} is not kept: ${errorText(error)}`),
      );
    } catch (error) {
      logger.warn(`progress waits for the ledger: ${errorText(error)}`);
      arm();
      return;
    }
    for (const [key, progress] of batch) {
      if (unwritten.get(key) === progress) unwritten.delete(key);
      events.emit("run-progress", { runId: parseAttemptKey(key).runId });
    }
  }

  /** Notes a move at `wallMs`, told at `nowMs`. */
  function move(key: string, wallMs: number, nowMs: number): number {
    const known = moved.get(key);
    if (known?.wallMs === wallMs) return known.atMs;
    const atMs = clock.monotonicMs() - Math.max(0, nowMs - wallMs);
    moved.set(key, { wallMs, atMs });
    return atMs;
  }

  return {
    heard(key, progress) {
      unwritten.set(key, progress);
      arm();
      move(key, progress.movedAtMs ?? progress.atMs, progress.atMs);
    },
    movedAtMs(run) {
      const key = attemptKey(run.id, run.attempt);
      const known = moved.get(key)?.atMs;
      if (known !== undefined) return known;
      const attempt = ledger.attempts.get(run.id, run.attempt);
      const nowMs = clock.nowMs();
      return move(key, attempt?.progress?.movedAtMs ?? attempt?.startedAtMs ?? run.startedAtMs ?? nowMs, nowMs);
    },
    done(key) {
      unwritten.delete(key);
      moved.delete(key);
    },
    stop() {
      cancel?.();
      if (unwritten.size > 0) write();
      cancel?.();
    },
  };
}

type ProgressReads = Pick<LedgerReads, "jobs" | "runs" | "alerts">;

/** Runs of a job that say how long one takes. */
const USUAL_RUNS = 20;

/** Of runs side by side the one that moves is not the one the incident of their job is about. */
function isStalled(
  ledger: ProgressReads,
  { jobId }: Pick<RunRecord, "jobId">,
  { progress, startedAtMs }: AttemptRecord,
  nowMs: number,
): boolean {
  if (!ledger.alerts.openOf(jobId).some(({ cause }) => cause === "stalled")) return false;
  const policy = ledger.jobs.get(jobId)?.definition.policy;
  // That incident is about what the run looks at.
  if (policy?.contract !== undefined) return false;
  if (ledger.runs.active(jobId).filter(({ status }) => status === "running").length < 2) return true;
  const limitMs = stallLimitMs(policy?.progress);
  return limitMs !== undefined && nowMs - (progress?.movedAtMs ?? startedAtMs) >= limitMs;
}

/** How far a running attempt is, and when it will be over; undefined before it has said anything, and nobody can tell. */
export function progressOf(
  ledger: ProgressReads,
  run: Pick<RunRecord, "jobId">,
  attempt: AttemptRecord | undefined,
  nowMs: number,
): ProgressEntry | undefined {
  if (attempt === undefined) return undefined;
  const { progress, startedAtMs } = attempt;
  // What stands still has no pace, and goes on for longer than runs usually do.
  if (isStalled(ledger, run, attempt, nowMs))
    return { ...(progress ?? { atMs: startedAtMs, elapsedMs: 0 }), stalled: true };
  const earlierMs = ledger.runs
    .latest(run.jobId, USUAL_RUNS)
    .flatMap(({ status, durationMs }) => (status === "succeeded" && durationMs !== undefined ? [durationMs] : []));
  const eta = etaOf({ progress, startedAtMs, earlierMs });
  if (progress === undefined && eta.etaAtMs === undefined) return undefined;
  return { ...(progress ?? { atMs: startedAtMs, elapsedMs: 0 }), ...eta };
}
