import { describe, expect, it } from "vitest";
import { createFrameDecoder, encodeFrame, MAX_FRAME_BYTES } from "../../../src/runner/wire/frames.ts";
import { isToRunner, packSpec, unpackSpec } from "../../../src/runner/wire/index.ts";
import { specOf } from "../../helpers/commands.ts";
import fc from "../../helpers/fc.ts";

function decode(chunks: Buffer[]): unknown[] {
  const values: unknown[] = [];
  const feed = createFrameDecoder((value) => values.push(value));
  for (const chunk of chunks) feed(chunk);
  return values;
}

const cut = (data: Buffer, sizes: number[]): Buffer[] => {
  const chunks: Buffer[] = [];
  for (let at = 0, round = 0; at < data.length; round++) {
    const size = sizes[round % sizes.length] ?? 1;
    chunks.push(data.subarray(at, at + size));
    at += size;
  }
  return chunks;
};

describe("frames", () => {
  it("come out as they went in, however the bytes are cut", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 });
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { maxLength: 10 }), sizes, (values, cuts) => {
        expect(decode(cut(Buffer.concat(values.map(encodeFrame)), cuts))).toEqual(
          values.map((value) => JSON.parse(JSON.stringify(value))),
        );
      }),
    );
  });

  it("of any rubbish end in an error or in values, never in anything else", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 10 }), (parts) => {
        try {
          expect(Array.isArray(decode(parts.map((part) => Buffer.from(part))))).toBe(true);
        } catch (error) {
          expect(error instanceof RangeError || error instanceof SyntaxError).toBe(true);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("that announce more than the limit are refused before they arrive", () => {
    const header = Buffer.alloc(4);
    header.writeUInt32BE(MAX_FRAME_BYTES + 1);
    expect(() => decode([header])).toThrow(RangeError);
    expect(() => decode([Buffer.alloc(4)])).toThrow(RangeError);
    expect(() => encodeFrame("x".repeat(MAX_FRAME_BYTES))).toThrow(/^the payload is larger/);
  });

  it("carry the largest input of a job", () => {
    for (const input of ["ü".repeat(2 * 1_048_576), "\u0001".repeat(4 * 1_048_576)]) {
      const spec = specOf("/tmp", ["cat"], { input });
      const [value] = decode(cut(encodeFrame(packSpec(spec)), [65_536]));
      expect(isToRunner(value) && value.type === "start" && unpackSpec(value)).toEqual(spec);
    }
  });
});
