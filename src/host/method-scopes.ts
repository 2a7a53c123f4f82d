/**
 * Every method the gateway learns from this plugin and the operator scope it needs. The gateway checks the scope before
 * our code is asked. Kept apart from the methods themselves so that registering them loads nothing; a test keeps this
 * table and the method table equal.
 */
export const METHOD_SCOPES = {
  "cron.command.add": "operator.admin",
  "cron.command.update": "operator.admin",
  "cron.command.test": "operator.admin",
  "cron.command.remove": "operator.admin",
  "cron.command.get": "operator.read",
  "cron.command.list": "operator.read",
  "cron.command.run": "operator.admin",
  "cron.command.next": "operator.read",
  "cron.command.status": "operator.read",
  "cron.command.doctor": "operator.read",
  "cron.command.runs": "operator.read",
  "cron.command.cancel": "operator.admin",
  "cron.command.log": "operator.read",
  "cron.command.timeline": "operator.read",
  "cron.command.tree": "operator.read",
  "cron.command.alerts": "operator.read",
  "cron.command.deliveries": "operator.read",
  "cron.command.deliveries.retry": "operator.admin",
  "cron.command.deliveries.drop": "operator.admin",
  "cron.command.deliveries.settle": "operator.admin",
  "cron.command.lanes": "operator.read",
  "cron.command.lanes.pause": "operator.admin",
  "cron.command.lanes.resume": "operator.admin",
  "cron.command.report": "operator.write",
  "cron.command.export": "operator.admin",
  "cron.command.import": "operator.admin",
  "cron.command.backup": "operator.admin",
  "cron.command.check": "operator.read",
  "cron.command.adopt": "operator.admin",
  "cron.command.release": "operator.admin",
} as const;
