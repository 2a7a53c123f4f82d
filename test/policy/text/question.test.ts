import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answerText, questionText } from "../../../src/policy/text/index.ts";

const FACTS = {
  jobName: "ports",
  hostName: "web-1",
  outcome: "succeeded",
  endedAtMs: Date.UTC(2026, 10, 21, 1, 30),
  text: "22\n80",
  summary: "22\n80",
  lastGood: { summary: "80", atMs: Date.UTC(2026, 10, 21, 1, 15) },
};

describe("what an agent is asked", () => {
  it("is the operator's words, then facts, then what was printed, as a quotation", () => {
    const text = questionText({ ...FACTS, message: "Look whether this is meant." });
    expect(text.replace(/^The lines that begin.*$/m, "(caution)")).toBe(
      [
        "Look whether this is meant.",
        "",
        "Scheduled command: ports on web-1",
        "Ended: 2026-11-21T01:30:00.000Z, succeeded",
        "Last good run before it: 2026-11-21T01:15:00.000Z",
        "(caution)",
        "",
        "Changed since then:",
        "> changed (0 gone, 1 new):",
        "> + 22",
        "",
        "Last lines:",
        "> 22",
        "> 80",
      ].join("\n"),
    );
  });

  it("needs no words of the operator's, no host, and no good run before", () => {
    const text = questionText({ ...FACTS, hostName: undefined, lastGood: undefined });
    expect(text).toMatch(
      /^Say in a few sentences .* Answer NO_REPLY when nobody needs to know\.\n\nScheduled command: ports\n/,
    );
    expect(text).toContain("Last good run before it: none");
    expect(text).not.toContain("Changed");
    const same = questionText({ ...FACTS, lastGood: { ...FACTS.lastGood, summary: FACTS.summary } });
    expect(same).toContain("Changed since then:\n> (nothing)");
  });

  it("hides what looks like a secret", () => {
    const text = questionText({ ...FACTS, text: "token=abc123", summary: "token=abc123" });
    expect(text).toContain("> token=***");
    expect(text).not.toContain("abc123");
  });

  it("is no longer than the agent needs, and no line of the output stands without its mark", () => {
    const line = fc.string({ unit: "grapheme", maxLength: 60 });
    const break_ = fc.constantFrom("\n", "\r\n", "\r", "\u2028", "\u2029", "\n\n", "\n> ", "\nScheduled command: ");
    const output = fc.array(fc.tuple(line, break_), { maxLength: 400 }).map((parts) => parts.flat().join(""));
    fc.assert(
      fc.property(output, output, (text, before) => {
        const asked = questionText({
          ...FACTS,
          text,
          summary: text.slice(0, 4_000),
          lastGood: { summary: before.slice(0, 4_000), atMs: 0 },
        });
        const own = asked.split(/\r\n|[\n\r\u2028\u2029]/).filter((one) => !one.startsWith("> "));
        expect(own).toHaveLength(10);
        expect(own.filter((one) => one.startsWith("Scheduled command: "))).toHaveLength(1);
        expect(Buffer.byteLength(asked)).toBeLessThan(20_000);
      }),
    );
  });
});

describe("what an agent answers", () => {
  it("is told without its edges, and not at all when nobody needs to know", () => {
    expect(answerText("\n Close it. \n")).toBe("Close it.");
    for (const silent of ["", "  \n", "NO_REPLY", " no_reply. "]) expect(answerText(silent), silent).toBeUndefined();
  });

  it("is cut between letters after 8 KiB", () => {
    const told = answerText("ü".repeat(10_000)) ?? "";
    expect(told).toBe(`${"ü".repeat(4_096)}\n[... ${20_000 - 8_192} bytes left out ...]`);
  });
});
