import { describe, expect, it } from "vitest";
import { CommandCronError } from "../../src/kernel/errors.ts";
import { validateJob, validatePatch } from "../../src/rpc/index.ts";

const GOOD = {
  name: "Disk",
  schedule: { kind: "cron", expr: "0 * * * *" },
  payload: { kind: "command", argv: ["df", "-h"] },
};
const payload = (fields: Record<string, unknown>) => ({ ...GOOD, payload: { ...GOOD.payload, ...fields } });
const schedule = (fields: Record<string, unknown>) => ({ ...GOOD, schedule: fields });
const policy = (fields: unknown) => ({ ...GOOD, policy: fields });

function refusal(work: () => unknown): CommandCronError {
  try {
    work();
  } catch (error) {
    if (error instanceof CommandCronError) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

const FIX = "Correct the named field; `docs/rpc.md` lists the accepted ones.";
const invalid = (field: string, expected: string, got: string): string =>
  `${field}: the parameters do not fit. Expected ${expected}. Got ${got}. ${FIX}`;
const NUL = "a NUL byte cannot be passed to a program. Remove it, or pass binary data through a file.";
const large = (field: string, limit: number, bytes: number): string =>
  `${field}: the payload is larger than a command can take. Expected at most ${limit} bytes. Got ${bytes} bytes. Pass large data through a file.`;
const webhook = (field: string, got: string): string =>
  `${field}: the webhook address cannot be used. Got ${got}. Give an http or https URL without user name or password.`;
const unsupported = (field: string): string =>
  `${field}: this field is known to the gateway but not honoured for command jobs here. Leave it out, or keep the job in the gateway's own cron.`;

/** What is wrong, the job, the code, the whole message. */
const REFUSED: [what: string, job: unknown, code: string, message: string][] = [
  ["no object", 5, "INVALID_PARAMS", invalid("params", "an object", "5")],
  ["a list", [], "INVALID_PARAMS", invalid("params", "an object", "an empty list")],
  [
    "an unknown field",
    { ...GOOD, retries: 3 },
    "INVALID_PARAMS",
    invalid("retries", "a known field", "an unknown one"),
  ],
  [
    "a misspelt field",
    { ...GOOD, agent_id: "x" },
    "INVALID_PARAMS",
    invalid("agent_id", "a known field, perhaps `agentId`", "an unknown one"),
  ],
  [
    "a misspelt payload field",
    payload({ timeoutSecs: 3 }),
    "INVALID_PARAMS",
    invalid("payload.timeoutSecs", "a known field, perhaps `timeoutSeconds`", "an unknown one"),
  ],
  [
    "an empty argv",
    payload({ argv: [] }),
    "INVALID_PARAMS",
    invalid("payload.argv", "at least 1 item", "an empty list"),
  ],
  ["no argv", payload({ argv: undefined }), "INVALID_PARAMS", invalid("payload.argv", "a value", "nothing")],
  [
    "an empty program",
    payload({ argv: [""] }),
    "INVALID_PARAMS",
    invalid("payload.argv[0]", "a program", "an empty text"),
  ],
  [
    "a blank program",
    payload({ argv: [" "] }),
    "INVALID_PARAMS",
    invalid("payload.argv[0]", "a program", "a blank text"),
  ],
  ["a number in argv", payload({ argv: ["a", 5] }), "INVALID_PARAMS", invalid("payload.argv[1]", "a text", "a number")],
  ["NUL in argv", payload({ argv: ["a", "b\0c"] }), "NUL_BYTE", `payload.argv[1]: ${NUL}`],
  ["NUL in env", payload({ env: { A: "\0" } }), "NUL_BYTE", `payload.env.A: ${NUL}`],
  ["NUL in an env name", payload({ env: { "A\0": "x" } }), "NUL_BYTE", `payload.env["A\\u0000"]: ${NUL}`],
  ["NUL in cwd", payload({ cwd: "/a\0" }), "NUL_BYTE", `payload.cwd: ${NUL}`],
  ["NUL in input", payload({ input: "\0" }), "NUL_BYTE", `payload.input: ${NUL}`],
  ["NUL in the name", { ...GOOD, name: "a\0b" }, "NUL_BYTE", `name: ${NUL}`],
  [
    "a long argument",
    payload({ argv: ["a", "x".repeat(131_072)] }),
    "PAYLOAD_TOO_LARGE",
    large("payload.argv[1]", 131_071, 131_072),
  ],
  [
    "a long argument in UTF-8",
    payload({ argv: ["a", "é".repeat(65_536)] }),
    "PAYLOAD_TOO_LARGE",
    large("payload.argv[1]", 131_071, 131_072),
  ],
  [
    "a long variable",
    payload({ env: { A: "x".repeat(131_070) } }),
    "PAYLOAD_TOO_LARGE",
    large("payload.env.A", 131_071, 131_072),
  ],
  [
    "a long argv",
    payload({ argv: Array(9).fill("x".repeat(120_000)) }),
    "PAYLOAD_TOO_LARGE",
    large("payload.argv", 1_048_576, 1_080_009),
  ],
  [
    "argv and env too long together",
    payload({
      argv: Array(5).fill("x".repeat(120_000)),
      env: Object.fromEntries(["A", "B", "C", "D"].map((name) => [name, "x".repeat(120_000)])),
    }),
    "PAYLOAD_TOO_LARGE",
    large("payload.argv and payload.env", 1_048_576, 1_080_017),
  ],
  [
    "a long input",
    payload({ input: "x".repeat(4_194_305) }),
    "PAYLOAD_TOO_LARGE",
    large("payload.input", 4_194_304, 4_194_305),
  ],
  [
    "an env name with =",
    payload({ env: { "A=B": "x" } }),
    "INVALID_PARAMS",
    invalid('payload.env["A=B"]', "a variable name without `=`", "a name with `=`"),
  ],
  [
    "an empty env name",
    payload({ env: { " ": "x" } }),
    "INVALID_PARAMS",
    invalid('payload.env[""]', "a variable name without `=`", "an empty name"),
  ],
  [
    "an env value that is no text",
    payload({ env: { A: 5 } }),
    "INVALID_PARAMS",
    invalid("payload.env.A", "a text", "a number"),
  ],
  [
    "a negative limit",
    payload({ timeoutSeconds: -1 }),
    "INVALID_PARAMS",
    invalid("payload.timeoutSeconds", "a number of at least 0", "-1"),
  ],
  [
    "a limit no timer can hold",
    payload({ timeoutSeconds: 1e9 }),
    "INVALID_PARAMS",
    invalid("payload.timeoutSeconds", "a number of at most 2147483", "1000000000"),
  ],
  [
    "a limit that is not a number",
    payload({ timeoutSeconds: Number.NaN }),
    "INVALID_PARAMS",
    invalid("payload.timeoutSeconds", "a finite number", "NaN"),
  ],
  [
    "an endless limit",
    payload({ noOutputTimeoutSeconds: Number.POSITIVE_INFINITY }),
    "INVALID_PARAMS",
    invalid("payload.noOutputTimeoutSeconds", "a finite number", "Infinity"),
  ],
  [
    "a text for a limit",
    payload({ timeoutSeconds: "5" }),
    "INVALID_PARAMS",
    invalid("payload.timeoutSeconds", "a number", '"5"'),
  ],
  [
    "no output at all",
    payload({ outputMaxBytes: 0 }),
    "INVALID_PARAMS",
    invalid("payload.outputMaxBytes", "a number of at least 1", "0"),
  ],
  [
    "a blank cwd",
    payload({ cwd: "  " }),
    "INVALID_PARAMS",
    invalid("payload.cwd", "a text that is not empty", "an empty text"),
  ],
  [
    "another payload kind",
    payload({ kind: "agentTurn" }),
    "INVALID_PARAMS",
    invalid("payload.kind", '"command"', '"agentTurn"'),
  ],
  ["no payload kind", payload({ kind: undefined }), "INVALID_PARAMS", invalid("payload.kind", '"command"', "nothing")],
  [
    "a payload that is a text",
    { ...GOOD, payload: "ls" },
    "INVALID_PARAMS",
    invalid("payload", '{"kind":"command","argv":[…]}', '"ls"'),
  ],
  ["a known payload field", payload({ toolsAllow: ["exec"] }), "FIELD_UNSUPPORTED", unsupported("payload.toolsAllow")],
  ["a known job field", { ...GOOD, pacing: { min: "1m" } }, "FIELD_UNSUPPORTED", unsupported("pacing")],
  ["state", { ...GOOD, state: {} }, "FIELD_UNSUPPORTED", unsupported("state")],
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
    invalid("schedule", "an object with kind `at`, `every` or `cron`", "nothing"),
  ],
  [
    "an unknown schedule kind",
    schedule({ kind: "weekly" }),
    "INVALID_PARAMS",
    invalid("schedule.kind", '"at", "every" or "cron"', '"weekly"'),
  ],
  [
    "a prototype name as kind",
    schedule({ kind: "constructor" }),
    "INVALID_PARAMS",
    invalid("schedule.kind", '"at", "every" or "cron"', '"constructor"'),
  ],
  [
    "a watched command",
    schedule({ kind: "on-exit", command: "x" }),
    "SCHEDULE_KIND_UNSUPPORTED",
    'schedule.kind: this schedule kind is not available for command jobs here. Got "on-exit". Use `at`, `every` or `cron`.',
  ],
  [
    "a stream",
    schedule({ kind: "Stream", command: ["x"] }),
    "SCHEDULE_KIND_UNSUPPORTED",
    'schedule.kind: this schedule kind is not available for command jobs here. Got "stream". Use `at`, `every` or `cron`.',
  ],
  [
    "a field of another kind",
    schedule({ kind: "at", at: "2030-01-01", expr: "* * * * *" }),
    "INVALID_PARAMS",
    invalid("schedule.expr", 'only `at` with kind "at"', 'a field of kind "cron"'),
  ],
  [
    "an interval of nothing",
    schedule({ kind: "every", everyMs: 0 }),
    "INVALID_PARAMS",
    invalid("schedule.everyMs", "a number of at least 1", "0"),
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
    invalid("policy.retry.on[0]", 'a whole number, "timed_out", "signaled" or "spawn_failed"', '"boom"'),
  ],
  [
    "a pattern that is none",
    policy({ deliver: { match: "(" } }),
    "INVALID_PARAMS",
    invalid("policy.deliver.match", "a regular expression", "Invalid regular expression: /(/u: Unterminated group"),
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
  [
    "a prototype key",
    JSON.parse('{"__proto__": {"a": 1}}'),
    "INVALID_PARAMS",
    invalid("__proto__", "a known field", "a reserved name"),
  ],
  [
    "a prototype key inside",
    JSON.parse('{"payload": {"constructor": {"a": 1}}}'),
    "INVALID_PARAMS",
    invalid("payload.constructor", "a known field", "a reserved name"),
  ],
  ["a function", { ...GOOD, name: () => "x" }, "INVALID_PARAMS", invalid("name", "a JSON value", "a function")],
];

describe("a job that does not fit", () => {
  it.each(REFUSED)("is refused in one clear sentence: %s", (_, job, code, message) => {
    const error = refusal(() => validateJob(job));
    expect({ code: error.code, message: error.message }).toEqual({ code, message });
  });

  it("never repeats what may be a secret", () => {
    for (const job of [
      payload({ env: { TOKEN: { secret: "hunter2" } } }),
      payload({ input: ["hunter2"] }),
      payload({ argv: ["curl", { header: "hunter2" }] }),
      { ...GOOD, delivery: { mode: "webhook", to: "https://me:hunter2@example" } },
    ]) {
      expect(refusal(() => validateJob(job)).message).not.toContain("hunter2");
    }
  });

  it("is refused without walking all of it when it is nested without end", () => {
    let deep: unknown = "x";
    for (let depth = 0; depth < 10_000; depth += 1) deep = [deep];
    const error = refusal(() => validateJob({ ...GOOD, name: deep }));
    expect(error.message).toContain("Expected at most 32 levels of nesting");
  });

  it("is refused when it has more values than any command", () => {
    const error = refusal(() => validateJob(payload({ argv: Array(300_001).fill("a") })));
    expect(error.code).toBe("PAYLOAD_TOO_LARGE");
  });

  it("shows long values in part", () => {
    const error = refusal(() => validateJob({ ...GOOD, sessionTarget: "x".repeat(1_000) }));
    expect(error.message.length).toBeLessThan(400);
    expect(error.message).toContain("…");
  });
});

describe("a job that fits", () => {
  it("may pass empty arguments after the program", () => {
    expect(validateJob(payload({ argv: ["grep", "", "file"] })).payload.argv).toEqual(["grep", "", "file"]);
  });

  it("may use the sizes up to their limits", () => {
    const argument = "x".repeat(131_071);
    expect(validateJob(payload({ argv: ["a", argument], input: "x".repeat(4_194_304) })).payload.argv[1]).toBe(
      argument,
    );
  });

  it("is a copy: changing the original later changes nothing", () => {
    const mine = payload({ argv: ["a", "b"] });
    const job = validateJob(mine);
    mine.payload.argv.push("--force");
    expect(job.payload.argv).toEqual(["a", "b"]);
  });

  it("may leave fields undefined", () => {
    expect(validateJob({ ...GOOD, description: undefined })).not.toHaveProperty("description");
  });
});

describe("a patch", () => {
  it("names its field below `patch`", () => {
    expect(refusal(() => validatePatch({ payload: { argv: [""] } })).message).toBe(
      invalid("patch.payload.argv[0]", "a program", "an empty text"),
    );
    expect(refusal(() => validatePatch(5)).message).toBe(invalid("patch", "an object", "5"));
  });

  it("needs no payload kind, and takes no other", () => {
    expect(validatePatch({ payload: { timeoutSeconds: 5 } })).toEqual({ payload: { timeoutSeconds: 5 } });
    expect(refusal(() => validatePatch({ payload: { kind: "agentTurn" } })).code).toBe("INVALID_PARAMS");
  });

  it("can't empty argv, nor take null for it", () => {
    expect(refusal(() => validatePatch({ payload: { argv: [] } })).message).toContain("patch.payload.argv");
    expect(refusal(() => validatePatch({ payload: { argv: null } })).message).toBe(
      invalid("patch.payload.argv", "a list", "null"),
    );
  });

  it("clears single fields with null", () => {
    const patch = {
      delivery: { channel: null, to: null },
      failureAlert: { after: null },
      policy: { retry: null, overlap: "buffer_one" },
      displayName: null,
    };
    expect(validatePatch(patch)).toEqual(patch);
  });

  it("of a webhook's mode alone needs no address: the stored one may be there", () => {
    expect(validatePatch({ delivery: { mode: "webhook" } })).toEqual({ delivery: { mode: "webhook" } });
  });

  it("may not touch what the scheduler owns", () => {
    expect(refusal(() => validatePatch({ state: { nextRunAtMs: 1 } })).message).toBe(unsupported("patch.state"));
  });
});
