import type { Config } from "../../schema/wire/config.ts";
import type { RunStatus } from "../../schema/wire/run.ts";
import { createEvents } from "../../src/kernel/events.ts";
import { newId } from "../../src/kernel/ids.ts";
import { silentLogger } from "../../src/kernel/logger.ts";
import { openLedger } from "../../src/ledger/index.ts";
import type { JobDefinition } from "../../src/ledger/types.ts";
import { decideAfterRun, outcomeError, toWireStatus } from "../../src/policy/run/index.ts";
import { createTeller, createWatch, type EndedRun } from "../../src/watch/index.ts";
import { afterTest, testDir } from "../helpers/after-test.ts";
import { createFakeClock } from "../helpers/clock.ts";
import { definition as baseDefinition, newJob } from "../helpers/ledger.ts";

export const OPS = { mode: "announce", channel: "irc", to: "#ops" } as const;

/** A watch on a real ledger, and one job whose runs end as the test says. */
export function startTestWatch(config: Config["alerts"] = {}, definition: Partial<JobDefinition> = { delivery: OPS }) {
  const dir = testDir("cc-watch-");
  const clock = createFakeClock();
  const events = createEvents(silentLogger);
  const ledger = openLedger({ dir, clock, logger: silentLogger });
  afterTest(ledger.close);
  const judging = { ledger, clock, events, config: { alerts: config }, hostTz: "UTC", hostName: "web-1" };
  const watch = createWatch({ ...judging, teller: createTeller(judging) });
  const jobId = newId();
  ledger.jobs.insert(
    newJob(jobId, {
      definition: { ...baseDefinition({ name: "export" }), ...definition },
      createdAtMs: clock.nowMs(),
      cursorMs: clock.nowMs(),
    }),
  );

  /** One run as the engine ends it: judged and noted on the job in one transaction. */
  async function run(
    status: RunStatus,
    more: {
      exitCode?: number;
      text?: string;
      trigger?: "manual" | "schedule";
      reason?: string;
      afterMs?: number;
      covers?: number;
    } = {},
  ) {
    await clock.advance(more.afterMs ?? 60_000);
    const nowMs = clock.nowMs();
    const job = ledger.jobs.get(jobId);
    if (job === undefined) throw new Error("no job");
    const trigger = more.trigger ?? "manual";
    const outcome = status === "timed_out" ? "timed_out" : status === "lost" ? "lost" : "exited";
    const ran = !["skipped", "missed"].includes(status);
    const result: NonNullable<EndedRun["result"]> = {
      ...{
        attemptKey: "r.1",
        outcome,
        exitCode: outcome === "exited" ? (more.exitCode ?? (status === "failed" ? 1 : 0)) : null,
      },
      ...{ signal: null, startedAtMs: nowMs - 1_500, endedAtMs: nowMs, actionLines: [] },
      ...{ stdout: { bytes: 0, head: "", tail: "" }, stderr: { bytes: 0, head: "", tail: "" } },
      ...{ cleanup: { method: [], found: 0, ended: 0, left: [] }, log: { bytes: 0, droppedBytes: 0 } },
    };
    const wire = toWireStatus(status) ?? "error";
    const { policy } = job.definition;
    const after = decideAfterRun({ policy, trigger, status: wire, canceled: status === "canceled", state: job, nowMs });
    if (wire === "skipped") after.consecutiveSkipped = job.consecutiveSkipped + (more.covers ?? 1);
    const end: EndedRun = {
      job,
      after,
      run: {
        ...{
          seq: 1,
          id: newId(),
          jobId,
          jobName: "export",
          jobRevision: 1,
          turn: 0,
          trigger,
          covers: more.covers ?? 1,
          status: "running",
        },
        ...{ pool: "default", exclusive: false, queuedAtMs: nowMs, readyAtMs: nowMs, attempt: 1 },
        ...(ran ? { startedAtMs: nowMs - 1_500 } : {}),
        ...(more.reason === undefined ? {} : { reason: more.reason }),
        deliveryStatus: "pending",
      },
      status,
      error: ran ? outcomeError(result) : undefined,
      text: more.text ?? "",
      ...(ran ? { result } : {}),
    };
    return ledger.transaction(() => {
      const findings = watch.judgeRun(end);
      ledger.jobs.patchState(jobId, { ...after, lastStatus: wire, ...(wire === "ok" ? { lastOkAtMs: nowMs } : {}) });
      return findings;
    });
  }

  async function runs(statuses: RunStatus[]) {
    const found = [];
    for (const status of statuses) found.push(...(await run(status)));
    return found;
  }

  const alerts = (openOnly = true) => ledger.alerts.list({ jobId, openOnly, limit: 100, offset: 0 }).rows;
  return { judging, ledger, clock, events, watch, jobId, run, runs, alerts };
}
