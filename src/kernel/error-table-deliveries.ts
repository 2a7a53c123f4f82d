import { table } from "./error-row.ts";

/** About messages, and who is told. */
export const DELIVERY_ERRORS = table("engine", {
  WEBHOOK_URL_INVALID: {
    says: "the webhook address cannot be used",
    action: "Give an http or https URL without user name or password, on a port that fetch connects to",
    raisedBy: "policy",
  },
  WEBHOOK_SECRET_INVALID: {
    says: "the webhook signing secret cannot be used",
    action: "Give 24 to 64 bytes in base64, with or without `whsec_`, or as plain text",
    raisedBy: "outbox",
  },
  DELIVERY_TARGET_MISSING: {
    says: "the announcement has no target that can be resolved",
    action:
      "Name one with `--channel` and `--to`; a job may have `--no-deliver` instead, and reports go to `alerts.destination` of the settings",
  },
  DELIVERY_TARGET_INVALID: {
    says: "the delivery target was refused",
    action: "Check channel, target and account with `openclaw channels list`",
  },
  DESTINATION_UNKNOWN: {
    says: "no destination of this name is in the settings",
    action:
      "Name it under `destinations` or `groups` in the plugin's config, or give the channel with it when the name is that channel's own",
  },
  NOBODY_TOLD: {
    says: "nobody is told when this job fails",
    action:
      "Name somebody with `--failure-alert-channel` and `--failure-alert-to`, or for all jobs with `alerts.destination` in the " +
      "settings; `--no-failure-alert` says that it is meant so",
    raisedBy: "engine, as a warning",
  },
  ASKING_NOT_ALLOWED: {
    says: "this job asks an agent, which the plugin may not do",
    action: 'Set `gatewayClient: "write"` in the plugin\'s config, or let the job ask nobody with `--no-ask`',
    raisedBy: "engine, as a warning",
  },
});
