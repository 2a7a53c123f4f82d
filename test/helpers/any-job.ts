import fc from "./fc.ts";

const text = fc.oneof(fc.string(), fc.constantFrom("", " ", "a b", "\t\n", "'", "\u200b", "=", "x=y"));

const schedule = fc.oneof(
  fc.record({ kind: fc.constant("every"), everyMs: fc.integer({ min: 1_000, max: 1e12 }) }),
  fc.record({
    kind: fc.constant("cron"),
    expr: fc.constantFrom("0 * * * *", "*/5 1-4 * * 1", "0 0 */2 * * *", "@daily", "  5 4 * * *"),
    tz: fc.constantFrom("UTC", "Europe/Berlin"),
  }),
  fc.record({
    kind: fc.constant("at"),
    at: fc.constantFrom(
      "2030-01-01",
      "2030-01-01T10:00",
      "2030-01-01T10:00:00.5+02:00",
      "2030-06-01 10:00Z",
      "20300101T100000Z",
    ),
  }),
);

/** What somebody may ask for: any job in the shape of the wire, odd ones too. Not every one is accepted. */
export const anyJob = fc.record(
  {
    name: text,
    displayName: text,
    description: text,
    declarationKey: text,
    agentId: fc.oneof(text, fc.constant(null)),
    sessionKey: fc.oneof(text, fc.constant(null)),
    sessionTarget: fc.oneof(
      fc.constantFrom("isolated", "current", "session: ", "session:x"),
      text.map((key) => `session:${key}`),
    ),
    schedule,
    payload: fc.record(
      {
        kind: fc.constant("command"),
        argv: fc.array(text, { minLength: 1, maxLength: 4 }),
        cwd: text,
        env: fc.dictionary(text, text, { maxKeys: 3, noNullPrototype: true }),
        input: text,
        timeoutSeconds: fc.double({ min: 0, max: 2_147_483, noNaN: true }),
        outputMaxBytes: fc.nat(1_000_000),
      },
      { requiredKeys: ["kind", "argv"] },
    ),
  },
  { requiredKeys: ["name", "schedule", "payload"] },
);
