import { describe } from "vitest";
import { GOOD, invalid, policy, refuses, schedule, webhook } from "./validation.ts";

describe("a schedule, session, delivery, alert or policy that does not fit", () => {
  refuses([
    [
      "the main session",
      { ...GOOD, sessionTarget: " Main" },
      "SESSION_TARGET_UNSUPPORTED",
      'sessionTarget: command jobs do not run in the main session. Got "main". Use `isolated`, `current` or `session:<key>`.',
    ],
    [
      "another session word",
      { ...GOOD, sessionTarget: "foo" },
      "INVALID_PARAMS",
      invalid("sessionTarget", '"isolated", "current" or "session:<key>"', '"foo"'),
    ],
    [
      "no schedule",
      { payload: GOOD.payload },
      "INVALID_PARAMS",
      invalid("schedule", "an object with kind `at`, `every`, `cron` or `after`", "nothing"),
    ],
    [
      "an unknown schedule kind",
      schedule({ kind: "weekly" }),
      "INVALID_PARAMS",
      invalid("schedule.kind", '"at", "every", "cron" or "after"', '"weekly"'),
    ],
    [
      "a prototype name as kind",
      schedule({ kind: "constructor" }),
      "INVALID_PARAMS",
      invalid("schedule.kind", '"at", "every", "cron" or "after"', '"constructor"'),
    ],
    [
      "a watched command",
      schedule({ kind: "on-exit", command: "x" }),
      "SCHEDULE_KIND_UNSUPPORTED",
      'schedule.kind: this schedule kind is not available for command jobs here. Got "on-exit". Use `at`, `every`, `cron` or `after`.',
    ],
    [
      "a stream",
      schedule({ kind: "Stream", command: ["x"] }),
      "SCHEDULE_KIND_UNSUPPORTED",
      'schedule.kind: this schedule kind is not available for command jobs here. Got "stream". Use `at`, `every`, `cron` or `after`.',
    ],
    [
      "a field of another kind",
      schedule({ kind: "at", at: "2030-01-01", expr: "* * * * *" }),
      "INVALID_PARAMS",
      invalid("schedule.expr", 'only `at` with kind "at"', 'a field of kind "cron"'),
    ],
    [
      "a follower's gap in an interval",
      schedule({ kind: "every", everyMs: 60_000, minGapSeconds: 60 }),
      "INVALID_PARAMS",
      invalid("schedule.minGapSeconds", 'only `everyMs`, `anchorMs` with kind "every"', 'a field of kind "after"'),
    ],
    [
      "an expression in a follower",
      schedule({ kind: "after", job: "Backup", expr: "* * * * *" }),
      "INVALID_PARAMS",
      invalid(
        "schedule.expr",
        'only `job`, `on`, `delaySeconds`, `minGapSeconds`, `match` with kind "after"',
        'a field of kind "cron"',
      ),
    ],
    [
      "an interval of nothing",
      schedule({ kind: "every", everyMs: 0 }),
      "INVALID_PARAMS",
      invalid("schedule.everyMs", "a number of at least 1000", "0"),
    ],
    [
      "a pause for ever",
      { ...GOOD, policy: { backoff: { seconds: [1e13] } } },
      "INVALID_PARAMS",
      invalid("policy.backoff.seconds[0]", "a number of at most 31622400", "10000000000000"),
    ],
    ["no expression", schedule({ kind: "cron" }), "INVALID_PARAMS", invalid("schedule.expr", "a value", "nothing")],
    [
      "a webhook that is no URL",
      { ...GOOD, delivery: { mode: "webhook", to: "not a url" } },
      "WEBHOOK_URL_INVALID",
      webhook("delivery.to", "a text that is no URL"),
    ],
    [
      "a webhook of another scheme",
      { ...GOOD, delivery: { mode: "webhook", to: "ftp://x" } },
      "WEBHOOK_URL_INVALID",
      webhook("delivery.to", 'the scheme "ftp:"'),
    ],
    [
      "a webhook with a password",
      { ...GOOD, delivery: { mode: "webhook", to: "https://me:secret@x" } },
      "WEBHOOK_URL_INVALID",
      webhook("delivery.to", "a URL with user name or password"),
    ],
    [
      "a webhook without address",
      { ...GOOD, delivery: { mode: "webhook" } },
      "WEBHOOK_URL_INVALID",
      webhook("delivery.to", "nothing"),
    ],
    [
      "a bad further webhook",
      { ...GOOD, delivery: { mode: "none", also: [{ mode: "webhook", to: "x:y" }] } },
      "WEBHOOK_URL_INVALID",
      webhook("delivery.also[0].to", 'the scheme "x:"'),
    ],
    [
      "a bad completion webhook",
      { ...GOOD, delivery: { mode: "none", completionDestination: { mode: "webhook", to: "x:y" } } },
      "WEBHOOK_URL_INVALID",
      webhook("delivery.completionDestination.to", 'the scheme "x:"'),
    ],
    [
      "a bad alert webhook",
      { ...GOOD, failureAlert: { mode: "webhook", to: "x:y" } },
      "WEBHOOK_URL_INVALID",
      webhook("failureAlert.to", 'the scheme "x:"'),
    ],
    [
      "another delivery mode",
      { ...GOOD, delivery: { mode: "email" } },
      "INVALID_PARAMS",
      invalid("delivery.mode", '"none", "announce" or "webhook"', '"email"'),
    ],
    [
      "an alert after nothing",
      { ...GOOD, failureAlert: { after: 0 } },
      "INVALID_PARAMS",
      invalid("failureAlert.after", "a number of at least 1", "0"),
    ],
    [
      "an alert that is a text",
      { ...GOOD, failureAlert: "no" },
      "INVALID_PARAMS",
      invalid("failureAlert", "false or an object", '"no"'),
    ],
    [
      "an unknown policy",
      policy({ overlapp: "skip" }),
      "INVALID_PARAMS",
      invalid("policy.overlapp", "a known field, perhaps `overlap`", "an unknown one"),
    ],
    [
      "an unknown overlap",
      policy({ overlap: "x" }),
      "INVALID_PARAMS",
      invalid("policy.overlap", '"skip", "buffer_one", "buffer_all", "cancel_other" or "allow_all"', '"x"'),
    ],
    [
      "an unknown retry cause",
      policy({ retry: { maxAttempts: 2, on: ["boom"] } }),
      "INVALID_PARAMS",
      invalid(
        "policy.retry.on[0]",
        'a whole number, "timed_out", "signaled", "spawn_failed", "verify_failed" or "status_failed"',
        '"boom"',
      ),
    ],
    [
      "a pattern that is none",
      policy({ deliver: { match: "(" } }),
      "INVALID_PARAMS",
      invalid(
        "policy.deliver.match",
        "a regular expression in JavaScript syntax",
        '"(" (Invalid regular expression: /(/m: Unterminated group)',
      ),
    ],
    [
      "a passed name with =",
      policy({ env: { pass: ["A=B"] } }),
      "INVALID_PARAMS",
      invalid("policy.env.pass", "a variable name without `=`", "a name with `=`"),
    ],
    [
      "a secret name with =",
      policy({ env: { secrets: { "A=B": { source: "env", provider: "p", id: "i" } } } }),
      "INVALID_PARAMS",
      invalid('policy.env.secrets["A=B"]', "a variable name without `=`", "a name with `=`"),
    ],
  ]);
});
