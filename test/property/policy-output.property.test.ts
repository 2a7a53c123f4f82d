import { describe, expect, it } from "vitest";
import { decideDelivery, safeText, showStream, summarize } from "../../src/policy/text/index.ts";
import fc from "../helpers/fc.ts";

const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/;
const isUtf8 = (text: string) => Buffer.from(text, "utf8").toString("utf8") === text;

/** Bytes as commands write them: text of all scripts, terminal sequences, and rubbish. */
const bytesOf: fc.Arbitrary<Buffer> = fc
  .array(
    fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 40 }).map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
      fc
        .constantFrom(
          "\x1b[31m",
          "\x1b]0;t\x07",
          "\x1b]8;;u\x1b\\",
          "\x1bP",
          "\u009b",
          "\r\n",
          "\r",
          "\b",
          "\0",
          "\n",
          " ",
          "NO_REPLY",
        )
        .map((text) => Buffer.from(text)),
    ),
    { maxLength: 30 },
  )
  .map((parts) => Buffer.concat(parts));

const streamOf = fc
  .record({ bytes: bytesOf, lost: fc.oneof(fc.constant(0), fc.nat({ max: 1e9 })), head: bytesOf })
  .map(({ bytes, lost, head }) => ({
    bytes: bytes.length + lost,
    head: lost === 0 ? Buffer.alloc(0) : head.subarray(0, lost),
    tail: bytes,
  }));

describe("output text", () => {
  it("is valid UTF-8 without control characters, whatever the bytes", () => {
    fc.assert(
      fc.property(bytesOf, (bytes) => {
        const text = safeText(bytes);
        expect(isUtf8(text)).toBe(true);
        expect(text).not.toMatch(CONTROLS);
        expect(safeText(Buffer.from(text))).toBe(text);
      }),
      { numRuns: 1_000 },
    );
  });

  it("stays within its bytes and says so wherever it left something out", () => {
    fc.assert(
      fc.property(
        streamOf,
        streamOf,
        fc.constantFrom("auto" as const, "stdout" as const, "stderr" as const, "both" as const),
        fc.nat({ max: 600 }),
        fc.array(fc.string(), { maxLength: 3 }),
        (stdout, stderr, stream, maxBytes, actionLines) => {
          const text = summarize({ stdout, stderr, stream, maxBytes, actionLines });
          expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxBytes);
          expect(isUtf8(text)).toBe(true);
          expect(text).not.toMatch(CONTROLS);
          const chosen = stream === "stdout" ? [stdout] : stream === "stderr" ? [stderr] : [stdout, stderr];
          const lost = chosen.some((kept) => kept.bytes > kept.tail.length);
          if (lost && maxBytes >= 400) expect(text).toMatch(/\[\.\.\. \d+ bytes left out \.\.\.\]/);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it("of one stream stays within its bytes too", () => {
    fc.assert(
      fc.property(streamOf, fc.nat({ max: 600 }), (stream, maxBytes) => {
        const text = showStream(stream, maxBytes);
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxBytes);
        expect(isUtf8(text)).toBe(true);
        if (maxBytes > 100 && stream.bytes > stream.tail.length + stream.head.length)
          expect(text).toContain("bytes left out");
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("speaking", () => {
  it("is never refused to a failure under the default, and never done by an empty success", () => {
    fc.assert(
      fc.property(bytesOf.map(safeText), fc.boolean(), (text, failed) => {
        const decision = decideDelivery({
          deliver: {},
          wireStatus: failed ? "error" : "ok",
          previousStatus: undefined,
          text: text.trim(),
          error: failed ? "command timed out" : undefined,
          lastDeliveredText: undefined,
        });
        if (failed) expect(decision).toMatchObject({ verdict: "deliver" });
        if (decision.verdict === "deliver") expect(decision.text.trim()).not.toBe("");
        if (!failed && text.trim() === "") expect(decision).toEqual({ verdict: "suppress", reason: "empty" });
      }),
    );
  });

  it("under `change` never repeats what it last said", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a", "b", "a\nb", "b\na", ""), { maxLength: 20 }), (texts) => {
        let last: string | undefined;
        for (const text of texts) {
          const decision = decideDelivery({
            deliver: { on: "change" },
            wireStatus: "ok",
            previousStatus: "ok",
            text,
            error: undefined,
            lastDeliveredText: last,
          });
          expect(decision.verdict).toBe(text === "" || text === last ? "suppress" : "deliver");
          if (decision.verdict === "deliver") last = decision.remember;
        }
      }),
    );
  });
});
