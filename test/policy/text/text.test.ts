import { describe, expect, it } from "vitest";
import { type KeptStream, type SummaryQuestion, showStream, summarize } from "../../../src/policy/text/index.ts";

const whole = (text: string): KeptStream => ({
  bytes: Buffer.byteLength(text),
  head: Buffer.alloc(0),
  tail: Buffer.from(text),
});
/** A long stream of which only the ends are kept. */
const cut = (head: string, missing: number, tail: string): KeptStream => ({
  bytes: Buffer.byteLength(head) + missing + Buffer.byteLength(tail),
  head: Buffer.from(head),
  tail: Buffer.from(tail),
});
const say = (stdout: KeptStream | string, stderr: KeptStream | string = "", more: Partial<SummaryQuestion> = {}) =>
  summarize({
    stdout: typeof stdout === "string" ? whole(stdout) : stdout,
    stderr: typeof stderr === "string" ? whole(stderr) : stderr,
    actionLines: [],
    stream: "auto",
    maxBytes: 65_536,
    ...more,
  });

describe("what is delivered", () => {
  it("is the stream that has text, or both as labelled blocks", () => {
    expect(say("out\n")).toBe("out");
    expect(say("", "err\n")).toBe("err");
    expect(say("out\n", "err\n")).toBe("stdout:\nout\n\nstderr:\nerr");
  });

  it("is trimmed, and nothing when there is nothing but white space", () => {
    expect(say("  \n  a\n b  \n\n")).toBe("a\n b");
    expect(say(" \n\t", "\n")).toBe("");
    expect(say(" \n", "err")).toBe("err");
  });

  it("is the chosen stream when one is chosen", () => {
    expect(say("out", "err", { stream: "stdout" })).toBe("out");
    expect(say("out", "err", { stream: "stderr" })).toBe("err");
    expect(say("out", "", { stream: "stderr" })).toBe("");
    expect(say("out", "", { stream: "both" })).toBe("stdout:\nout");
    expect(say("out", "err", { stream: "both" })).toBe("stdout:\nout\n\nstderr:\nerr");
  });
});

describe("long output", () => {
  it("keeps its end behind a mark that counts what is missing", () => {
    expect(say(cut("", 1_000_000, "the end\n"))).toBe("[... 1000000 bytes left out ...]\nthe end");
    const shown = say("x".repeat(5_000), "", { maxBytes: 1_000 });
    expect(shown).toBe(`[... ${5_000 - 952} bytes left out ...]\n${"x".repeat(952)}`);
  });

  it("counts in bytes and cuts between characters", () => {
    const shown = say("€".repeat(1_000), "", { maxBytes: 200 });
    expect(Buffer.byteLength(shown)).toBeLessThanOrEqual(200);
    const kept = shown.split("\n")[1] ?? "";
    expect(kept).toMatch(/^€+$/);
    expect(shown).toContain(`[... ${3_000 - Buffer.byteLength(kept)} bytes left out ...]`);
  });

  it("shares the room between both streams, a short one leaving its rest to the other", () => {
    const shown = say("o".repeat(5_000), "short", { maxBytes: 1_000 });
    expect(shown).toContain("\n\nstderr:\nshort");
    expect(Buffer.byteLength(shown)).toBeGreaterThan(950);
    const both = say("o".repeat(5_000), "e".repeat(5_000), { maxBytes: 1_000 });
    expect(both.match(/o{400,}/)).not.toBeNull();
    expect(both.match(/e{400,}/)).not.toBeNull();
    expect(Buffer.byteLength(both)).toBeLessThanOrEqual(1_000);
  });

  it("says so even when the kept end is white space", () => {
    expect(say(cut("start", 100, "\n\n"))).toBe("[... 105 bytes left out ...]");
  });
});

describe("lines that ask for action", () => {
  const actionLines = ["Open https://example.org/device and enter ABCD-1234", "Visit https://example.org"];

  it("come first when they fell out of the output", () => {
    const shown = say(cut("", 1_000_000, "noise\nVisit https://example.org\n"), "", { actionLines });
    expect(shown).toBe(
      [
        "action required, from output left out below:",
        "Open https://example.org/device and enter ABCD-1234",
        "",
        "[... 1000000 bytes left out ...]",
        "noise",
        "Visit https://example.org",
      ].join("\n"),
    );
  });

  it("are not repeated while the output is complete", () => {
    expect(say("Visit https://example.org", "", { actionLines })).toBe("Visit https://example.org");
  });

  it("take a quarter of the room at most", () => {
    const many = Array.from({ length: 12 }, (_, index) => `Visit https://example.org/${index}/${"x".repeat(200)}`);
    const shown = say(cut("", 1_000_000, "y".repeat(2_000)), "", { actionLines: many, maxBytes: 1_000 });
    expect(Buffer.byteLength(shown)).toBeLessThanOrEqual(1_000);
    expect(shown).toContain("y".repeat(500));
  });
});

describe("a stream in a run's record", () => {
  it("is shown as it is", () => {
    expect(showStream(whole(" a\n"), 100)).toBe(" a\n");
    expect(showStream(whole(""), 100)).toBe("");
  });

  it("is put together where its kept ends meet", () => {
    const text = "0123456789";
    const stream = { bytes: 10, head: Buffer.from(text.slice(0, 6)), tail: Buffer.from(text.slice(3)) };
    expect(showStream(stream, 100)).toBe(text);
  });

  it("shows both ends and counts the middle", () => {
    expect(showStream(cut("the start\n", 5_000, "and the end\n"), 200)).toBe(
      "the start\n[... 5000 bytes left out ...]\nand the end\n",
    );
    const shown = showStream(whole(`${"a".repeat(500)}${"z".repeat(500)}`), 200);
    expect(Buffer.byteLength(shown)).toBeLessThanOrEqual(200);
    const [, head = "", count, tail = ""] = /^(a+)\n\[\.\.\. (\d+) bytes left out \.\.\.\]\n(z+)$/.exec(shown) ?? [];
    expect(head.length + Number(count) + tail.length).toBe(1_000);
  });

  it("is cut without a mark when there is no room for one", () => {
    expect(showStream(whole("0123456789".repeat(10)), 20)).toBe("0123456789".repeat(2));
  });

  it("shows only the end where the operator keeps less than the beginning", () => {
    expect(showStream(cut("secret beginning, longer than the tail", 900, "tail"), 4_096)).toBe(
      "[... 938 bytes left out ...]\ntail",
    );
  });
});
