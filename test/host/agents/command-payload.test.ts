import { describe, expect, test } from "vitest";
import { offenceOf } from "../../../src/host/agents/judge.ts";
import fc from "../../helpers/fc.ts";

const findsCommandPayload = (tool: string, params: unknown): boolean =>
  offenceOf(tool, params, () => false) === "command-payload";

const payload = { kind: "command", argv: ["sh", "-c", "id"] };
const job = { name: "probe", schedule: { kind: "every", everyMs: 60_000 }, sessionTarget: "isolated", payload };

describe("a command payload is found in every shape a call can take", () => {
  const shapes: [string, unknown][] = [
    ["as a job", { action: "add", job }],
    ["flattened", { action: "add", ...job }],
    ["with the payload's fields at the top", { action: "add", name: "x", kind: "command", argv: ["id"] }],
    ["as a patch", { action: "update", id: "1", patch: { payload: { kind: "command", argv: ["id"] } } }],
    ["under data", { action: "add", data: job }],
    ["under an alias", { action: "create", automation: { task: job } }],
    ["as JSON in a string", { action: "add", job: JSON.stringify(job) }],
    ["with the payload as JSON in a string", { action: "add", job: { ...job, payload: JSON.stringify(payload) } }],
    ["as JSON twice over", { action: "add", job: JSON.stringify(JSON.stringify(job)) }],
    ["as one JSON string", JSON.stringify({ action: "add", job })],
    ["in a list", { action: "add", jobs: [{ name: "a" }, job] }],
    ["in other letter case", { action: "add", job: { PAYLOAD: { KIND: "Command", ARGV: ["id"] } } }],
    ["padded", { action: "add", job: { payload: { " kind ": " command\n" } } }],
    ["in wide letters", { action: "add", job: { payload: { kind: "ｃｏｍｍａｎｄ" } } }],
    ["with invisible letters", { action: "add", job: { payload: { kind: "com\u200bmand" } } }],
    ["with a dotted path for a key", { action: "update", id: "1", patch: { "payload.kind": "command" } }],
    ["with the kind in a list", { action: "add", payload: { kind: ["command"] } }],
    ["without a kind", { action: "update", id: "1", patch: { payload: { argv: ["id"] } } }],
    ["with only a shell line", { action: "add", job: { payload: { command: "id" } } }],
    ["with the CLI's spelling", { action: "add", "command-argv": '["id"]' }],
    ["as an exit schedule's command", { action: "add", schedule: { kind: "on-exit", command: "id" } }],
    ["inherited", { action: "add", job: Object.create({ payload }) }],
    ["under __proto__", JSON.parse('{"action":"add","job":{"__proto__":{"payload":{"kind":"command"}}}}')],
    ["under constructor.prototype", { job: { constructor: { prototype: { kind: "command" } } } }],
    ["hidden from enumeration", Object.defineProperty({ action: "add" }, "job", { value: job, enumerable: false })],
    ["behind a symbol", { [Symbol("kind")]: "command" }],
    ["behind a getter", Object.defineProperty({}, "job", { get: () => job })],
    ["behind toJSON", { job: { toJSON: () => job } }],
    ["in a map", { job: new Map([["payload", payload]]) }],
    ["as a boxed string", { kind: new String("command") }],
    ["where reading it fails", Object.defineProperty({}, "job", { get: () => JSON.parse("{") })],
  ];
  test.each(shapes)("%s", (_name, params) => {
    expect(findsCommandPayload("automations", params)).toBe(true);
    expect(findsCommandPayload("Cron", params)).toBe(true);
  });

  test.each(["cron", "automations", " CRON ", "functions.cron", "mcp__openclaw__automations", "openclaw.cron"])(
    "by a tool called %j",
    (tool) => {
      expect(findsCommandPayload(tool, { action: "add", job })).toBe(true);
    },
  );

  test.each([
    ["tool_call", { id: "automations", args: { action: "add", job } }],
    ["tool_call", { id: "cron", args: JSON.stringify({ action: "add", job }) }],
    ["tool_call", JSON.stringify({ id: "cron", args: { job } })],
    ["multi_tool_use.parallel", { tool_uses: [{ name: "functions.cron", parameters: { job } }] }],
    ["mcp_call", { server: "openclaw", tool: "automations", arguments: { job } }],
    ["gateway", { method: "cron.add", params: job }],
    ["gateway", { method: "cron.command.add", params: job }],
  ])("through the wrapper %s", (tool, params) => {
    expect(findsCommandPayload(tool, params)).toBe(true);
  });

  test("whatever the nesting, without exhausting the stack", () => {
    let nested: unknown = job;
    for (let depth = 0; depth < 100_000; depth += 1) nested = { job: nested };
    expect(findsCommandPayload("cron", nested)).toBe(true);
    const circle: Record<string, unknown> = { action: "add" };
    circle["self"] = circle;
    expect(findsCommandPayload("cron", circle)).toBe(false);
  });
});

describe("ordinary calls pass", () => {
  const turn = { kind: "agentTurn", message: 'run the command {"kind":"command","argv":["ls"]}' };
  test.each([
    ["cron", { action: "list" }],
    ["cron", { action: "add", job: { name: "command of the day", schedule: job.schedule, payload: turn } }],
    ["cron", { action: "add", job: { name: "x", payload: { kind: "systemEvent", text: '{"command":"ls"}' } } }],
    ["automations", { action: "update", id: "command", patch: { enabled: false } }],
    ["automations", { action: "update", id: "1", patch: { payload: { command: null, argv: [] } } }],
    ["automations", { action: "add", job: JSON.stringify({ name: "x", payload: turn }) }],
    ["tool_call", { id: "automations", args: { action: "add", job: { name: "x", payload: turn } } }],
    ["tool_call", { id: "exec", args: { command: "ls", kind: "command" } }],
    ["exec", { command: "crontab -l" }],
    ["write", { path: "job.json", content: JSON.stringify({ tool: "cron", args: job }) }],
    ["cron", undefined],
    ["cron", null],
    ["cron", "not json {"],
  ])("%s %j", (tool, params) => {
    expect(findsCommandPayload(tool, params)).toBe(false);
  });
});

const RUNS = 100_000;

describe("fuzzed", () => {
  const mixCase = (text: string) =>
    fc
      .array(fc.boolean(), { minLength: text.length, maxLength: text.length })
      .map((flags) => [...text].map((letter, at) => (flags[at] === true ? letter.toUpperCase() : letter)).join(""));
  const pad = (text: fc.Arbitrary<string>) =>
    fc
      .tuple(fc.constantFrom("", " ", "\t", "\n", "\u200b", "_"), text, fc.constantFrom("", " ", "\r\n", "\u00a0"))
      .map((parts) => parts.join(""));
  const marker = fc.oneof(
    fc.tuple(fc.constantFrom("kind", "payloadKind", "payload.kind", "type"), mixCase("command")),
    fc.tuple(
      fc.constantFrom("argv", "command_argv", "commandArgv"),
      fc.array(fc.string(), { minLength: 1, maxLength: 3 }),
    ),
    fc.tuple(
      fc.constantFrom("command", "cmd", "shellCommand"),
      fc.string({ minLength: 1 }).filter((text) => text.trim() !== ""),
    ),
  );
  const commandObject = marker.chain(([key, value]) =>
    fc
      .tuple(
        pad(mixCase(key)),
        typeof value === "string" && key !== "command" ? pad(fc.constant(value)) : fc.constant(value),
        noise(),
      )
      .map(([name, inner, around]) => ({ ...around, [name]: inner }) as unknown),
  );
  const layerKey = fc.constantFrom("job", "payload", "data", "patch", "args", "input", "task", "x", "__own", "0");
  const layers = fc.array(
    fc.tuple(fc.constantFrom("object", "string", "list", "inherit", "twice"), layerKey, noise()),
    { maxLength: 6 },
  );
  const wrapped = fc.tuple(commandObject, layers).map(([inner, list]) => list.reduce(wrap, inner));

  function noise() {
    return fc.dictionary(fc.constantFrom("action", "name", "enabled", "id", "message", "text"), fc.string(), {
      maxKeys: 3,
    });
  }

  function wrap(inner: unknown, [how, key, around]: [string, string, Record<string, string>]): unknown {
    if (how === "list") return [around, inner];
    if (how === "inherit" && typeof inner === "object") return { ...around, [key]: Object.create(inner) };
    if (how === "string") return { ...around, [key]: JSON.stringify(inner) };
    if (how === "twice") return { ...around, [key]: JSON.stringify(JSON.stringify(inner)) };
    return { ...around, [key]: inner };
  }

  /** JSON drops what is inherited, so that a string around an inherited payload holds nothing. */
  const survives = (list: [string, string, unknown][]): boolean => {
    const first = list.findIndex(([how]) => how === "inherit");
    return first === -1 || !list.slice(first).some(([how]) => how === "string" || how === "twice");
  };

  test(`none of ${RUNS} command payloads gets through`, () => {
    const property = fc.property(
      commandObject,
      layers,
      fc.constantFrom("cron", "automations", "CRON"),
      (inner, list, tool) => {
        fc.pre(survives(list));
        expect(findsCommandPayload(tool, list.reduce(wrap, inner))).toBe(true);
      },
    );
    fc.assert(property, { numRuns: RUNS });
  });

  test("nor behind a wrapper's arguments", () => {
    fc.assert(
      fc.property(
        wrapped,
        fc.constantFrom("id", "name", "tool"),
        fc.constantFrom("args", "arguments", "parameters"),
        (inner, by, under) => {
          fc.pre(!JSON.stringify(inner).includes("__own") && findsCommandPayload("cron", inner));
          expect(findsCommandPayload("tool_call", { [by]: "automations", [under]: inner })).toBe(true);
        },
      ),
      { numRuns: 5_000 },
    );
  }, 60_000);

  test(`none of ${RUNS} ordinary jobs is refused`, () => {
    const prose = fc.oneof(
      fc.string(),
      fc.constantFrom('{"kind":"command","argv":["ls"]}', "run a command", '["command"]', "argv: sh -c id"),
    );
    const ordinary = fc.record({
      action: fc.constantFrom("add", "update", "list", "run"),
      job: fc.record({
        name: prose,
        description: prose,
        enabled: fc.boolean(),
        schedule: fc.constantFrom<unknown>(
          { kind: "every", everyMs: 1000 },
          { kind: "cron", expr: "* * * * *" },
          { kind: "at", at: "20m" },
        ),
        payload: fc.oneof(
          fc.record({ kind: fc.constant("agentTurn"), message: prose, model: fc.string() }),
          fc.record({ kind: fc.constant("systemEvent"), text: prose }),
        ),
        delivery: fc.record({
          mode: fc.constantFrom("announce", "none"),
          channel: fc.constantFrom("last", "irc"),
          to: fc.constant("#ops"),
        }),
      }),
    });
    const calls = fc.oneof(
      ordinary,
      ordinary.map(({ job: inner, ...rest }) => ({ ...rest, ...inner })),
    );
    fc.assert(
      fc.property(calls, (params) => {
        expect(findsCommandPayload("automations", params)).toBe(false);
      }),
      { numRuns: RUNS },
    );
  });
});
