/** The methods of each operator scope, without the `cron.command.` before them. */
const METHODS_OF = {
  "operator.read": `get list summary next status doctor runs log timeline tree alerts deliveries lanes check config
    state.history approvals stats nodes`,
  "operator.write": "alerts.ack alerts.snooze report",
  "operator.approvals": "approve reject",
  "operator.admin": `add update test remove run cancel deliveries.retry deliveries.drop deliveries.settle lanes.pause
    lanes.resume export import backup adopt release state.get state.set`,
};

/**
 * Every method the gateway learns from this plugin and the operator scope it needs. The gateway checks the scope before
 * our code is asked. Kept apart from the methods themselves so that registering them loads nothing; a test keeps this
 * table and the method table equal.
 */
export const METHOD_SCOPES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(METHODS_OF).flatMap(([scope, names]) =>
    names.split(/\s+/).map((name) => [`cron.command.${name}`, scope]),
  ),
);
