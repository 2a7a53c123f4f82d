import type { Progress } from "../../schema/wire/progress.ts";
import type { Cleanup } from "../../schema/wire/run.ts";
import type { NodeRef, NodesResult } from "../../schema/wire/target.ts";
import type { Statements } from "../executor/index.ts";
import type { AttemptResult, CommandSpec, ProcessIdentity, Step } from "../executor/types.ts";

export interface LostAttempt {
  attemptKey: string;
  /** Absent where nobody could look. */
  cleanup?: Cleanup;
}

export interface RunnerEvents {
  /** The process exists: the command's own, then that of its check. */
  started(attemptKey: string, identity: ProcessIdentity, step: Step): void;
  /** What a running attempt said last of how far it is; said again after a reconnect. */
  progress(attemptKey: string, progress: Progress): void;
  /** The attempt is over and its tree dealt with. Repeated after a reconnect until acknowledged. */
  ended(result: AttemptResult): void;
  /** A runner is gone, with these attempts, if any; their trees have been ended by identity and cookie. */
  lost(attempts: LostAttempt[], why: string): void;
  /** A runner fell silent, or is silent no more: it answers again, or is gone. */
  silent(pid: number, silent: boolean): void;
  /** Where an attempt with a place is about to run; undefined: on this host after all. Resolves when that is on disk; else it is not started. */
  placed?(attemptKey: string, node: Placed | undefined): Promise<void>;
  /** An attempt that was adopted has never come to its node, and nobody will start it any more. */
  neverCame?(attemptKey: string): void;
  /** Since when the node of an attempt, or every node it may run on, is out of reach; undefined: it is not. */
  away?(attemptKey: string, sinceMs: number | undefined): void;
}

/** The node that an attempt is given to, and the runner there that its start is meant for: no other may start it. */
export interface Placed extends NodeRef {
  runner?: string;
}

/** Where an attempt is to run when not on this host. */
export interface Place {
  /** Ids or names; of several the one with the fewest runs. */
  nodes: readonly string[];
  offline: "wait" | "skip" | "elsewhere";
  /** Out of reach for so long it is lost, or, where it was never sent, given up. */
  lostAfterMs: number;
  /** What a spec for a node needs to run on this host instead. */
  here: Pick<CommandSpec, "cwd" | "env" | "verify">;
}

export interface RunnerStatus {
  /** `unresponsive`: there is one, and it does not answer; no other could be started yet. */
  state: "connected" | "starting" | "unresponsive" | "down";
  /** Why it is not connected, and since when (wall clock). */
  away?: { sinceMs: number; reason: string };
  pid?: number;
  version?: string;
  running: number;
  rssBytes?: number;
  /** True when a service manager that ends the gateway's control group would end the runner too. */
  sharesServiceCgroup?: boolean;
  /** Why the small process that starts commands is not there, and the runner does it itself. */
  withoutStarter?: string;
  /** Older runners that finish their attempts. */
  draining: number;
  /** Runners that do not answer, since when (wall clock), and how many attempts they hold. */
  unresponsive: { pid: number; sinceMs: number; running: number }[];
}

/** What the engine asks of the runner. One instance per engine. */
export interface RunnerPort {
  /**
   * Connects to the living runner of this state directory or starts one. Answers the attempts that runner knows:
   * those still running, and those that ended while nobody listened (they are also reported through `ended`).
   * Raises STATE_OWNED when another gateway holds it, RUNNER_UNAVAILABLE when none can be started.
   */
  open(events: RunnerEvents): Promise<{
    /** Names the runner process. The same name as last time: an attempt that it does not know was never started. */
    instance: string;
    running: { attemptKey: string; identity?: ProcessIdentity }[];
    ended: string[];
    /** A runner of before lives and has not answered yet: what is not named here may be with it, see `adopt`. */
    silent: boolean;
  }>;
  /**
   * Attempts that may be with the runner that was silent: they go on, or are told as lost, once that is known. To be
   * called in the turn in which `open` resolved.
   */
  adopt(
    attempts: {
      attemptKey: string;
      identity?: ProcessIdentity;
      /** It was given to this node. */
      node?: Placed;
      lostAfterMs?: number;
      logDir?: string;
    }[],
  ): void;
  /** Starts an attempt. The same key twice starts nothing. Never throws: a failure arrives through `ended`. */
  start(spec: CommandSpec, place?: Place): void;
  /**
   * Ends an attempt; resolves when its tree is gone. False when the runner does not know it. Raises RUNNER_UNRESPONSIVE
   * as soon as its runner does not answer, NODE_OUT_OF_REACH when its node does not (the request stands), SERVICE_STOPPED when this side lets go.
   */
  cancel(attemptKey: string, by: string): Promise<boolean>;
  /** The engine has stored the result; the runner may forget it. */
  acknowledge(attemptKey: string): void;
  /** Ends what is left of attempts no runner knows, by recorded identity and cookie. */
  reap(attempts: { attemptKey: string; identity?: ProcessIdentity }[]): Promise<Statements>;
  status(): RunnerStatus;
  /** Brings the log of an attempt that runs elsewhere up to date here, as far as that is quick; absent as `nodes` is. Never raises. */
  freshen?(attemptKey: string): Promise<void>;
  /** The paired nodes; absent where attempts can run on this host only. Raises when the gateway cannot say. */
  nodes?(): Promise<NodesResult["nodes"]>;
  /** Lets go. Attempts with `onGatewayExit: "stop"` are ended, the others go on in the runner. */
  close(): Promise<void>;
}

/** What the gateway said of its nodes. */
export interface Directory<T extends NodeRef> {
  all: readonly T[];
  /** Those that a name may mean: the one with this id, else all with this name. */
  named(name: string): readonly T[];
}

export function directoryOf<T extends NodeRef>(all: readonly T[]): Directory<T> {
  const byId = Map.groupBy(all, ({ id }) => id);
  const byName = Map.groupBy(all, ({ name }) => name);
  return { all, named: (name) => byId.get(name)?.slice(0, 1) ?? byName.get(name) ?? [] };
}
