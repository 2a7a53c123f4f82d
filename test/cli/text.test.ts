import { describe, expect, it } from "vitest";
import { cleanBlock, cleanLine, clip, visibleWidth } from "../../src/cli/render/text.ts";
import { relative, utc } from "../../src/cli/render/time.ts";
import fc from "../helpers/fc.ts";

const ESC = "\u001b";
const anything = fc.string({
  unit: fc.oneof(
    fc.constantFrom(ESC, `${ESC}[`, `${ESC}]0;`, "\u0007", "\u009b", "\r", "\n", "\t", "\u202e", "m", "31"),
    fc.string({ unit: "grapheme", maxLength: 2 }),
  ),
  maxLength: 60,
});

describe("text for a terminal", () => {
  it.each([
    [`a${ESC}[31mred${ESC}[0m`, "ared"],
    [`${ESC}]0;title\u0007x`, "x"],
    [`${ESC}]8;;https://evil${ESC}\\link${ESC}]8;;${ESC}\\`, "link"],
    [`${ESC}P1$r0m${ESC}\\x`, "x"],
    ["a\u009b31mb", "a31mb"],
    ["one\r\ntwo\rthree\tfour", "one two three four"],
    ["abc\u202egnp.exe\u2066", "abcgnp.exe"],
    ["bell\u0007null\u0000del\u007f", "bellnulldel"],
  ])("%j is %j on one line", (text, clean) => {
    expect(cleanLine(text)).toBe(clean);
  });

  it("keeps line ends and tabs of a block", () => {
    expect(cleanBlock(`a\tb\r\nc\rd${ESC}[2J\n`)).toBe("a\tb\nc\nd\n");
  });

  it("never lets a control character through, whatever comes", () => {
    fc.assert(
      fc.property(anything, (text) => {
        expect(cleanLine(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
        expect(cleanBlock(text)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      }),
      { numRuns: 2_000 },
    );
  });

  it("clipped never takes more room than it may, and is never cut inside a character", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 40 }), fc.integer({ min: 2, max: 30 }), (text, width) => {
        const clipped = clip(text, width);
        expect(visibleWidth(clipped)).toBeLessThanOrEqual(Math.max(width, 0));
        if (clipped !== text) {
          expect(clipped.endsWith("…")).toBe(true);
          expect(text.startsWith(clipped.slice(0, -1))).toBe(true);
          expect(Buffer.from(clipped).toString()).toBe(clipped);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("times", () => {
  it.each([
    [undefined, "-"],
    [null, "-"],
    [1_000_000, "now"],
    [1_000_500, "now"],
    [1_090_000, "in 1 min 30 s"],
    [940_000, "1 min ago"],
  ])("%j is %s", (atMs, text) => {
    expect(relative(atMs, 1_000_000)).toBe(text);
  });

  it("in UTC have no fractions", () => {
    expect(utc(1_800_000_000_123)).toBe("2027-01-15 08:00:00Z");
    expect(utc(undefined)).toBe("-");
  });
});
