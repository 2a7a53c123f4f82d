import { describe, expect, it } from "vitest";
import { offenceOf } from "../../../src/host/agents/judge.ts";
import { PARTS_MAX, someCronPart } from "../../../src/host/agents/tool-call.ts";

/** `{"name":"cron","x":{"name":"cron","x":…}}` */
function nested(depth: number): unknown {
  let call: unknown = {};
  for (let level = 0; level < depth; level++) call = { name: "cron", x: call };
  return call;
}

function visits(toolName: string, params: unknown): number {
  let count = 0;
  someCronPart(toolName, params, () => {
    count += 1;
    return false;
  });
  return count;
}

describe("a large tool call", () => {
  it("is walked once, however often it names the cron tool", () => {
    const [small, large] = [visits("mcp_tool", nested(90)), visits("mcp_tool", nested(900))];
    expect(small).toBeGreaterThan(90);
    expect(large).toBeLessThan(small * 11);
    const siblings = { calls: Array.from({ length: 400 }, () => ({ name: "cron", args: { action: "list" } })) };
    expect(visits("mcp_tool", siblings)).toBeLessThan(PARTS_MAX);
    expect(offenceOf("mcp_tool", siblings, () => false)).toBeUndefined();
  });

  it("is refused where it is too large to be judged in passing", () => {
    for (const params of [
      nested(PARTS_MAX),
      { name: "cron", list: Array.from({ length: PARTS_MAX + 1 }, () => 0) },
      { calls: Array.from({ length: PARTS_MAX }, () => ({ name: "cron" })) },
      Object.fromEntries(Array.from({ length: PARTS_MAX + 1 }, (_, index) => [`cron${index}`, ""])),
      Array.from({ length: 100_001 }, () => 0),
    ]) {
      expect(offenceOf("mcp_tool", params, () => false)).toBe("command-payload");
      expect(offenceOf("exec", params, () => false)).toBeUndefined();
    }
    const ids = { action: "list", ids: Array.from({ length: 1_000 }, (_, index) => `id-${index}`) };
    expect(offenceOf("cron", ids, () => false)).toBe("command-payload");
  });

  it("of another tool may carry as much text as it likes", () => {
    const content = JSON.stringify(Array.from({ length: 100_000 }, (_, index) => index));
    const cells = Array.from({ length: 150 }, () => Array.from({ length: 150 }, () => "x"));
    expect(offenceOf("mcp_write_sheet", { cells }, () => false)).toBeUndefined();
    expect(offenceOf("mcp_write_file", { path: "/tmp/x", content }, () => false)).toBeUndefined();
    expect(offenceOf("mcp_write_file", { content: `${content.slice(0, -1)},"cron"]` }, () => false)).toBe(
      "command-payload",
    );
  });

  it("asks for each name once or twice and never for a text that can be none", () => {
    let asked = 0;
    const holds = (): boolean => {
      asked += 1;
      return false;
    };
    offenceOf("cron", { action: "list", ids: ["One", "two"], notes: ["x".repeat(1_000)] }, holds);
    expect(asked).toBe(3);
  });
});
