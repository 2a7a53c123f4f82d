import type { CommandSpec, ProcessIdentity } from "../../executor/types.ts";
import type { RunnerEvents } from "../port.ts";

/**
 * `unsent`: the node has not got it, provably. `doubtful`: it may have. `there`: it has said so. `over`: its end is told and
 * not acknowledged yet.
 */
export type Phase = "unsent" | "doubtful" | "there" | "over";

export interface HeldAttempt {
  attemptKey: string;
  /** The runner it was sent to. */
  instance?: string;
  /** Absent for one of an earlier life of the gateway: it is never started again. */
  spec?: CommandSpec;
  logDir: string;
  lostAfterMs: number;
  /** What is done when it cannot be sent: wait, or ask whoever placed it. */
  onOffline: "wait" | "give-back";
}

export interface Held extends HeldAttempt {
  phase: Phase;
  cancelBy?: string;
  told?: string;
  progress?: string;
  sinceMs: number;
  identity?: ProcessIdentity;
}

export interface LinkEvents extends Pick<Required<RunnerEvents>, "progress" | "ended" | "neverCame" | "away"> {
  /** It is about to be sent to this runner. False: that could not be put on record, and it is over. */
  sending(attemptKey: string, instance: string): Promise<boolean>;
  started(attemptKey: string, identity: ProcessIdentity): void;
  /** It was not sent, and is whoever's placed it again. */
  givenBack(held: HeldAttempt): void;
}

export interface Link {
  hold(attempt: HeldAttempt, phase: "unsent" | "doubtful"): void;
  /** Attempts that run or wait there. */
  active(): number;
  /** False: it does not know it. Resolves when it has asked; its end is told by `ended`. */
  cancel(attemptKey: string, by: string): boolean;
  acknowledge(attemptKey: string): void;
  /** Brings the copy of its log up to date as far as that is quick. Never raises. */
  freshen(attemptKey: string): Promise<void>;
  about(): { outOfReachSinceMs?: number; version?: string; clockDifferenceMs?: number };
  close(): void;
}
