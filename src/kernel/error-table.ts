import { table } from "./error-row.ts";
import { APPROVAL_ERRORS } from "./error-table-approvals.ts";
import { CLI_ERRORS } from "./error-table-cli.ts";
import { DELIVERY_ERRORS } from "./error-table-deliveries.ts";
import { NODE_ERRORS } from "./error-table-nodes.ts";

/** Every error this product can answer with. docs/errors.md is checked against it in both directions. */
export const ERROR_TABLE = table("engine", {
  // --- requests -------------------------------------------------------------------------------------------------
  INVALID_PARAMS: {
    says: "the parameters do not fit",
    action: "Correct the named field; `docs/rpc.md` lists the accepted ones",
    raisedBy: "rpc",
  },
  FIELD_UNSUPPORTED: {
    says: "this field is known to the gateway but not honoured for command jobs here",
    action: "Leave it out, or keep the job in the gateway's own cron",
    raisedBy: "rpc",
  },
  AGENT_REFUSED: {
    says: "agents may not create, change, run or cancel command jobs",
    action: "Ask an operator to do it with the CLI or the Gateway API",
    raisedBy: "host",
  },
  TICKET_REFUSED: {
    says: "the page's ticket has ended or was never issued",
    action: "Load the page again",
    raisedBy: "page",
  },
  READ_ONLY: {
    says: "the page reads and changes nothing, and knows no such read",
    action: "Do it with the CLI or the Gateway API; `docs/page.md` lists what a page may read",
    raisedBy: "page",
  },
  JOB_NOT_FOUND: {
    says: "there is no command job with this id",
    action: "List the jobs with `openclaw command-cron list --all`",
  },
  JOB_SET_ASIDE: {
    says: "the job is set aside: its record cannot be read, and it does not run",
    action:
      "Remove it with `openclaw command-cron rm` and create it again, or add it under its `declarationKey`; its runs stay. " +
      "`openclaw command-cron check` tells whether more of the ledger is damaged",
  },
  RUN_NOT_FOUND: {
    says: "there is no such run",
    action: "List the runs with `openclaw command-cron runs`",
  },
  STATE_BUSY: {
    says: "the job runs, and at its end would put its own state over this one",
    action: "Wait until it has ended, or end it with `openclaw command-cron cancel`",
  },
  JOB_AMBIGUOUS: {
    says: "more than one command job fits",
    action: "Name one by its id, or by more of it",
  },
  RUN_AMBIGUOUS: {
    says: "more than one run id begins like this",
    action: "Give more of the id",
  },
  ALERT_NOT_FOUND: {
    says: "there is no open alert with this id, and no job of this name that has one",
    action: "List them with `openclaw command-cron alerts`",
  },
  DELIVERY_NOT_FOUND: {
    says: "there is no delivery with this id",
    action: "List them with `openclaw command-cron deliveries list`",
  },
  DELIVERY_STATE: {
    says: "the delivery is not in a state that allows this",
    action: "Look at it with `openclaw command-cron deliveries show <id>`",
  },
  NAME_SHARED: {
    says: "another job has this name",
    action: "Name it otherwise; by its name neither is found, only by id",
    raisedBy: "engine, as a warning",
  },
  REVISION_CONFLICT: {
    says: "the job was changed in the meantime",
    action: "Read the job again and repeat the change",
  },
  IDEMPOTENCY_CONFLICT: {
    says: "this idempotency key was used for a different request",
    action: "Use a new key, or repeat the first request unchanged",
  },
  JOB_FOLLOWED: {
    says: "other jobs follow this one, and would never run again",
    action: "Disable them, or remove it with `--cascade` (`cascade`), which does that",
  },
  CHAIN_REFUSED: {
    says: "the job cannot follow that one",
    action: "Draw the chain with `openclaw command-cron tree <job>` and choose another parent",
  },
  JOB_BUSY: {
    says: "the job is running and its overlap policy does not allow a second run",
    action: "Wait for the run, cancel it, or change `policy.overlap`",
    retryable: true,
  },
  // --- schedules ------------------------------------------------------------------------------------------------
  SCHEDULE_INVALID: {
    says: "the schedule cannot be read",
    action: 'Preview a schedule with `openclaw command-cron next "<expr>"`',
    raisedBy: "policy",
  },
  SCHEDULE_NEVER_FIRES: {
    says: "the schedule has no upcoming run time and would never fire",
    action: "Choose a time in the future",
    raisedBy: "policy",
  },
  SCHEDULE_KIND_UNSUPPORTED: {
    says: "this schedule kind is not available for command jobs here",
    action: "Use `at`, `every`, `cron` or `after`",
    raisedBy: "rpc",
  },
  TIME_ZONE_UNKNOWN: {
    says: "the time zone is unknown",
    action: "Use an IANA name such as `Europe/Berlin` or `UTC`",
    raisedBy: "policy",
  },
  // --- payload --------------------------------------------------------------------------------------------------
  PAYLOAD_TOO_LARGE: {
    says: "the payload is larger than a command can take",
    action: "Pass large data through a file",
    raisedBy: "rpc",
  },
  NUL_BYTE: {
    says: "a NUL byte cannot be passed to a program",
    action: "Remove it, or pass binary data through a file",
    raisedBy: "rpc",
  },
  SESSION_TARGET_UNSUPPORTED: {
    says: "command jobs do not run in the main session",
    action: "Use `isolated`, `current` or `session:<key>`",
    raisedBy: "rpc",
  },
  POLICY_UNSUPPORTED: {
    says: "this host cannot enforce the setting",
    action: "Remove it, or move the job to a host that has it",
  },
  POOL_UNKNOWN: {
    says: "the named pool is not configured",
    action: "Add it under `plugins.entries.command-cron.config.pools`",
  },
  // --- delivery -------------------------------------------------------------------------------------------------
  ...DELIVERY_ERRORS,
  // --- runs -----------------------------------------------------------------------------------------------------
  PROGRAM_NOT_FOUND: {
    says: "the program was not found",
    action: "Use an absolute path or pass a PATH with `--command-env`",
    raisedBy: "executor",
  },
  PROGRAM_NOT_EXECUTABLE: {
    says: "the program cannot be executed",
    action: "Check its mode bits and the interpreter in its first line",
    raisedBy: "executor",
  },
  CWD_NOT_FOUND: {
    says: "the working directory does not exist",
    action: "Create it or change `--command-cwd`",
    raisedBy: "executor",
  },
  SPAWN_REFUSED: {
    says: "the operating system refused to start the process",
    action: "Look at process, memory and file limits of the gateway's user",
    raisedBy: "executor",
    retryable: true,
  },
  SECRET_UNRESOLVED: {
    says: "a secret reference could not be resolved",
    action: "Check it with `openclaw secrets audit`",
    retryable: true,
  },
  ...APPROVAL_ERRORS,
  ...NODE_ERRORS,
  // --- the service ----------------------------------------------------------------------------------------------
  STATE_UNWRITABLE: {
    says: "the state directory cannot be written",
    action: "Give the gateway's user write access to it",
  },
  STATE_OWNED: {
    says: "another gateway owns this state directory",
    action: "Stop the other gateway or give this one its own state directory",
  },
  LEDGER_UNAVAILABLE: {
    says: "the ledger cannot be read or written",
    action: "Free disk space or restore access to its directory; the service recovers by itself",
    raisedBy: "ledger",
    retryable: true,
  },
  CHANGE_UNCONFIRMED: {
    says: "it is done, but its disk has not confirmed it",
    action: "Do not ask again before you have looked; it may be gone after a power cut",
    raisedBy: "ledger",
  },
  LEDGER_CORRUPT: {
    says: "the ledger failed its integrity check",
    action: "Restore a backup with `openclaw command-cron restore <file>`",
    raisedBy: "ledger",
  },
  LEDGER_TOO_NEW: {
    says: "the ledger was written by a newer version",
    action: "Update the plugin, or restore a backup from before the update",
    raisedBy: "ledger",
  },
  RUNNER_UNAVAILABLE: {
    says: "the runner process cannot be reached",
    action: "See `openclaw command-cron doctor`; the service starts a new runner by itself",
    raisedBy: "runner",
    retryable: true,
  },
  RUNNER_UNRESPONSIVE: {
    says: "the runner process does not answer",
    action:
      "Look at what holds it up (a stopped process, a device that hangs); what it was asked stands, and it is replaced when " +
      "it stays silent",
    raisedBy: "runner",
    retryable: true,
  },
  RUNNER_PROTOCOL: {
    says: "the runner refused a message",
    action: "Report this with the output of `openclaw command-cron doctor`",
    raisedBy: "runner",
  },
  SERVICE_STOPPED: {
    says: "the command-cron service is not running",
    action: "See `openclaw health` and `openclaw command-cron doctor`",
    raisedBy: "rpc",
    retryable: true,
  },
  FILE_INVALID: {
    says: "the file cannot be used",
    action: "Correct it as named and try again; nothing was changed",
  },
  ...CLI_ERRORS,
  GATEWAY_CLIENT_UNAVAILABLE: {
    says: "the plugin cannot ask the gateway it runs in",
    action: "Correct what is named, or set `gatewayClient` in the plugin's config; `status` shows how it stands",
    raisedBy: "host",
    retryable: true,
  },
  CRON_UNREACHABLE: {
    says: "the gateway's own cron cannot be reached from here",
    action: "See `openclaw command-cron status`; this gateway may have no command jobs of its own",
    raisedBy: "rpc",
  },
  INTERNAL: {
    says: "something went wrong inside the service",
    action: "Look at the gateway's log for the same moment",
    raisedBy: "rpc",
  },
});

export type ErrorCode = keyof typeof ERROR_TABLE;
