import type { Page, PageAsked } from "../sql/index.ts";

export interface AlertRecord {
  id: string;
  jobId: string;
  cause: string;
  openedAtMs: number;
  closedAtMs?: number;
  occurrences: number;
  notifiedAtMs?: number;
}

export interface AlertQuery extends PageAsked {
  jobId?: string;
  openOnly?: boolean;
}

export interface AlertStore {
  openOf(jobId: string): AlertRecord[];
  open(alert: { id: string; jobId: string; cause: string; atMs: number; runId?: string }): void;
  /** One more occurrence of the same incident; `notifiedAtMs` when a message goes out for it. */
  touch(id: string, change: { occurrences?: number; notifiedAtMs?: number }): void;
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
