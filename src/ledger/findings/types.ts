import type { Amended, Page, PageAsked } from "../sql/index.ts";

export interface AlertRecord {
  id: string;
  jobId: string;
  cause: string;
  openedAtMs: number;
  closedAtMs?: number;
  occurrences: number;
  notifiedAtMs?: number;
  /** Somebody is to be told of it, or of its end, from then on; absent: nothing is to be told. */
  tellAtMs?: number;
  /** What is said of it, one line. */
  about?: string;
  /** Somebody knows, and nothing more is said of it but its end. */
  ackedAtMs?: number;
  ackedBy?: string;
  /** Nothing is said of it before. */
  snoozedUntilMs?: number;
  snoozedBy?: string;
  /** The next of a group is told then, unless somebody knows. */
  escalateAtMs?: number;
  /** How many more than the first were told. */
  escalated?: number;
}

export type AlertChange = Amended<
  Pick<AlertRecord, "occurrences" | "notifiedAtMs" | "about" | "snoozedBy" | "escalated">,
  Pick<AlertRecord, "tellAtMs" | "ackedAtMs" | "ackedBy" | "snoozedUntilMs" | "escalateAtMs">
>;

export interface AlertQuery extends PageAsked {
  jobId?: string;
  openOnly?: boolean;
}

export interface AlertStore {
  openOf(jobId: string): AlertRecord[];
  get(id: string): AlertRecord | undefined;
  /** Exact id or unique prefix of at least four characters. */
  find(id: string): AlertRecord | undefined;
  /** A person said that it is known, or asked for silence: a row of its own beside opening and closing. */
  note(id: string, state: "acked" | "snoozed", atMs: number, by: string): void;
  open(alert: { id: string; jobId: string; cause: string; atMs: number; runId?: string }): void;
  /** What is known now of an incident: absent fields stay, null clears. */
  touch(id: string, change: AlertChange): void;
  /** Of what is to be told at `nowMs`, the longest waiting first. */
  toTell(nowMs: number, limit: number): AlertRecord[];
  /** Of what nobody knows at `nowMs` and the next of a group is to hear, the longest waiting first. */
  toEscalate(nowMs: number, limit: number): AlertRecord[];
  /** Until when nothing is said of a job; undefined: nobody asked for silence. */
  snoozedUntilMs(jobId: string): number | undefined;
  close(id: string, atMs: number, runId?: string): void;
  /** When a message about an incident of the job went out last, closed ones included. */
  lastToldAtMs(jobId: string): number | undefined;
  list(query: AlertQuery): Page<AlertRecord>;
}

export interface NoticeRecord {
  code: string;
  key: string;
  message: string;
  firstAtMs: number;
  lastAtMs: number;
  times: number;
  closedAtMs?: number;
}

/** Operational findings an operator must be able to see: gaps, broken rows, a lost runner, a full disk. */
export interface NoticeStore {
  raise(notice: { code: string; key: string; message: string; atMs: number }): "opened" | "repeated";
  close(code: string, key: string, atMs: number): boolean;
  open(): NoticeRecord[];
}

export interface IdempotencyStore {
  get(method: string, key: string): { requestHash: string; result: unknown } | undefined;
  put(method: string, key: string, requestHash: string, result: unknown, nowMs: number): void;
}
