export interface HostSettings {
  stateDir: string;
  runnerFile: string;
  concurrency: number;
  /** Touched memory the process holds, as a grown gateway does. */
  ballastBytes: number;
  /** Tell resident memory; it takes a moment to settle, so not where time is measured. */
  memory: boolean;
  /** So many nodes that are only played, all with the tag `all`. */
  nodes: number;
  /** So long each sync of the ledger takes beyond what it takes, as on a slow disk. */
  syncMs: number;
}

export interface HostReady {
  /** From the call that starts the engine to its answer. */
  startMs: number;
  /** Processor of this process meanwhile. */
  startCpuMs: number;
  /** Resident bytes before the product was loaded, and after the engine was up; zero when not asked for. */
  emptyRss: number;
  startedRss: number;
}

export interface HostTask {
  id: number;
  op: string;
  args: unknown;
}
