import type { ApprovalEntry } from "../../../schema/wire/calls/approvals.ts";
import type { ApprovalDoor } from "../../../schema/wire/steps.ts";
import type { Page, PageAsked } from "../sql/index.ts";

/** What may be decided of a request, by a person, by time or by an edit. */
type ApprovalDecision = "approved" | "rejected" | "expired" | "voided";

export type ApprovalSubject = Pick<ApprovalEntry, "command" | "risk" | "why">;

/** A request for a person's decision about one attempt of a run. */
export interface ApprovalRecord {
  runId: string;
  /** Which attempt it is to be; there is none of it before it is approved. */
  attempt: number;
  jobId: string;
  jobRevision: number;
  /** What whoever decides is shown of the job, as it was when it was asked for. */
  subject: ApprovalSubject;
  requestedAtMs: number;
  expiresAtMs: number;
  /** When all that is to be approved was known, and could be asked for. */
  askedAtMs?: number;
  hash?: string;
  /** Keyed hashes of what `hash` is made of, by name. */
  parts?: Record<string, string>;
  /** What the plan printed. */
  plan?: string;
  decision?: ApprovalDecision;
  decidedAtMs?: number;
  decidedBy?: string;
  door?: ApprovalDoor;
  reason?: string;
}

export interface ApprovalQuery extends PageAsked {
  jobId?: string;
  runId?: string;
  openOnly?: boolean;
}

export interface ApprovalStore {
  insert(request: ApprovalRecord): void;
  get(runId: string, attempt: number): ApprovalRecord | undefined;
  /** The newest one about a run. */
  latest(runId: string): ApprovalRecord | undefined;
  /** Notes what is to be approved. False when it was decided meanwhile. */
  asked(
    runId: string,
    attempt: number,
    what: Required<Pick<ApprovalRecord, "askedAtMs" | "hash" | "parts">> & Pick<ApprovalRecord, "plan">,
  ): boolean;
  /** Writes the one decision. False when there was one. */
  decide(
    runId: string,
    attempt: number,
    how: Required<Pick<ApprovalRecord, "decision" | "decidedAtMs" | "decidedBy">> &
      Pick<ApprovalRecord, "door" | "reason">,
  ): boolean;
  /** Undecided ones, the oldest first. */
  open(): ApprovalRecord[];
  /** Undecided ones whose time is over at `nowMs`, and those that a clock ahead of it has asked for. */
  due(nowMs: number): ApprovalRecord[];
  /** A clock that went back does not make anybody wait longer. */
  setExpiry(runId: string, attempt: number, at: { requestedAtMs: number; expiresAtMs: number }): void;
  earliestExpiryMs(): number | undefined;
  list(query: ApprovalQuery): Page<ApprovalRecord>;
}
