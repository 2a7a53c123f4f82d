import { succeeds } from "../../kernel/or-undefined.ts";

/** One row of the operating system's process list. */
export interface ProcessEntry {
  pid: number;
  ppid: number;
  pgrp: number;
  session: number;
  /** One letter, as `ps` shows it; Z and X are not alive. */
  state: string;
  /** Orders and, with the pid, names a process. Linux: clock ticks since boot. */
  startTime: number;
  /** CPU time of the process and its reaped children, milliseconds. */
  cpuMs: number;
}

/** The only door to other processes, so that tests can put a faulty one in its place. */
export interface ProcessTable {
  /** Every process that can be seen. */
  list(): Promise<ProcessEntry[]>;
  /**
   * Processes whose pid was given out after `pid`. Undefined when that cannot be told cheaply: then `list` must be used.
   */
  since(pid: number): ProcessEntry[] | undefined;
  /** The process as it is now. */
  entry(pid: number): ProcessEntry | undefined;
  /**
   * Whether its environment holds `name=value`. False also when it cannot be read; undefined when it has none, or none
   * yet: in the middle of an exec a process has neither its old environment nor its new one; nor has one that has ended.
   */
  carries(pid: number, variable: string): boolean | undefined;
  /** Its command line, for people. */
  commandOf(pid: number): string;
  /** Resident and peak resident bytes. */
  memoryOf(pid: number): { residentBytes: number; peakBytes: number } | undefined;
  /** Sends a signal; a negative pid means the group. False when nobody was there or it is not ours to signal. */
  signal(pid: number, signal: NodeJS.Signals | 0): boolean;
  /**
   * Gives the process's session the weight of this nice value beside other sessions (Linux autogroups, sched(7): where
   * they are on, nice values count only within a session). False when that is not possible, or not now: without a
   * privilege the kernel takes one such change in 0.1 s.
   */
  weighSession?(pid: number, nice: number): boolean;
}

/** Zombies have ended; they only wait for their parent to look. */
export const isAlive = (entry: ProcessEntry): boolean => entry.state !== "Z" && entry.state !== "X";

/** `process.kill` that answers instead of throwing. */
export const sendSignal = (pid: number, signal: NodeJS.Signals | 0): boolean =>
  succeeds(() => process.kill(pid, signal));
