import type { Clock } from "../../kernel/clock.ts";
import type { Logger } from "../../kernel/logger.ts";
import type { RunnerInfo } from "../info.ts";
import type { ToGateway, ToRunner } from "../wire/index.ts";
import type { Welcome } from "./connection.ts";
import type { RunnerState } from "./states.ts";

/** Where the bundled runner is, and how it is run. */
export interface SupervisorOptions {
  stateDir: string;
  runnerFile: string;
  clock: Clock;
  logger: Logger;
  /** A runner that does not answer for so long is ended with all it runs; default five minutes. */
  replaceAfterMs?: number | undefined;
  nodePath?: string;
  env?: Record<string, string | undefined>;
  idleMs?: number;
}

/** One runner process that lives, as far as we know. */
export interface Runner {
  info: RunnerInfo;
  state: RunnerState;
  /** Wall clock. */
  sinceMs: number;
  /** It finishes what it has, and gets nothing new. */
  draining: boolean;
  /** Why the process that starts its commands is not there, as it said last. */
  withoutStarter?: string | undefined;
}

export interface SupervisorEvents {
  message(info: RunnerInfo, message: ToGateway): void;
  /** A connection stands; it may be one of before. */
  welcomed(info: RunnerInfo, welcome: Welcome): void;
  /** Where new attempts go from now on. */
  usable(info: RunnerInfo): void;
  unresponsive(info: RunnerInfo): void;
  /** It is not unresponsive any more: it answers again, or is gone. */
  responsive(info: RunnerInfo): void;
  /** The runner will report nothing any more: to resolve when what it left is ended and told. `served`: new attempts went to it. */
  lost(info: RunnerInfo, why: string, served: boolean): Promise<void>;
  /** No runner could be started; it will be tried again. */
  failed(error: unknown): void;
}

/** Keeps connected to every living runner of a state directory, and keeps one of this version alive. */
export interface Supervisor {
  /** Raises STATE_OWNED or RUNNER_UNAVAILABLE. */
  open(): Promise<void>;
  /** Who gets new attempts. */
  current(): RunnerInfo | undefined;
  /** One is being started, or about to answer. */
  isComing(): boolean;
  /** Those that live, as far as we know. */
  runners(): Runner[];
  /** False when there is no connection to it now. Raises PAYLOAD_TOO_LARGE. */
  send(instance: string, message: ToRunner): boolean;
  /** Why there is no current one, and since when. */
  away(): { sinceMs: number; reason: string } | undefined;
  close(): Promise<void>;
}
