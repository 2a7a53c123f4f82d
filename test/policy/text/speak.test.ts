import { describe, expect, it } from "vitest";
import type { DeliverWhen } from "../../../schema/wire/policy.ts";
import { compileMatch, type DeliveryQuestion, decideDelivery, isNoReply } from "../../../src/policy/text/index.ts";

const decide = (deliver: DeliverWhen, more: Partial<DeliveryQuestion> = {}) => {
  const decision = decideDelivery({
    deliver,
    wireStatus: "ok",
    previousStatus: undefined,
    text: "output",
    error: undefined,
    lastDeliveredText: undefined,
    ...more,
  });
  return decision.verdict === "deliver" ? decision.text : `(${decision.reason})`;
};
const failed = { wireStatus: "error", error: "command exited with code 7" } as const;

describe("silence", () => {
  it("needs a success and nothing to say", () => {
    expect(decide({})).toBe("output");
    expect(decide({}, { text: "" })).toBe("(empty)");
    expect(decide({}, { text: " \n" })).toBe("(empty)");
    expect(decide({}, { text: "NO_REPLY" })).toBe("(no_reply)");
  });

  it.each(["NO_REPLY", "no_reply", " NO_REPLY\n", "NO_REPLY.", "**NO_REPLY**", "NO_REPLY NO_REPLY"])(
    "knows %j",
    (text) => {
      expect(isNoReply(text)).toBe(true);
    },
  );

  it.each(["NO_REPLY and more", "stdout:\nNO_REPLY\n\nstderr:\noops", "REPLY", "", "NO_REPLYS"])(
    "does not know %j",
    (text) => {
      expect(isNoReply(text)).toBe(false);
    },
  );
});

describe("failures", () => {
  it("deliver their output and their error", () => {
    expect(decide({}, failed)).toBe("output\n\ncommand exited with code 7");
  });

  it("speak even without output", () => {
    expect(decide({}, { ...failed, text: "" })).toBe("command exited with code 7");
    expect(decide({}, { ...failed, text: "NO_REPLY" })).toBe("command exited with code 7");
    expect(decide({}, { ...failed, text: "", error: undefined })).toBe("command failed");
  });
});

describe("when to speak", () => {
  it("never, or on failure only", () => {
    expect(decide({ on: "never" })).toBe("(policy)");
    expect(decide({ on: "never" }, failed)).toBe("(policy)");
    expect(decide({ on: "failure" })).toBe("(policy)");
    expect(decide({ on: "failure" }, failed)).toContain("code 7");
  });

  it("on recovery: the first success after a failure", () => {
    expect(decide({ on: "recovery" }, { previousStatus: "error" })).toBe("output");
    expect(decide({ on: "recovery" }, { previousStatus: "ok" })).toBe("(policy)");
    expect(decide({ on: "recovery" })).toBe("(policy)");
    expect(decide({ on: "recovery" }, { ...failed, previousStatus: "error" })).toBe("(policy)");
    expect(decide({ on: "recovery" }, { previousStatus: "error", text: "" })).toBe("the command succeeded again");
  });

  it("on change: everything at first, then the difference, and nothing while nothing changes", () => {
    expect(decide({ on: "change" })).toBe("output");
    expect(decide({ on: "change" }, { lastDeliveredText: "output" })).toBe("(unchanged)");
    expect(decide({ on: "change" }, { text: "a\nc\nd", lastDeliveredText: "a\nb\nc" })).toBe(
      "changed (1 gone, 1 new):\n- b\n+ d",
    );
    expect(decide({ on: "change" }, { text: "b\na", lastDeliveredText: "a\nb" })).toContain("another order:\n+ b\n+ a");
    expect(decide({ on: "change" }, { text: "", lastDeliveredText: "a" })).toBe("(empty)");
  });

  it("on change: a failure with the same output is a change, and the same failure again is none", () => {
    const first = decideDelivery({
      deliver: { on: "change" },
      ...failed,
      previousStatus: "ok",
      text: "output",
      lastDeliveredText: "output",
    });
    expect(first).toMatchObject({ verdict: "deliver", remember: "output\n\ncommand exited with code 7" });
    const remembered = first.verdict === "deliver" ? first.remember : "";
    expect(decide({ on: "change" }, { ...failed, lastDeliveredText: remembered })).toBe("(unchanged)");
  });

  it("keeps a difference short", () => {
    const lines = (word: string) => Array.from({ length: 5_000 }, (_, index) => `${word} ${index}`).join("\n");
    const text = decide({ on: "change" }, { text: lines("new"), lastDeliveredText: lines("old") });
    expect(text.split("\n")).toHaveLength(1 + 41 + 41);
    expect(text).toContain("+ [... 4960 more lines ...]");
  });
});

describe("a pattern", () => {
  it("lets through only what it finds", () => {
    expect(decide({ match: "^out" })).toBe("output");
    expect(decide({ match: "^ERROR" })).toBe("(not_matching)");
    expect(decide({ match: "^second$" }, { text: "first\nsecond\nthird" })).toContain("second");
    expect(decide({ match: "code 7" }, { ...failed, text: "" })).toBe("command exited with code 7");
  });

  it("may use Unicode classes, and what only the older syntax reads", () => {
    expect(decide({ match: "\\p{Lu}{5}" }, { text: "an ALARM" })).toContain("ALARM");
    expect(decide({ match: "\\p{Lu}{5}" }, { text: "nothing" })).toBe("(not_matching)");
    expect(decide({ match: "^[\\w-.]+$" }, { text: "a-b.c" })).toBe("a-b.c");
    expect(decide({ match: "a\\-b" }, { text: "a-b" })).toBe("a-b");
  });

  it("is refused when the job is saved, not when it runs", () => {
    expect(() => compileMatch("(")).toThrow(/policy\.deliver\.match/);
    expect(compileMatch("a|b").test("b")).toBe(true);
  });

  it("that would search for years is given up, and the text goes out", () => {
    expect(decide({ match: "(a+)+$" }, { text: `${"a".repeat(60)}!` })).toContain("a!");
    expect(decide({ match: "^b" }, { text: "still works" })).toBe("(not_matching)");
  });
});
