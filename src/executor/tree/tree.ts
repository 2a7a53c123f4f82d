import type { Cleanup } from "../../../schema/wire/run.ts";
import type { ProcessEntry, ProcessTable } from "./table.ts";

/** Longest pause between two looks at a tree that is being ended. */
export const POLL_MAX_MS = 50;
/** Killing goes on so long; what lives then is stuck in the kernel or belongs to another user. */
export const KILL_MAX_MS = 8_000;

/** Processes that an attempt started, seen from outside. */
export interface TreeMember {
  pid: number;
  residentBytes: number;
  peakBytes: number;
  cpuMs: number;
  /** Works, or waits for a CPU. */
  runnable: boolean;
}

/** The process tree of one attempt. */
export interface ProcessTree {
  /** The command's own process has been reaped: its pid may be given to a stranger from now on. */
  rootEnded(): void;
  /** Looks at the living members and remembers them, so that they are known when their parents are gone. */
  observe(ranForMs: number): Promise<TreeMember[]>;
  /** How many live on after the command's own process has ended. Cheap in the usual case of none. */
  countLeftovers(ranForMs: number): Promise<number>;
  /** Takes what lives into the statement without ending it. */
  noteLeftovers(): Promise<void>;
  /** Ends everything: stop signal, grace, kill, again until nothing is left. */
  end(how: { stopSignal: NodeJS.Signals; graceMs: number }): Promise<void>;
  /** What `noteLeftovers` and `end` found, for the record. */
  statement(): Cleanup;
}

/** What living members use. */
export const measure = (table: ProcessTable, alive: readonly ProcessEntry[]): TreeMember[] =>
  alive.map(({ pid, cpuMs, state }) => ({
    pid,
    cpuMs,
    runnable: state === "R",
    ...(table.memoryOf(pid) ?? { residentBytes: 0, peakBytes: 0 }),
  }));
