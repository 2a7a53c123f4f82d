import { SECOND_MS } from "../../kernel/durations.ts";
import { CommandCronError, errorText } from "../../kernel/errors.ts";
import type { ApprovalRecord, JobRecord, RunRecord } from "../../ledger/types.ts";
import type { RunEnds } from "../run/index.ts";
import type { GateDeps } from "./gate.ts";
import { askingMessage } from "./message.ts";
import { type RequestDeps, type Wanted, wantedOf } from "./request.ts";

const AGAIN_MS = SECOND_MS;

type AskingDeps = RequestDeps &
  Pick<GateDeps, "ledger" | "clock" | "events" | "outbox" | "poke"> & {
    ends: Pick<RunEnds, "unplanned">;
    revoke(jobId: string, by: string): void;
  };

/** Between a run that is held and the question about it: its plan runs, and its files are read. */
export function createAsking(room: AskingDeps) {
  const { deps, ledger, clock, events } = room;
  const preparing = new Set<string>();
  const timers = new Set<() => void>();
  let stopped = false;

  /** The request as long as there is something to find out. */
  function open(runId: string): { request: ApprovalRecord; run: RunRecord } | undefined {
    const [request, run] = [ledger.approvals.latest(runId), ledger.runs.get(runId)];
    if (request === undefined || run?.status !== "awaiting_approval") return undefined;
    return request.decision === undefined && request.hash === undefined ? { request, run } : undefined;
  }

  function asked(runId: string, job: JobRecord, wanted: Wanted): void {
    const nowMs = clock.nowMs();
    const isAsked = ledger.transaction(() => {
      const now = open(runId);
      if (now === undefined) return false;
      const { run, request } = now;
      if (!ledger.approvals.asked(runId, request.attempt, { askedAtMs: nowMs, ...wanted })) return false;
      const { config } = deps;
      const message = askingMessage({ job, run, request: { ...request, ...wanted }, config, nowMs });
      if (message !== undefined) room.outbox.enqueue(message);
      return true;
    });
    if (!isAsked) return;
    deps.at("approval-asked");
    room.outbox.kick();
    events.emit("approval-changed", { runId });
  }

  /** There is nothing that anybody could approve. */
  function giveUp(runId: string, error: unknown): void {
    const finished = ledger.transaction(() => {
      const now = open(runId);
      if (now === undefined) return undefined;
      return room.ends.unplanned(now.run, `command not started: ${errorText(error)}`);
    });
    if (finished === undefined) return;
    events.emit("run-finished", finished);
    room.outbox.kick();
    void room.poke();
  }

  async function work(runId: string): Promise<void> {
    const found = open(runId);
    if (found === undefined) return;
    const { request, run } = found;
    const job = ledger.jobs.get(request.jobId);
    if (job === undefined || job.revision !== request.jobRevision) return room.revoke(request.jobId, "an edit");
    const wanted = await wantedOf(room, job, run, request.attempt).catch((error: unknown) => {
      if (!stopped) giveUp(runId, error);
      return undefined;
    });
    if (wanted !== undefined && !stopped) asked(runId, job, wanted);
  }

  function later(runId: string): void {
    const cancel = clock.setTimer(() => {
      timers.delete(cancel);
      prepare(runId);
    }, AGAIN_MS);
    timers.add(cancel);
  }

  /** Finds out what is to be approved, and asks. Repeats are harmless. */
  function prepare(runId: string): void {
    if (stopped || preparing.has(runId)) return;
    preparing.add(runId);
    void work(runId)
      .catch((error: unknown) => {
        deps.logger.warn(`what run ${runId} asks for is found out later: ${errorText(error)}`);
        if (error instanceof CommandCronError && error.code === "LEDGER_UNAVAILABLE" && !stopped) later(runId);
      })
      .finally(() => preparing.delete(runId));
  }

  return {
    prepare,
    /** After a start: goes on with what was waiting. */
    recover(): void {
      for (const { runId, jobId, jobRevision, hash } of ledger.approvals.open()) {
        if (ledger.jobs.get(jobId)?.revision !== jobRevision) room.revoke(jobId, "an edit");
        else if (hash === undefined) prepare(runId);
      }
    },
    stop(): void {
      stopped = true;
      for (const cancel of timers) cancel();
      timers.clear();
    },
  };
}
