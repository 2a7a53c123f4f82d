import type { Cleanup } from "../../schema/wire/run.ts";
import type { Statements } from "../executor/index.ts";
import type { AttemptResult, CommandSpec, ProcessIdentity } from "../executor/types.ts";

export interface LostAttempt {
  attemptKey: string;
  /** Absent where nobody could look. */
  cleanup?: Cleanup;
}

export interface RunnerEvents {
  /** The process exists. */
  started(attemptKey: string, identity: ProcessIdentity): void;
  /** The attempt is over and its tree dealt with. Repeated after a reconnect until acknowledged. */
  ended(result: AttemptResult): void;
  /** The runner that held these attempts is gone; their trees have been ended by identity and cookie. */
  lost(attempts: LostAttempt[], why: string): void;
  /** Something an operator should see. */
  notice(code: string, message: string): void;
}

export interface RunnerStatus {
  state: "connected" | "starting" | "down";
  pid?: number;
  version?: string;
  running: number;
  rssBytes?: number;
  /** True when a service manager that ends the gateway's control group would end the runner too. */
  sharesServiceCgroup?: boolean;
  /** Older runners that finish their attempts. */
  draining: number;
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
  }>;
  /** Starts an attempt. The same key twice starts nothing. Never throws: a failure arrives through `ended`. */
  start(spec: CommandSpec): void;
  /** Ends an attempt; resolves when its tree is gone. False when the runner does not know it. */
  cancel(attemptKey: string, by: string): Promise<boolean>;
  /** The engine has stored the result; the runner may forget it. */
  acknowledge(attemptKey: string): void;
  /** Ends what is left of attempts no runner knows, by recorded identity and cookie. */
  reap(attempts: { attemptKey: string; identity?: ProcessIdentity }[]): Promise<Statements>;
  status(): RunnerStatus;
  /** Lets go. Attempts with `onGatewayExit: "stop"` are ended, the others go on in the runner. */
  close(): Promise<void>;
}
