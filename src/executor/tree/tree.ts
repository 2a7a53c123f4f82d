import type { Cleanup } from "../../../schema/wire/run.ts";

/** Processes that an attempt started, seen from outside. */
export interface TreeMember {
  pid: number;
  residentBytes: number;
  peakBytes: number;
  cpuMs: number;
}

/** The process tree of one attempt. */
export interface ProcessTree {
  /** The command's own process has been reaped: its pid may be given to a stranger from now on. */
  rootEnded(): void;
  /** Looks at the living members and remembers them, so that they are known when their parents are gone. */
  observe(): Promise<TreeMember[]>;
  /** How many live on after the command's own process has ended. Cheap in the usual case of none. */
  countLeftovers(ranForMs: number): Promise<number>;
  /** Takes what lives into the statement without ending it. */
  report(): Promise<void>;
  /** Ends everything: stop signal, grace, kill, then a hunt until nothing is left. */
  end(how: { stopSignal: NodeJS.Signals; graceMs: number }): Promise<void>;
  /** What `report` and `end` found, for the record. */
  statement(): Cleanup;
}
