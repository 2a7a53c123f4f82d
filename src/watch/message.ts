import type { Destination } from "../../schema/wire/delivery.ts";
import type { RunStatus } from "../../schema/wire/run.ts";
import type { AttemptResult } from "../executor/types.ts";
import type { Clock } from "../kernel/clock.ts";
import { present } from "../kernel/present.ts";
import type { JobRecord, RunRecord } from "../ledger/types.ts";
import { type AfterRun, toWireStatus } from "../policy/run/index.ts";
import type { Finding } from "./teller.ts";

/** A run that got its final status. */
export interface EndedRun {
  /** As it was before this run ended: its streak does not count the run yet. */
  job: JobRecord;
  /** What the end means for the job. */
  after: AfterRun;
  run: RunRecord;
  /** Absent when nothing was started: skipped and missed occurrences. */
  result?: AttemptResult;
  status: RunStatus;
  error: string | undefined;
  /** What the run said, short. */
  text: string;
}

/** What is said because of an end. */
interface Said {
  kind: "alert" | "recovery" | "notice";
  alertId?: string;
  route: Destination;
  text: string;
  /** More for programs. */
  facts: Record<string, unknown>;
}

/** The message to one address; a webhook gets the facts as JSON. */
export function messageAbout(clock: Pick<Clock, "nowMs">, { job, run, status, error }: EndedRun, said: Said): Finding {
  const { kind, alertId, route, text, facts } = said;
  const runAtMs = run.startedAtMs;
  const body = {
    action: kind,
    jobId: job.id,
    jobName: job.definition.name,
    runId: run.id,
    ...present({ alertId, runAtMs, status: toWireStatus(status), error }),
    ...facts,
    text,
  };
  return {
    kind,
    destination: route,
    required: false,
    jobId: job.id,
    runId: run.id,
    ...(alertId === undefined ? {} : { alertId }),
    createdAtMs: clock.nowMs(),
    content: {
      text,
      ...(route.mode === "webhook" ? { body: JSON.stringify(body) } : {}),
      ...(kind === "recovery" && job.definition.policy?.deliver?.silent === true ? { silent: true } : {}),
    },
  };
}
