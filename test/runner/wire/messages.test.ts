import { describe, expect, it } from "vitest";
import { isToGateway, isToRunner, PROTOCOL } from "../../../src/runner/wire/messages.ts";
import { specOf } from "../../helpers/commands.ts";
import fc from "../../helpers/fc.ts";

const spec = specOf("/tmp", ["true"], { limits: { nice: 1 }, masks: ["m"] });

describe("messages", () => {
  it("are accepted as the client makes them", () => {
    expect(isToRunner({ type: "hello", protocol: PROTOCOL, token: "t", owner: "o" })).toBe(true);
    expect(isToRunner({ type: "start", spec, inputBase64: "eA==" })).toBe(true);
    expect(isToRunner({ type: "ping" })).toBe(true);
    expect(isToRunner(JSON.parse(JSON.stringify({ type: "start", spec: specOf("/tmp", "echo") })))).toBe(true);
    expect(isToRunner({ type: "cancel", attemptKey: "run.1", by: "cli" })).toBe(true);
    expect(isToRunner({ type: "drain" })).toBe(true);
  });

  it("with any field of a wrong kind are refused", () => {
    const wrong: unknown[] = [null, 5, "text", [], {}, [1], -1, true];
    expect(isToRunner({ type: "start", spec, inputBase64: 5 })).toBe(false);
    for (const name of Object.keys(spec)) {
      const refused = wrong.filter((value) => !isToRunner({ type: "start", spec: { ...spec, [name]: value } }));
      expect(refused.length, name).toBeGreaterThan(4);
    }
  });

  it("with a key that could leave its directory are refused", () => {
    for (const attemptKey of ["../x", "a/b", "", "a b", "x".repeat(200), "a\0b"]) {
      expect(isToRunner({ type: "start", spec: { ...spec, attemptKey } }), attemptKey).toBe(false);
    }
  });

  it("of any shape are judged without an exception", () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(typeof isToRunner(value)).toBe("boolean");
        expect(typeof isToGateway({ type: "welcome", ...(value as object) })).toBe("boolean");
      }),
      { numRuns: 3_000 },
    );
    expect(isToRunner({ type: "constructor" })).toBe(false);
    expect(isToRunner({ type: "__proto__" })).toBe(false);
  });
});
