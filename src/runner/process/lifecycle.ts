import type { Clock } from "../../kernel/clock.ts";
import type { AttemptTable } from "./attempt-table.ts";

/** A gateway that lost its connection is back within this; commands that shall not outlive it are ended afterwards. */
const RETURN_MS = 1_000;
/**
 * A gateway that left on purpose has ended those commands itself, unless it only reloads its plugin: that takes it longer,
 * on a busy host much longer.
 */
const RELOAD_MS = 60_000;
/** After the last command, what it took is given back. */
const TRIM_MS = 1_000;
const SETTLE_LOOK_MS = 20;

/** When the runner has nothing left to do, and ends. Keeps no timer while it is idle under a gateway. */
export interface Lifecycle {
  /** A gateway came or went. */
  owner(present: boolean): void;
  /** The gateway stops on purpose: end as soon as nothing runs, instead of waiting for the next one. */
  leave(): void;
  /** A newer runner took over: end when the last result is acknowledged. */
  drain(): void;
  /** Attempts began, ended or were settled. */
  changed(): void;
  /** End all commands properly, keep their results, then end. */
  terminate(why: string): void;
}

export function createLifecycle(deps: {
  attempts: AttemptTable;
  clock: Clock;
  /** With no gateway and nothing to run, the runner ends after this. */
  idleMs: number;
  trim(): void;
  end(why: string): void;
}): Lifecycle {
  const { attempts, clock } = deps;
  let owned = false;
  let draining = false;
  let leaving = false;
  let ending = false;
  let cancelIdle = (): void => {};
  let cancelReturn = (): void => {};
  let cancelTrim = (): void => {};

  function end(why: string): void {
    ending = true;
    deps.end(why);
  }

  function reconsider(): void {
    cancelIdle();
    cancelTrim();
    if (ending || attempts.busy()) return;
    cancelTrim = clock.setTimer(deps.trim, TRIM_MS);
    if (draining && attempts.ended().length === 0) end("drained");
    else if (!owned && attempts.settled()) {
      cancelIdle = clock.setTimer(() => end("idle"), draining || leaving ? 0 : deps.idleMs);
    }
  }

  function endWhenSettled(why: string): void {
    if (attempts.settled()) end(why);
    else clock.setTimer(() => endWhenSettled(why), SETTLE_LOOK_MS);
  }

  return {
    owner(present) {
      owned = present;
      cancelReturn();
      if (present) leaving = false;
      else {
        cancelReturn = clock.setTimer(
          () => void attempts.cancelAll("the gateway's exit", (spec) => spec.onGatewayExit === "stop"),
          leaving ? RELOAD_MS : RETURN_MS,
        );
      }
      reconsider();
    },
    leave() {
      leaving = true;
    },
    drain() {
      draining = true;
      reconsider();
    },
    changed: reconsider,
    terminate(why) {
      if (ending) return;
      ending = true;
      attempts.refuse(`the runner is ending: ${why}`);
      void attempts
        .cancelAll(`the runner's ${why}`, () => true)
        .then(() => {
          attempts.detach();
          endWhenSettled(why);
        });
    },
  };
}
