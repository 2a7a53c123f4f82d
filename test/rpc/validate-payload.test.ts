import { describe } from "vitest";
import { GOOD, invalid, large, nul, payload, refuses, unsupported } from "./validation.ts";

describe("a payload that does not fit", () => {
  refuses([
    [
      "a misspelt payload field",
      payload({ timeoutSecs: 3 }),
      invalid("payload.timeoutSecs", "a known field, perhaps `timeoutSeconds`", "an unknown one"),
    ],
    ["an empty argv", payload({ argv: [] }), invalid("payload.argv", "at least 1 item", "an empty list")],
    ["no argv", payload({ argv: undefined }), invalid("payload.argv", "a value", "nothing")],
    ["an empty program", payload({ argv: [""] }), invalid("payload.argv[0]", "a program", "an empty text")],
    ["a blank program", payload({ argv: [" "] }), invalid("payload.argv[0]", "a program", "a blank text")],
    ["a number in argv", payload({ argv: ["a", 5] }), invalid("payload.argv[1]", "a text", "a number")],
    ["NUL in argv", payload({ argv: ["a", "b\0c"] }), nul("payload.argv[1]")],
    ["NUL in env", payload({ env: { A: "\0" } }), nul("payload.env.A")],
    ["NUL in an env name", payload({ env: { "A\0": "x" } }), nul('payload.env["A\\u0000"]')],
    ["NUL in cwd", payload({ cwd: "/a\0" }), nul("payload.cwd")],
    ["NUL in input", payload({ input: "\0" }), nul("payload.input")],
    ["a long argument", payload({ argv: ["a", "x".repeat(131_072)] }), large("payload.argv[1]", 131_071, 131_072)],
    [
      "a long argument in UTF-8",
      payload({ argv: ["a", "é".repeat(65_536)] }),
      large("payload.argv[1]", 131_071, 131_072),
    ],
    ["a long variable", payload({ env: { A: "x".repeat(131_070) } }), large("payload.env.A", 131_071, 131_072)],
    ["a long argv", payload({ argv: Array(9).fill("x".repeat(120_000)) }), large("payload.argv", 1_048_576, 1_080_009)],
    [
      "argv and env too long together",
      payload({
        argv: Array(5).fill("x".repeat(120_000)),
        env: Object.fromEntries(["A", "B", "C", "D"].map((name) => [name, "x".repeat(120_000)])),
      }),
      large("payload.argv and payload.env", 1_048_576, 1_080_017),
    ],
    ["a long input", payload({ input: "x".repeat(4_194_305) }), large("payload.input", 4_194_304, 4_194_305)],
    [
      "an env name with =",
      payload({ env: { "A=B": "x" } }),
      invalid('payload.env["A=B"]', "a variable name without `=`", "a name with `=`"),
    ],
    [
      "an empty env name",
      payload({ env: { " ": "x" } }),
      invalid('payload.env[""]', "a variable name without `=`", "an empty name"),
    ],
    ["an env value that is no text", payload({ env: { A: 5 } }), invalid("payload.env.A", "a text", "a number")],
    [
      "a negative limit",
      payload({ timeoutSeconds: -1 }),
      invalid("payload.timeoutSeconds", "a number of at least 0", "-1"),
    ],
    [
      "a limit no timer can hold",
      payload({ timeoutSeconds: 1e9 }),
      invalid("payload.timeoutSeconds", "a number of at most 2147483", "1000000000"),
    ],
    [
      "a limit that is not a number",
      payload({ timeoutSeconds: Number.NaN }),
      invalid("payload.timeoutSeconds", "a finite number", "NaN"),
    ],
    [
      "an endless limit",
      payload({ noOutputTimeoutSeconds: Number.POSITIVE_INFINITY }),
      invalid("payload.noOutputTimeoutSeconds", "a finite number", "Infinity"),
    ],
    ["a text for a limit", payload({ timeoutSeconds: "5" }), invalid("payload.timeoutSeconds", "a number", '"5"')],
    [
      "no output at all",
      payload({ outputMaxBytes: 0 }),
      invalid("payload.outputMaxBytes", "a number of at least 1", "0"),
    ],
    ["a blank cwd", payload({ cwd: "  " }), invalid("payload.cwd", "a text that is not empty", "an empty text")],
    [
      "a prototype name as kind",
      payload({ kind: "constructor" }),
      invalid("payload.kind", '"command"', '"constructor"'),
    ],
    ["another payload kind", payload({ kind: "agentTurn" }), invalid("payload.kind", '"command"', '"agentTurn"')],
    ["no payload kind", payload({ kind: undefined }), invalid("payload.kind", '"command"', "nothing")],
    [
      "a payload that is a text",
      { ...GOOD, payload: "ls" },
      invalid("payload", '{"kind":"command","argv":[…]}', '"ls"'),
    ],
    ["a known payload field", payload({ toolsAllow: ["exec"] }), unsupported("payload.toolsAllow")],
  ]);
});
