import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import type { NodesResult } from "../../../schema/wire/target.ts";
import { command, NOW } from "../terminal.ts";

const nodes: NodesResult["nodes"] = Array.from({ length: 1_000 }, (_, index) => ({
  id: `${String(index).padStart(4, "0")}${"ab".repeat(30)}`,
  name: `rack${index % 40}-node${index}`,
  tags: index % 2 === 0 ? ["db", "berlin"] : ["web", "frankfurt-am-main"],
  limit: 8,
  connected: index !== 700,
  serves: index !== 700 && index !== 800,
  ...(index === 800 ? { notServing: "it waits for `openclaw nodes approve r1`" } : {}),
  running: index === 900 ? 3 : 0,
  lastSeenAtMs: NOW - 3_600_000,
  version: "0.1.0",
  clockDifferenceMs: 12,
}));
const answers = { nodes: async () => ({ available: true, nodes }) };
const shown = (...args: string[]) =>
  command(["nodes", ...args], { answers, tty: true, columns: 80, env: { NO_COLOR: "1" } });
const names = (text: string) => [...text.matchAll(/^rack\d+-node(\d+)/gm)].map(([, index]) => Number(index));

describe("nodes of a large fleet", () => {
  it("shows those that need somebody first, then those at work, fifty in all, within 80 columns", async () => {
    const { stdout, stderr } = await shown();
    expect(names(stdout).slice(0, 4)).toEqual([800, 700, 900, 0]);
    expect(names(stdout)).toHaveLength(50);
    expect(stdout.split("\n").filter((line) => stringWidth(line) > 80)).toEqual([]);
    expect(stderr).toContain("rack0-node800 does not serve: it waits for `openclaw nodes approve r1`\n");
    expect(stderr).toContain("1,000 nodes: 998 connected, 1 unserving, 1 offline; 3 runs");
    expect(stderr).toContain("50 of 1000; more with --limit");
  });

  it.each([
    [["--state", "offline"], [700]],
    [["--state", "unserving"], [800]],
    [["--state", "busy"], [900]],
    [["--tag", "web", "--state", "offline"], []],
    [
      ["node99", "--limit", "3"],
      [99, 990, 991],
    ],
    [["0042ABAB"], [42]],
  ])("%j", async (args, expected) => {
    const { stdout } = await shown(...args);
    expect(names(stdout).sort((one, other) => one - other)).toEqual(expected);
    if (expected.length === 0) expect(stdout).toBe("No such node.\n");
  });

  it("gives programs all that fit", async () => {
    const ask = async (...args: string[]) =>
      (JSON.parse((await command(["nodes", "--json", ...args], { answers })).stdout) as NodesResult).nodes.length;
    expect([await ask(), await ask("--tag", "db"), await ask("--limit", "7")]).toEqual([1_000, 500, 7]);
  });

  it("refuses a state that there is not", async () => {
    expect((await shown("--state", "asleep")).code).toBe(2);
  });
});
