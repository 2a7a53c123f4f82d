import { describe } from "vitest";
import { alert, delivery, GOOD, invalid, policy, refuses, schedule, webhook } from "./validation.ts";

const kindUnsupported = (got: string) => ({
  code: "SCHEDULE_KIND_UNSUPPORTED",
  message: `schedule.kind: this schedule kind is not available for command jobs here. Got "${got}". Use \`at\`, \`every\`, \`cron\` or \`after\`.`,
});

describe("a schedule, session, delivery, alert or policy that does not fit", () => {
  refuses([
    [
      "the main session",
      { ...GOOD, sessionTarget: " Main" },
      {
        code: "SESSION_TARGET_UNSUPPORTED",
        message:
          'sessionTarget: command jobs do not run in the main session. Got "main". Use `isolated`, `current` or `session:<key>`.',
      },
    ],
    [
      "another session word",
      { ...GOOD, sessionTarget: "foo" },
      invalid("sessionTarget", '"isolated", "current" or "session:<key>"', '"foo"'),
    ],
    [
      "no schedule",
      { payload: GOOD.payload },
      invalid("schedule", "an object with kind `at`, `every`, `cron` or `after`", "nothing"),
    ],
    [
      "an unknown schedule kind",
      schedule({ kind: "weekly" }),
      invalid("schedule.kind", '"at", "every", "cron" or "after"', '"weekly"'),
    ],
    [
      "a prototype name as kind",
      schedule({ kind: "constructor" }),
      invalid("schedule.kind", '"at", "every", "cron" or "after"', '"constructor"'),
    ],
    ["a watched command", schedule({ kind: "on-exit", command: "x" }), kindUnsupported("on-exit")],
    ["a stream", schedule({ kind: "Stream", command: ["x"] }), kindUnsupported("stream")],
    [
      "a field of another kind",
      schedule({ kind: "at", at: "2030-01-01", expr: "* * * * *" }),
      invalid("schedule.expr", 'only `at` with kind "at"', 'a field of kind "cron"'),
    ],
    [
      "a follower's gap in an interval",
      schedule({ kind: "every", everyMs: 60_000, minGapSeconds: 60 }),
      invalid("schedule.minGapSeconds", 'only `everyMs`, `anchorMs` with kind "every"', 'a field of kind "after"'),
    ],
    [
      "an expression in a follower",
      schedule({ kind: "after", job: "Backup", expr: "* * * * *" }),
      invalid(
        "schedule.expr",
        'only `job`, `on`, `delaySeconds`, `minGapSeconds`, `match` with kind "after"',
        'a field of kind "cron"',
      ),
    ],
    [
      "an interval of nothing",
      schedule({ kind: "every", everyMs: 0 }),
      invalid("schedule.everyMs", "a number of at least 1000", "0"),
    ],
    [
      "a pause for ever",
      policy({ backoff: { seconds: [1e13] } }),
      invalid("policy.backoff.seconds[0]", "a number of at most 31622400", "10000000000000"),
    ],
    ["no expression", schedule({ kind: "cron" }), invalid("schedule.expr", "a value", "nothing")],
    [
      "a webhook that is no URL",
      delivery({ mode: "webhook", to: "not a url" }),
      webhook("delivery.to", "a text that is no URL"),
    ],
    [
      "a webhook of another scheme",
      delivery({ mode: "webhook", to: "ftp://x" }),
      webhook("delivery.to", 'the scheme "ftp:"'),
    ],
    [
      "a webhook with a password",
      delivery({ mode: "webhook", to: "https://me:secret@x" }),
      webhook("delivery.to", "a URL with user name or password"),
    ],
    ["a webhook without address", delivery({ mode: "webhook" }), webhook("delivery.to", "nothing")],
    [
      "a bad further webhook",
      delivery({ mode: "none", also: [{ mode: "webhook", to: "x:y" }] }),
      webhook("delivery.also[0].to", 'the scheme "x:"'),
    ],
    [
      "a bad completion webhook",
      delivery({ mode: "none", completionDestination: { mode: "webhook", to: "x:y" } }),
      webhook("delivery.completionDestination.to", 'the scheme "x:"'),
    ],
    ["a bad alert webhook", alert({ mode: "webhook", to: "x:y" }), webhook("failureAlert.to", 'the scheme "x:"')],
    [
      "another delivery mode",
      delivery({ mode: "email" }),
      invalid("delivery.mode", '"none", "announce" or "webhook"', '"email"'),
    ],
    ["an alert after nothing", alert({ after: 0 }), invalid("failureAlert.after", "a number of at least 1", "0")],
    ["an alert that is a text", alert("no"), invalid("failureAlert", "false or an object", '"no"')],
    [
      "an unknown policy",
      policy({ overlapp: "skip" }),
      invalid("policy.overlapp", "a known field, perhaps `overlap`", "an unknown one"),
    ],
    [
      "an unknown overlap",
      policy({ overlap: "x" }),
      invalid("policy.overlap", '"skip", "buffer_one", "buffer_all", "cancel_other" or "allow_all"', '"x"'),
    ],
    [
      "an unknown retry cause",
      policy({ retry: { maxAttempts: 2, on: ["boom"] } }),
      invalid(
        "policy.retry.on[0]",
        'a whole number, "timed_out", "signaled", "spawn_failed", "verify_failed" or "status_failed"',
        '"boom"',
      ),
    ],
    [
      "a pattern that is none",
      policy({ deliver: { match: "(" } }),
      invalid(
        "policy.deliver.match",
        "a regular expression in JavaScript syntax",
        '"(" (Invalid regular expression: /(/m: Unterminated group)',
      ),
    ],
    [
      "a passed name with =",
      policy({ env: { pass: ["A=B"] } }),
      invalid("policy.env.pass", "a variable name without `=`", "a name with `=`"),
    ],
    [
      "a secret name with =",
      policy({ env: { secrets: { "A=B": { source: "env", provider: "p", id: "i" } } } }),
      invalid('policy.env.secrets["A=B"]', "a variable name without `=`", "a name with `=`"),
    ],
  ]);
});
