import { describe, expect, it } from "vitest";
import { createMasker, maskPatterns, maskText } from "../../../src/executor/output/mask.ts";
import fc from "../../helpers/fc.ts";

const through = (chunks: Buffer[], secrets: string[]): string => {
  const masker = createMasker(maskPatterns(secrets));
  return Buffer.concat([...chunks.map((chunk) => Buffer.from(masker.push(chunk))), masker.flush()]).toString();
};

/** Masks a whole text the plain way: marks every byte of every occurrence, then writes one mask for each marked run. */
function oracle(text: string, secrets: string[]): string {
  const data = Buffer.from(text);
  const starts = new Map<number, number>();
  for (const secret of maskPatterns(secrets)) {
    for (let at = data.indexOf(secret); at >= 0; at = data.indexOf(secret, at + 1)) {
      starts.set(at, Math.max(starts.get(at) ?? 0, at + secret.length));
    }
  }
  let out = "";
  for (let at = 0, maskedTo = 0; at < data.length; at++) {
    const end = starts.get(at);
    if (end !== undefined) {
      if (at >= maskedTo) out += "***";
      maskedTo = Math.max(maskedTo, end);
    }
    if (at >= maskedTo) out += String.fromCharCode(data[at] ?? 0);
  }
  return out;
}

const letters = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 60 });
const secretLists = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 1, maxLength: 6 }), {
  minLength: 1,
  maxLength: 4,
});
const cutAt = (text: string, sizes: number[]): Buffer[] => {
  const chunks: Buffer[] = [];
  let rest = Buffer.from(text);
  for (let round = 0; rest.length > 0; round++) {
    const size = Math.max(1, sizes[round % sizes.length] ?? 1);
    chunks.push(rest.subarray(0, size));
    rest = rest.subarray(size);
  }
  return chunks;
};

describe("masking", () => {
  it("answers the same however the bytes are cut, and what a plain search answers", () => {
    fc.assert(
      fc.property(
        letters,
        secretLists,
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
        (text, secrets, sizes) => {
          expect(through(cutAt(text, sizes), secrets)).toBe(oracle(text, secrets));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("never lets a secret through, also one byte at a time", () => {
    const secret = "s3cr3t-välue";
    const text = `before ${secret} middle ${secret}${secret} after`;
    const bytes = [...Buffer.from(text)].map((byte) => Buffer.from([byte]));
    expect(through(bytes, [secret])).toBe("before *** middle ****** after");
  });

  it("masks overlapping secrets as one, leaving no end of either", () => {
    expect(maskText("abXcd", maskPatterns(["abX", "Xcd"]))).toBe("***");
    expect(maskText("aaaaa", maskPatterns(["aa"]))).toBe("***");
  });

  it("holds back no more than could still become a secret", () => {
    const masker = createMasker(maskPatterns(["token-123456"]));
    expect(masker.push(Buffer.from("nothing here\n")).toString()).toBe("nothing here\n");
    expect(masker.push(Buffer.from("x tok")).toString()).toBe("x ");
    expect(masker.push(Buffer.from("yo")).toString()).toBe("tokyo");
    expect(masker.flush().length).toBe(0);
  });

  it("finds a secret that was given with a newline also without it", () => {
    expect(maskText("key=abc123;", maskPatterns(["abc123\n"]))).toBe("key=***;");
  });
});
