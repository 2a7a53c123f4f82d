import { table } from "./error-row.ts";

/** What the command line itself answers with: the gateway it asks, what it moves, how it is called. */
export const CLI_ERRORS = table("cli", {
  GATEWAY_UNREACHABLE: {
    says: "the gateway does not answer",
    action: "Start it with `openclaw gateway`, or name it with `--url` and `--token`",
    retryable: true,
  },
  GATEWAY_REFUSED: {
    says: "the gateway refused the call",
    action: "Check the token and its scopes",
  },
  OTHER_HOST: {
    says: "the gateway runs on another host, or as another user, than what is to be moved",
    action: "Run the command on the gateway's host as the gateway's user",
  },
  ELSEWHERE_REFUSED: {
    says: "the other scheduler did not do what it was asked to",
    action: "Correct what it says and repeat the command: it goes on where it stopped, and nothing runs in two places",
  },
  CREDENTIALS_MISSING: {
    says: "no credential is known for this gateway",
    action:
      "Give --token or --password for it; for this machine's own gateway name no address. The secret of one gateway is never sent to another",
  },
  NODE_TOO_OLD: {
    says: "this version of Node.js is too old for the program",
    action: "Run it with a newer one, for example the one the gateway runs with",
  },
  PLUGIN_NOT_LOADED: {
    says: "the gateway does not know command-cron",
    action: "Install or enable the plugin, see `openclaw plugins list`, then restart the gateway",
  },
  USAGE: {
    says: "the command line cannot be read",
    action: "See `command-cron <command> --help`",
  },
});
