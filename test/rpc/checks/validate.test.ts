import { describe, expect, it } from "vitest";
import { validateJob, validatePatch } from "../../../src/rpc/index.ts";
import { delivery, GOOD, invalid, nul, payload, refusal, refuses, unsupported } from "../validation.ts";

describe("a job that does not fit", () => {
  refuses([
    ["no object", 5, invalid("params", "an object", "5")],
    ["a list", [], invalid("params", "an object", "an empty list")],
    ["an unknown field", { ...GOOD, retries: 3 }, invalid("retries", "a known field", "an unknown one")],
    [
      "a misspelt field",
      { ...GOOD, agent_id: "x" },
      invalid("agent_id", "a known field, perhaps `agentId`", "an unknown one"),
    ],
    ["NUL in the name", { ...GOOD, name: "a\0b" }, nul("name")],
    ["a known job field", { ...GOOD, pacing: { min: "1m" } }, unsupported("pacing")],
    ["state", { ...GOOD, state: {} }, unsupported("state")],
    [
      "a prototype key",
      JSON.parse('{"__proto__": {"a": 1}}'),
      invalid("__proto__", "a known field", "a reserved name"),
    ],
    [
      "a prototype key inside",
      JSON.parse('{"payload": {"constructor": {"a": 1}}}'),
      invalid("payload.constructor", "a known field", "a reserved name"),
    ],
    ["a function", { ...GOOD, name: () => "x" }, invalid("name", "a JSON value", "a function")],
  ]);

  it("never repeats what may be a secret", () => {
    for (const job of [
      payload({ env: { TOKEN: { secret: "hunter2" } } }),
      payload({ input: ["hunter2"] }),
      payload({ argv: ["curl", { header: "hunter2" }] }),
      delivery({ mode: "webhook", to: "https://me:hunter2@example" }),
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
    expect(refusal(() => validatePatch({ payload: { argv: [""] } }))).toMatchObject(
      invalid("patch.payload.argv[0]", "a program", "an empty text"),
    );
    expect(refusal(() => validatePatch(5))).toMatchObject(invalid("patch", "an object", "5"));
  });

  it("needs no payload kind, and takes no other", () => {
    expect(validatePatch({ payload: { timeoutSeconds: 5 } })).toEqual({ payload: { timeoutSeconds: 5 } });
    expect(refusal(() => validatePatch({ payload: { kind: "agentTurn" } })).code).toBe("INVALID_PARAMS");
  });

  it("can't empty argv, nor take null for it", () => {
    expect(refusal(() => validatePatch({ payload: { argv: [] } })).message).toContain("patch.payload.argv");
    expect(refusal(() => validatePatch({ payload: { argv: null } }))).toMatchObject(
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
    expect(refusal(() => validatePatch({ state: { nextRunAtMs: 1 } }))).toMatchObject(unsupported("patch.state"));
  });
});
