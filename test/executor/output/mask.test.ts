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

describe("the spellings of a secret", () => {
  const SECRET = 'p/q+r "s"\\ü-7431';
  const hides = (text: string, secret = SECRET): string => maskText(text, maskPatterns([secret]));

  it.each([
    ["in a URL", encodeURIComponent(SECRET)],
    ["in a URL, its hex digits small", encodeURIComponent(SECRET).replace(/%../g, (hex) => hex.toLowerCase())],
    ["in a form", encodeURIComponent(SECRET).replaceAll("%20", "+")],
    ["in JSON", JSON.stringify(SECRET).slice(1, -1)],
    ["in JSON with escaped slashes", JSON.stringify(SECRET).slice(1, -1).replaceAll("/", "\\/")],
    ["in JSON that is ASCII", JSON.stringify(SECRET).slice(1, -1).replace("ü", "\\u00fc")],
    ["in JSON that is ASCII, in capitals", JSON.stringify(SECRET).slice(1, -1).replace("ü", "\\u00FC")],
    [
      "in JSON that is ASCII, with escaped slashes",
      JSON.stringify(SECRET).slice(1, -1).replace("ü", "\\u00fc").replaceAll("/", "\\/"),
    ],
  ])("%s are masked", (_, form) => {
    expect(hides(`a ${form} b`)).toBe("a *** b");
  });

  it("in JSON that is ASCII are masked also beyond the first plane", () => {
    expect(hides("a p\\ud83d\\ude80w-7431 b", "p🚀w-7431")).toBe("a *** b");
  });

  it.each(["", "u", "us", "user:", "a longer user:"])(
    "in base64 after %j are masked, with either alphabet",
    (before) => {
      for (const encoding of ["base64", "base64url"] as const) {
        for (const after of ["", "x", "xy", " and more"]) {
          const text = Buffer.from(`${before}${SECRET}${after}`).toString(encoding);
          const shown = Buffer.from(hides(`> ${text}`).slice(2).replace("***", ""), encoding).toString("latin1");
          expect(hides(text)).toContain("***");
          for (let at = 0; at + 3 <= SECRET.length; at++) {
            const part = Buffer.from(SECRET.slice(at, at + 3)).toString("latin1");
            if (!`${before}${after}`.includes(part)) expect(shown).not.toContain(part);
          }
        }
      }
    },
  );

  const KEY = "-----BEGIN KEY-----\nMIIabcdef+01\nMIIghijkl/23\n=\n-----END KEY-----\n";

  it.each([
    ["indented", KEY.replace(/^/gm, "    ")],
    ["quoted", KEY.replace(/^/gm, "> ")],
    ["with other line ends", KEY.replaceAll("\n", "\r\n")],
    ["in parts", KEY.split("\n").slice(1, 3).join(" ")],
  ])("of several lines are masked line by line: %s", (_, text) => {
    expect(hides(text, KEY)).not.toMatch(/MII|BEGIN|END/);
  });

  it("of several lines leave short lines of other texts alone", () => {
    expect(hides("a = b", KEY)).toBe("a = b");
  });
});
