import { describe, expect, it } from "vitest";
import { CommandCronError } from "../../src/kernel/errors.ts";
import { createDispatcher, METHODS, validateJob } from "../../src/rpc/index.ts";
import fc from "../helpers/fc.ts";
import { recordingEngine } from "./recording-engine.ts";

const CALLER = { label: "fuzz" };

/** Names the methods know, so that the generator gets past the first check. */
const FIELDS = [
  ...new Set(METHODS.flatMap(({ params }) => Object.keys((params as { properties?: object }).properties ?? {}))),
  "kind",
  "argv",
  "at",
  "expr",
  "everyMs",
  "mode",
  "to",
  "__proto__",
  "constructor",
];
const WORDS = [
  "command",
  "cron",
  "every",
  "at",
  "* * * * *",
  "announce",
  "webhook",
  "https://x",
  "true",
  "",
  "\0",
  "id-1",
];

const scalar = fc.oneof(
  fc.constantFrom<unknown>(...WORDS, null, true, false, 0, 1, -1, 50, 1e300, Number.NaN, Number.POSITIVE_INFINITY),
  fc.string(),
  fc.double(),
);
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    scalar,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...FIELDS), fc.string()), tie("value"), {
      maxKeys: 5,
      noNullPrototype: false,
    }),
  ),
})).value;

/** A job in which single parts were replaced by anything. */
const job = fc
  .record({
    path: fc.constantFrom<string[]>(
      ["schedule"],
      ["payload"],
      ["payload", "argv"],
      ["payload", "env"],
      ["delivery"],
      ["policy"],
      ["name"],
      ["failureAlert"],
    ),
    part: json,
  })
  .map(({ path, part }) => {
    const whole: Record<string, unknown> = {
      name: "x",
      schedule: { kind: "every", everyMs: 1_000 },
      payload: { kind: "command", argv: ["true"] },
    };
    const [first = "", second] = path;
    whole[first] = second === undefined ? part : { ...(whole[first] as object), [second]: part };
    return whole;
  });

describe("whatever a caller sends", () => {
  it("every method either asks the engine or refuses with a code: never another error, never both", async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...METHODS), fc.oneof(json, job), async (method, params) => {
        const { engine, calls } = recordingEngine();
        const { dispatch } = createDispatcher(() => engine);
        try {
          await dispatch(method.name, params, CALLER);
          expect(calls.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(CommandCronError);
          expect((error as CommandCronError).code).not.toBe("INTERNAL");
          // Reading a name beforehand changes nothing; nothing else may have been asked.
          expect(calls.filter(({ method: asked }) => asked !== "getJob" && asked !== "getRun")).toEqual([]);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it("a job is accepted whole or refused with one sentence that names a field", () => {
    let accepted = 0;
    fc.assert(
      fc.property(job, (candidate) => {
        try {
          const valid = validateJob(candidate);
          accepted += 1;
          expect(valid.payload.argv.length).toBeGreaterThan(0);
          expect(JSON.stringify(valid)).not.toContain("\\u0000");
        } catch (error) {
          expect(error).toBeInstanceOf(CommandCronError);
          const { message, details } = error as CommandCronError;
          expect(details["field"]).toEqual(expect.any(String));
          expect(message).not.toMatch(/must |schema|anyOf|undefined/);
          expect(message.length).toBeLessThan(600);
        }
      }),
      { numRuns: 3_000 },
    );
    // The generator does reach jobs that fit; otherwise this would prove little.
    expect(accepted).toBeGreaterThan(10);
  });

  it("what was accepted once is accepted again, unchanged", () => {
    fc.assert(
      fc.property(job, (candidate) => {
        let valid: unknown;
        try {
          valid = validateJob(candidate);
        } catch {
          return;
        }
        expect(validateJob(valid)).toEqual(valid);
      }),
      { numRuns: 1_000 },
    );
  });
});
