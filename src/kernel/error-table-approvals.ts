import { table } from "./error-row.ts";

/** About runs that a person has to approve. */
export const APPROVAL_ERRORS = table("engine", {
  RISK_UNCHECKED: {
    says: "a command that changes something elsewhere needs a check",
    action:
      "Give the job that writes a `--verify`, or disable it, let a job with `--risk read_only` follow it (`--after`), and enable it",
  },
  APPROVAL_REQUIRED: {
    says: "the job runs only when a person has approved it",
    action: "Start it with `openclaw command-cron run` and approve the run",
  },
  APPROVAL_NOT_FOUND: {
    says: "nothing about this run waits for an approval, or ever did",
    action: "List what waits with `openclaw command-cron approvals`",
  },
  APPROVAL_PREPARING: {
    says: "it is not known yet what is to be approved",
    action: "Wait until its plan has ended and look at it with `openclaw command-cron approvals`",
    retryable: true,
  },
  APPROVAL_OUTDATED: {
    says: "what would run is not what was looked at",
    action: "Look at it again with `openclaw command-cron approvals` and decide by the hash shown there",
  },
  APPROVAL_DECIDED: {
    says: "it has been decided already",
    action: "See `openclaw command-cron approvals --all`; start the job again if it is to run",
  },
  APPROVAL_EXPIRED: {
    says: "the time to approve it is over",
    action: "Start the job again with `openclaw command-cron run`, and answer in time",
  },
  APPROVAL_KEY_UNUSABLE: {
    says: "the key of what is approved cannot be read or made, so that nothing can be asked",
    action: "Make the file readable and writable for the gateway's user, or move it away: another one is made",
  },
  CHANGED_AFTER_APPROVAL: {
    says: "it is not what was approved any more, and was not started",
    action: "Look at what has changed; the next start is asked about anew",
    raisedBy: "executor",
  },
});
