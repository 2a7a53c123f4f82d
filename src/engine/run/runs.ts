import { setImmediate as nextTurn } from "node:timers/promises";
import type { NodeRef } from "../../../schema/wire/target.ts";
import type { Events } from "../../kernel/events.ts";
import { present } from "../../kernel/present.ts";
import type { JobRecord, Ledger, RunRecord } from "../../ledger/types.ts";
import type { RunnerPort } from "../../runner/port.ts";
import { newRunFor, weighOverlap } from "../../scheduler/index.ts";
import type { Caller, EngineApi } from "../api.ts";
import type { EngineDeps } from "../deps.ts";
import { remembered } from "../idempotency.ts";
import { eachNode, eachOnce } from "../jobs/index.ts";
import { requireJob, requireRun, resolveRef } from "../lookup.ts";
import { attemptKey } from "./attempt/index.ts";
import type { RunEnds, Settler } from "./end/index.ts";
import type { Launcher } from "./launch.ts";
import { createRunReads } from "./reads.ts";

interface RunsDeps {
  deps: EngineDeps;
  ledger: Ledger;
  events: Events;
  runner: RunnerPort;
  launcher: Pick<Launcher, "cancel">;
  ends: RunEnds;
  settler: Pick<Settler, "idle">;
  poke(): unknown;
  /** The scheduler's: does the work in the transaction of its next look. */
  join<T>(work: () => T): Promise<T>;
}

type Runs = Pick<EngineApi, "runJob" | "cancel" | "runs" | "getRun" | "passage" | "log">;

type Started = Awaited<ReturnType<EngineApi["runJob"]>>;

/** Manual starts, cancels and reads of runs. */
export function createRuns({ deps, ledger, events, runner, launcher, ends, settler, poke, join }: RunsDeps): Runs {
  async function cancelRun({ id }: RunRecord, by: string): Promise<{ runId: string; left: number }> {
    // Read again: since the caller looked it may have been claimed.
    const run = requireRun(ledger, id);
    if (run.status === "queued" || run.status === "awaiting_approval") {
      ledger.transaction(() =>
        ends.withoutProcess(run, "canceled", `canceled by ${by}`, "command canceled before it started"),
      );
      events.emit("run-finished", { jobId: run.jobId, runId: run.id, status: "canceled" });
    } else if (run.status === "running") {
      const key = attemptKey(run.id, run.attempt);
      if (!launcher.cancel(key, by)) await runner.cancel(key, by);
      await settler.idle();
    }
    void poke();
    const left = ledger.attempts.get(run.id, run.attempt)?.cleanup?.left.length ?? 0;
    return { runId: run.id, left };
  }

  /** Writes the run, or says why not; `cancel`: the runs that must end for it. */
  function start(
    job: JobRecord,
    { mode, alone, paired }: { mode: string; alone: boolean; paired: readonly NodeRef[] },
    caller: Caller,
  ): Started & { cancel?: RunRecord[] } {
    const nowMs = deps.clock.nowMs();
    const refused = (reason: string): Started => ({ ok: true, enqueued: false, reason });
    if (mode === "if-enabled" && !job.enabled) return refused("disabled");
    if (mode === "due" && (job.nextDueMs ?? Number.POSITIVE_INFINITY) > nowMs) return refused("not-due");
    const by = { trigger: "manual", status: "queued", requestedBy: caller.label, ...(alone ? { alone } : {}) } as const;
    const cancel: RunRecord[] = [];
    const named = nodesOf(job);
    const nodes = named && eachOnce(named, paired);
    const runIds = (nodes ?? [undefined]).flatMap((node) => {
      const { verdict, active } = weighOverlap(ledger, job, { node });
      if (verdict.verdict === "skip") return [];
      if (verdict.verdict === "cancel_other") cancel.push(...active);
      const run = newRunFor(job, { ...by, ...present({ node }) }, nowMs);
      ledger.runs.insert(run);
      return [run.id];
    });
    const [runId] = runIds;
    if (runId === undefined) return refused("already-running");
    return { ok: true, enqueued: true, runId, ...(nodes === undefined ? {} : { runIds }), cancel };
  }

  const nodesOf = ({ definition }: JobRecord) => eachNode(definition.policy?.target, deps.config.nodes);

  /** The paired nodes: of a job that has a run on each of several, one that goes by two names counts once. */
  const pairedNodes = async (): Promise<readonly NodeRef[]> => (await runner.nodes?.().catch(() => undefined)) ?? [];

  return {
    ...createRunReads({ ledger, stateDir: deps.stateDir, nowMs: deps.clock.nowMs, freshen: runner.freshen }),

    async runJob(idOrName, caller, options) {
      const { mode = "force", alone = false, idempotencyKey } = options;
      const request = { job: idOrName, mode, ...(alone ? { alone } : {}) };
      const memory = remembered<Started>(ledger, "run", idempotencyKey, request, deps.clock.nowMs);
      /** Undefined where nothing was written since the paired nodes have to be known. */
      const write = (paired?: readonly NodeRef[]) => {
        // Before the job is looked for: it may be gone since.
        const before = memory.answer();
        if (before !== undefined) return { result: before, cancel: [] };
        const job = requireJob(ledger, idOrName);
        if (paired === undefined && (nodesOf(job)?.length ?? 0) > 1) return undefined;
        const { cancel = [], ...result } = start(job, { mode, alone, paired: paired ?? [] }, caller);
        memory.keep(result);
        return { result, job, cancel };
      };
      // The run is claimed in the same transaction: one sync covers its row and its claim.
      let written = await join(write);
      while (written === undefined) {
        const paired = await pairedNodes();
        written = await join(() => write(paired));
      }
      const { result, job, cancel } = written;
      // Nothing was asked of the disk.
      if (!result.enqueued && idempotencyKey === undefined) return result;
      if (job === undefined) {
        await ledger.confirmed();
        return result;
      }
      for (const runId of result.runIds ?? (result.runId === undefined ? [] : [result.runId])) {
        events.emit("run-queued", { jobId: job.id, runId });
      }
      const confirmed = ledger.confirmed();
      await confirmed.catch(() => {});
      // The start waits for the same moment and comes first.
      await nextTurn();
      for (const other of cancel) void cancelRun(other, "overlap policy cancel_other");
      await confirmed;
      return result;
    },

    async cancel(ref, caller: Caller) {
      const target = resolveRef(ledger, ref);
      if ("gone" in target) requireJob(ledger, target.gone);
      const targets = "run" in target ? [target.run] : "job" in target ? ledger.runs.active(target.job.id) : [];
      return {
        canceled: await Promise.all(
          targets.filter((row) => row.endedAtMs === undefined).map((row) => cancelRun(row, caller.label)),
        ),
      };
    },
  };
}
