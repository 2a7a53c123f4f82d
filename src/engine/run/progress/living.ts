import { DEFAULT_PROGRESS } from "../../../../schema/wire/progress.ts";
import { MINUTE_MS, SECOND_MS } from "../../../kernel/durations.ts";
import { errorText } from "../../../kernel/errors.ts";
import { eachApart } from "../../../ledger/index.ts";
import type { JobRecord, RunRecord } from "../../../ledger/types.ts";
import type { Outbox } from "../../../outbox/index.ts";
import { destinationsFor } from "../../../outbox/message/index.ts";
import type { Named } from "../../../policy/addresses/index.ts";
import { livingText } from "../../../policy/text/index.ts";
import type { Core } from "../../deps.ts";
import { progressOf } from "./keeper.ts";

/** Of a run that is over sooner nothing is told but its end. */
const FIRST_MS = MINUTE_MS;
/** A message is changed no more often. */
const LOOK_MS = 15 * SECOND_MS;

/** Tells of runs while they go on, where their job's `policy.progress` asks for it. */
export function createLiving(
  deps: Core & {
    outbox: Pick<Outbox, "living" | "kick">;
    hostName: string | undefined;
    config: Named;
  },
): { start(): void; stop(): void } {
  const { ledger, clock, logger, outbox } = deps;
  let cancel: (() => void) | undefined;
  let forget: (() => void)[] = [];

  /** Runs that are to be told of, and how often at least. */
  function told(): { run: RunRecord; job: JobRecord; everyMs: number }[] {
    return ledger.runs.running().flatMap((run) => {
      const job = ledger.jobs.get(run.jobId);
      const policy = job?.definition.policy;
      if (job === undefined || policy?.progress === undefined || policy.deliver?.on === "never") return [];
      const seconds = policy.progress.reportEverySeconds ?? DEFAULT_PROGRESS.reportEverySeconds;
      return seconds === 0 ? [] : [{ run, job, everyMs: seconds * SECOND_MS }];
    });
  }

  function tell({ run, job, everyMs }: ReturnType<typeof told>[number]): void {
    const nowMs = clock.nowMs();
    const runningMs = nowMs - (run.startedAtMs ?? nowMs);
    if (runningMs < Math.min(FIRST_MS, everyMs)) return;
    const progress = progressOf(ledger, run, ledger.attempts.get(run.id, run.attempt), nowMs);
    const { name: jobName } = job.definition;
    const content = livingText({ jobName, hostName: deps.hostName, progress, attempt: run.attempt, runningMs, nowMs });
    const loud = progress?.level === "alert";
    for (const { kind, destination } of destinationsFor(job.definition, deps.config)) {
      if (kind === "result") outbox.living.tell({ runId: run.id, jobId: job.id, destination, content, everyMs, loud });
    }
  }

  function look(): void {
    cancel = undefined;
    try {
      const runs = told();
      if (runs.length === 0) return;
      eachApart(ledger, runs, tell, ({ run }, error) =>
        logger.warn(`run ${run.id} is not told of: ${errorText(error)}`),
      );
      outbox.kick();
      arm(Math.min(LOOK_MS, ...runs.map(({ everyMs }) => everyMs)));
    } catch (error) {
      logger.warn(`runs are told of later: ${errorText(error)}`);
      arm();
    }
  }

  function arm(delayMs = LOOK_MS): void {
    cancel ??= clock.setTimer(look, delayMs);
  }

  return {
    start() {
      forget = (["run-started", "run-progress"] as const).map((name) => deps.events.on(name, () => arm(SECOND_MS)));
      arm(SECOND_MS);
    },
    stop() {
      cancel?.();
      for (const off of forget) off();
    },
  };
}
