/** What a job keeps between its runs, at one time. */
export interface StateVersion {
  jobId: string;
  /** Counts up from 1. */
  version: number;
  /** JSON, as it was written. */
  content: string;
  /** When it was written. */
  atMs: number;
  /** When the attempt began that wrote it: the day it belongs to. */
  ofMs: number;
  /** Which run wrote it; absent: a person did. */
  runId?: string;
  /** Which person. */
  setBy?: string;
}

export interface StateStore {
  /** The newest version, or the one asked for. */
  get(jobId: string, version?: number): StateVersion | undefined;
  /** Keeps a new version, and ten of them in all. Answers its number. */
  put(state: Omit<StateVersion, "version">): number;
  /** The versions that are kept, newest first, without what they hold. */
  history(jobId: string): (Omit<StateVersion, "content"> & { bytes: number })[];
  /** Forgets all of them. */
  clear(jobId: string): void;
}
