import type { ProcessIdentity } from "../../executor/types.ts";
import { errorText } from "../../kernel/errors.ts";
import type { Logger } from "../../kernel/logger.ts";
import { apart, eachApart, restoredAtMsOf } from "../../ledger/index.ts";
import type { AttemptRecord, Ledger, RunRecord } from "../../ledger/types.ts";
import type { RunnerEvents, RunnerPort } from "../../runner/port.ts";
import type { Scheduler } from "../../scheduler/index.ts";
import { targetRules } from "../jobs/index.ts";
import { attemptKey, HERE, logDirOf } from "./attempt/index.ts";
import type { RunEnds } from "./end/index.ts";

const RUNNER_META = "runner.instance";

interface RecoverDeps {
  ledger: Ledger;
  runner: RunnerPort;
  scheduler: Pick<Scheduler, "occupy">;
  ends: RunEnds;
  logger: Logger;
  stateDir: string;
  nowMs(): number;
}

/**
 * Brings ledger and processes together after a start, before the timer runs: attempts that the runner still has go on;
 * those it never saw start again from the queue (their process cannot exist); all others are ended by identity and
 * cookie and recorded as lost. Raises what the runner raises.
 */
export async function recover(deps: RecoverDeps, events: RunnerEvents): Promise<void> {
  const { ledger, runner, scheduler } = deps;
  const known = await runner.open(events);
  // After a restore the runner's silence says nothing: it may have had the attempt since the backup, and forgotten it.
  const restored = restoredAtMsOf(ledger) !== 0;
  /** The target that the run's attempt was begun with; undefined where the job has been changed since. */
  function targetOf(run: RunRecord) {
    const job = ledger.jobs.get(run.jobId);
    return job?.revision === run.jobRevision ? job.definition.policy?.target : undefined;
  }
  /** Nobody was asked to start an attempt with a target before its place was on disk. */
  const neverPlaced = (run: RunRecord, attempt: AttemptRecord | undefined): boolean =>
    !restored && attempt?.node === undefined && targetOf(run) !== undefined;
  const sameRunner = ledger.getMeta(RUNNER_META) === known.instance && !restored;
  const alive = new Map(known.running.map((entry) => [entry.attemptKey, entry.identity]));
  const ended = new Set(known.ended);
  const orphans: { run: RunRecord; attempt: AttemptRecord | undefined }[] = [];
  const adopted: Parameters<RunnerPort["adopt"]>[0] = [];
  let reattached = 0;

  for (const run of ledger.runs.running()) {
    const key = attemptKey(run.id, run.attempt);
    if (alive.has(key) || ended.has(key)) {
      scheduler.occupy(run.id, run.pool);
      const identity = alive.get(key);
      if (identity !== undefined) {
        apart(
          ledger,
          () => ledger.attempts.identify(run.id, run.attempt, identity),
          (error) => deps.logger.warn(`process ${identity.pid} of run ${run.id} is not noted: ${errorText(error)}`),
        );
      }
      reattached += 1;
    } else {
      const attempt = ledger.attempts.get(run.id, run.attempt);
      if (isElsewhere(attempt) && runner.nodes !== undefined) {
        scheduler.occupy(run.id, run.pool);
        const { lostAfterMs } = targetRules(targetOf(run) ?? {});
        const logDir = logDirOf(deps.stateDir, run.id, run.attempt);
        // Nor does a node's silence, then.
        const { id, name } = attempt.node;
        adopted.push({ attemptKey: key, node: restored ? { id, name } : attempt.node, lostAfterMs, logDir });
      } else if (known.silent) {
        scheduler.occupy(run.id, run.pool);
        adopted.push({ attemptKey: key, ...(attempt?.identity === undefined ? {} : { identity: attempt.identity }) });
      } else {
        orphans.push({ run, attempt });
      }
    }
  }
  runner.adopt(adopted);

  const gone = orphans.filter(({ run, attempt }) => !(neverStarted(sameRunner, attempt) || neverPlaced(run, attempt)));
  const statements = await runner.reap(
    gone
      .filter(({ attempt }) => !isElsewhere(attempt))
      .map(({ run, attempt }) => ({
        attemptKey: attemptKey(run.id, run.attempt),
        ...(attempt?.identity === undefined ? {} : { identity: attempt.identity as ProcessIdentity }),
      })),
  );
  eachApart<(typeof orphans)[number], unknown>(
    ledger,
    orphans,
    (orphan) => {
      const { run } = orphan;
      if (!gone.includes(orphan)) return ledger.runs.putBack(run.id, deps.nowMs());
      const cleanup = statements.get(attemptKey(run.id, run.attempt));
      // What followed it may have run since the backup.
      const ended = restored ? { ...run, alone: true } : run;
      return deps.ends.lost(ended, "the runner was gone when the gateway came back", cleanup);
    },
    ({ run }, error) => deps.ends.giveUp(run, "lost", "it could not be recovered", error),
  );
  // Only when that is written: what the next start may believe of this runner's memory depends on it.
  ledger.setMeta(RUNNER_META, known.instance);
  const requeued = orphans.length - gone.length;
  if (adopted.length > 0) deps.logger.warn(`${adopted.length} runs are with a runner that does not answer yet`);
  if (orphans.length > 0) deps.logger.warn(`${gone.length} runs lost, ${requeued} put back, ${reattached} reattached`);
}

type Elsewhere = AttemptRecord & Required<Pick<AttemptRecord, "node">>;

/** It was given to a node: nothing of it is on this host. */
const isElsewhere = (attempt: AttemptRecord | undefined): attempt is Elsewhere =>
  attempt?.node !== undefined && attempt.node.id !== HERE.id;

/** The very runner the attempt was meant for is alive and has not heard of it: no process was ever made. */
const neverStarted = (sameRunner: boolean, attempt: AttemptRecord | undefined): boolean =>
  sameRunner && attempt?.identity === undefined;
