import { describe, expect, it } from "vitest";
import { asksForAction } from "../../../src/executor/output/action-lines.ts";
import { createCapture } from "../../../src/executor/output/capture.ts";
import { maskPatterns } from "../../../src/executor/output/mask.ts";
import { ACTION_LINES_MAX, HEAD_BYTES, TAIL_BYTES } from "../../../src/executor/types.ts";
import fc from "../../helpers/fc.ts";

const pattern = (length: number): Buffer =>
  Buffer.from(Array.from({ length }, (_, index) => (index * 31 + (index >> 8)) & 0xff));

function capture(chunks: Buffer[], options: { outputMaxBytes?: number; masks?: string[] } = {}) {
  const logged: Buffer[] = [];
  const part = createCapture({
    outputMaxBytes: options.outputMaxBytes ?? TAIL_BYTES,
    masks: maskPatterns(options.masks ?? []),
    log: (bytes) => logged.push(Buffer.from(bytes)),
  });
  const reused = Buffer.alloc(1 << 20);
  for (const chunk of chunks) part.push(reused.subarray(0, chunk.copy(reused)));
  reused.fill(0xee);
  const { stream, actionLines } = part.end();
  return {
    bytes: stream.bytes,
    head: Buffer.from(stream.head, "base64"),
    tail: Buffer.from(stream.tail, "base64"),
    log: Buffer.concat(logged),
    actionLines,
  };
}

const cut = (data: Buffer, size: number): Buffer[] =>
  Array.from({ length: Math.ceil(data.length / size) }, (_, index) => data.subarray(index * size, (index + 1) * size));

describe("what is kept of a stream", () => {
  it("is exactly its first and last bytes, for every length, chunk size and limit", () => {
    const lengths = fc.oneof(
      fc.integer({ min: 0, max: 300_000 }),
      fc.constantFrom(TAIL_BYTES - 1, TAIL_BYTES, TAIL_BYTES + 1, TAIL_BYTES + HEAD_BYTES, 2 * TAIL_BYTES, HEAD_BYTES),
    );
    const limits = fc.constantFrom(1, 100, HEAD_BYTES, 20_000, TAIL_BYTES, 1_000_000);
    const all = pattern(300_000);
    fc.assert(
      fc.property(lengths, fc.integer({ min: 37, max: 70_000 }), limits, (length, size, outputMaxBytes) => {
        const data = all.subarray(0, length);
        const kept = capture(cut(data, size), { outputMaxBytes });
        const tailBytes = Math.min(length, outputMaxBytes, TAIL_BYTES);
        expect(kept.bytes).toBe(length);
        expect(kept.tail.equals(data.subarray(length - tailBytes))).toBe(true);
        expect(kept.head.equals(data.subarray(0, Math.min(HEAD_BYTES, length - tailBytes)))).toBe(true);
        expect(kept.log.equals(data)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it("is masked before anything sees it, and counted as kept", () => {
    const data = Buffer.from(`x${"secret-value ".repeat(20_000)}`);
    const kept = capture(cut(data, 999), { masks: ["secret-value"] });
    expect(kept.log.toString()).toBe(`x${"*** ".repeat(20_000)}`);
    expect(kept.bytes).toBe(kept.log.length);
    expect(kept.tail.includes("secret")).toBe(false);
  });
});

describe("lines that ask a person to act", () => {
  const noise = Buffer.from(`${"all work and no play makes a dull log\n".repeat(30_000)}`);
  const early = Buffer.from(`${"start up\n".repeat(2_000)}`);

  it("survive between head and tail, however the bytes are cut", () => {
    const link = "To sign in, open https://example.com/device and enter the code ABCD-EFGH";
    const data = Buffer.concat([early, Buffer.from(`${link}\n`), noise]);
    for (const size of [1_013, 4_096, 65_536]) expect(capture(cut(data, size)).actionLines).toEqual([link]);
  });

  it("are not repeated when head or tail show them", () => {
    const link = "Visit https://example.com/login to authenticate\n";
    const data = Buffer.concat([Buffer.from(link), noise, Buffer.from(link.replace("example", "example2"))]);
    expect(capture(cut(data, 5_000)).actionLines).toEqual([]);
  });

  it("are kept from both ends of many, never more than the limit", () => {
    const many = Array.from(
      { length: 40 },
      (_, index) => `Your verification code is 1234${String(index).padStart(2, "0")}`,
    );
    const data = Buffer.concat([early, Buffer.from(`${many.join("\n")}\n`), noise]);
    const lines = capture(cut(data, 3_000)).actionLines;
    expect(lines).toHaveLength(ACTION_LINES_MAX);
    expect(lines[0]).toBe(many[0]);
    expect(lines.at(-1)).toBe(many.at(-1));
  });

  it("are found when a smaller limit hides them in the middle of a short stream", () => {
    const data = Buffer.concat([early, Buffer.from("Device code: WXYZ-1234\n"), early]);
    expect(capture([data], { outputMaxBytes: 1_000 }).actionLines).toEqual(["Device code: WXYZ-1234"]);
    expect(capture([data]).actionLines).toEqual([]);
  });

  it("are told from ordinary lines", () => {
    for (const line of [
      "First copy your one-time code: 1A2B-3C4D",
      "Open https://microsoft.com/devicelogin in a browser",
      "Please visit https://auth.example.com/activate?user_code=XYZ",
      "Enter the following code: 483920",
    ]) {
      expect(asksForAction(line), line).toBe(true);
    }
    for (const line of [
      "GET https://example.com/data.json 200",
      "exit code 1",
      "process finished with code 0",
      "decoded 123456 frames",
      "the build failed",
    ]) {
      expect(asksForAction(line), line).toBe(false);
    }
  });
});
