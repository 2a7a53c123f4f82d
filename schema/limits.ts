/** What the runner and the command line share with the wire: they load no schemas. */

/** A state is never larger, in UTF-8. */
export const STATE_MAX_BYTES = 262_144;

export const PROGRESS_LEVELS = ["ok", "warn", "alert"] as const;

/** What a command's output is, beside text. */
export const CONTRACTS = ["status"] as const;

/** What an exit code says of its run. */
export const EXIT_MEANINGS = ["ok", "fail", "retry", "skip"] as const;

/** When an agent is asked, of the runs that speak. */
export const ASKED_WHEN = ["always", "failure", "change"] as const;

/** After which ends of its parent a follower runs. */
export const FOLLOW_ON = ["success", "failure", "complete"] as const;

/** The final ones come after `running`; exactly one is ever recorded. `awaiting_approval`: a person has to decide first. */
export const RUN_STATUSES = [
  "queued",
  "awaiting_approval",
  "running",
  "succeeded",
  "failed",
  "timed_out",
  "canceled",
  "skipped",
  "missed",
  "lost",
] as const;

/** Life of one message. `unknown`: it may or may not have arrived; only an operator settles it. */
export const DELIVERY_STATES = ["pending", "sending", "sent", "suppressed", "dead", "unknown"] as const;

/** Jobs one after another, the first included, at most. */
export const MAX_LEVELS = 10;

/** Bytes of a log in one answer. A longer log is read page by page. */
export const MAX_LOG_PAGE_BYTES = 1_048_576;
