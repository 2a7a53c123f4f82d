import type { ApprovalEntry } from "../../../schema/wire/calls/approvals.ts";
import type { ApprovalDoor, ApprovalState } from "../../../schema/wire/steps.ts";
import { CommandCronError } from "../../kernel/errors.ts";
import { pick, present } from "../../kernel/present.ts";
import type { ApprovalRecord, RunRecord } from "../../ledger/types.ts";
import type { ApprovalsApi } from "../api.ts";
import { requireRun } from "../lookup.ts";
import { paged } from "../views.ts";
import type { GateDeps } from "./gate.ts";

type DecidingDeps = Pick<GateDeps, "deps" | "ledger" | "clock" | "events" | "ends" | "outbox" | "poke">;

interface Decision {
  hash?: string;
  door?: ApprovalDoor;
  reason?: string;
}

const stateOf = ({ decision, hash }: ApprovalRecord): ApprovalState =>
  decision ?? (hash === undefined ? "preparing" : "waiting");

/** What waits for a person, and the one decision about each. */
export function createDeciding({ deps, ledger, clock, events, ends, outbox, poke }: DecidingDeps): ApprovalsApi {
  function view(request: ApprovalRecord): ApprovalEntry {
    const { runId, jobId } = request;
    return present({
      ...pick(request, "runId", "attempt", "jobId", "hash", "plan", "requestedAtMs", "expiresAtMs"),
      jobName: ledger.runs.get(runId)?.jobName ?? jobId,
      state: stateOf(request),
      ...request.subject,
      ...pick(request, "decidedAtMs", "decidedBy", "door", "reason"),
    });
  }

  /** The request about a run that can be decided now. */
  function undecided(run: RunRecord, { hash }: Decision, nowMs: number): ApprovalRecord {
    const request = ledger.approvals.latest(run.id);
    if (request === undefined) throw new CommandCronError("APPROVAL_NOT_FOUND", { got: run.id });
    if (request.decision !== undefined) {
      const { decision, decidedBy, decidedAtMs = 0, reason = "by the service" } = request;
      // Nobody decided about one whose run is over: why that is, is its reason.
      const how = decidedBy === undefined ? `, ${reason},` : ` by ${decidedBy}`;
      const got = `${decision}${how} at ${new Date(decidedAtMs).toISOString()}`;
      const code = decision === "expired" ? "APPROVAL_EXPIRED" : "APPROVAL_DECIDED";
      throw new CommandCronError(code, { got, details: { decision, decidedAtMs } });
    }
    if (request.expiresAtMs <= nowMs) {
      throw new CommandCronError("APPROVAL_EXPIRED", { got: new Date(request.expiresAtMs).toISOString() });
    }
    if (ledger.jobs.get(request.jobId)?.revision !== request.jobRevision) {
      throw new CommandCronError("APPROVAL_OUTDATED", { got: "a job that was changed since" });
    }
    if (hash !== undefined && request.hash?.startsWith(hash) !== true) {
      const expected = request.hash ?? "none yet";
      throw new CommandCronError("APPROVAL_OUTDATED", { field: "hash", expected, got: hash });
    }
    return request;
  }

  async function decide(
    given: string,
    decision: "approved" | "rejected",
    how: Decision,
    by: string,
    then: (run: RunRecord, nowMs: number) => unknown,
  ): Promise<ApprovalEntry> {
    const { id: runId } = requireRun(ledger, given);
    const request = ledger.transaction(() => {
      const nowMs = clock.nowMs();
      const run = requireRun(ledger, runId);
      const { attempt, hash } = undecided(run, how, nowMs);
      if (decision === "approved" && hash === undefined) throw new CommandCronError("APPROVAL_PREPARING");
      const { door = "api", reason } = how;
      const said = { decision, decidedAtMs: nowMs, decidedBy: by, door, ...(reason === undefined ? {} : { reason }) };
      ledger.approvals.decide(runId, attempt, said);
      then(run, nowMs);
      return ledger.approvals.latest(runId);
    });
    deps.at("approval-decided");
    events.emit("approval-changed", { runId });
    const run = ledger.runs.get(runId);
    if (run?.endedAtMs !== undefined) events.emit("run-finished", { jobId: run.jobId, runId, status: run.status });
    outbox.kick();
    await poke();
    await ledger.confirmed();
    return view(request as ApprovalRecord);
  }

  return {
    approvals(query) {
      if (query.runId !== undefined) requireRun(ledger, query.runId);
      const page = ledger.approvals.list(query);
      return { approvals: page.rows.map(view), ...paged(page, query) };
    },
    approve: (runId, how, { label }) =>
      decide(runId, "approved", how, label, (run, nowMs) => ledger.runs.letGo(run.id, nowMs)),
    reject: (runId, how, { label }) =>
      decide(runId, "rejected", how, label, (run) =>
        ends.withheld(run, "approval_rejected", `rejected by ${label}: ${how.reason}`),
      ),
  };
}
