/** What one runner process is to its gateway. */
export type RunnerState = "starting" | "connecting" | "connected" | "unresponsive" | "leaving" | "reaping" | "gone";

/** What can happen to it. */
export type RunnerEvent =
  /** It has said where it listens. */
  | "listens"
  /** It did not come up. */
  | "failed"
  /** It took our greeting and said what it runs. */
  | "welcomed"
  /** It speaks another version, or has another gateway. */
  | "refused"
  /** It said something. */
  | "heard"
  /** Nothing was heard of it for ten seconds. */
  | "silent"
  /** The connection ended, or none could be made; the process lives. */
  | "hung_up"
  /** The process is gone. */
  | "died"
  /** It did not answer for as long as a runner may. */
  | "overdue"
  /** What it left is ended, and told. */
  | "reaped"
  /** The gateway lets go. */
  | "leave";

/** Every change of state there is; docs/states.md shows the same table, and a test compares them. */
export const RUNNER_STATES: Record<RunnerState, Partial<Record<RunnerEvent, RunnerState>>> = {
  starting: { listens: "connecting", failed: "gone", leave: "leaving" },
  connecting: {
    welcomed: "connected",
    refused: "reaping",
    silent: "unresponsive",
    hung_up: "connecting",
    died: "reaping",
    leave: "leaving",
  },
  connected: { silent: "unresponsive", hung_up: "connecting", died: "reaping", leave: "leaving" },
  unresponsive: {
    welcomed: "connected",
    refused: "reaping",
    heard: "connected",
    hung_up: "unresponsive",
    died: "reaping",
    overdue: "reaping",
    leave: "leaving",
  },
  leaving: { listens: "gone", failed: "gone", hung_up: "gone", died: "gone" },
  reaping: { reaped: "gone" },
  gone: {},
};
