import type { Progress } from "../../schema/wire/progress.ts";
import type { Cleanup } from "../../schema/wire/run.ts";
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
  adopt(attempts: { attemptKey: string; identity?: ProcessIdentity }[]): void;
  /** Starts an attempt. The same key twice starts nothing. Never throws: a failure arrives through `ended`. */
  start(spec: CommandSpec): void;
  /**
   * Ends an attempt; resolves when its tree is gone. False when the runner does not know it. Raises RUNNER_UNRESPONSIVE
   * as soon as its runner does not answer (the request stands), SERVICE_STOPPED when this side lets go.
   */
  cancel(attemptKey: string, by: string): Promise<boolean>;
  /** The engine has stored the result; the runner may forget it. */
  acknowledge(attemptKey: string): void;
  /** Ends what is left of attempts no runner knows, by recorded identity and cookie. */
  reap(attempts: { attemptKey: string; identity?: ProcessIdentity }[]): Promise<Statements>;
  status(): RunnerStatus;
  /** Lets go. Attempts with `onGatewayExit: "stop"` are ended, the others go on in the runner. */
  close(): Promise<void>;
}
