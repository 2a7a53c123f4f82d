import { describe, expect, it } from "vitest";
import { command } from "../terminal.ts";

describe("state", () => {
  it("show prints the JSON as it is kept, and answers everything as JSON", async () => {
    const answers = { getState: () => ({ jobId: "j", content: '{"seen":\n 5}\n', bytes: 13, version: 4 }) };
    const shown = await command(["state", "show", "Feed"], { answers });
    expect(shown.stdout).toBe('{"seen":\n 5}\n');
    expect(shown.asked).toEqual([["state.get", { id: "Feed" }]]);
    const json = await command(["state", "show", "Feed", "--version-number", "3", "--json"], { answers });
    expect(JSON.parse(json.stdout)).toMatchObject({ version: 4 });
    expect(json.asked).toEqual([["state.get", { id: "Feed", version: 3 }]]);
  });

  it("set takes the argument, a file or standard input", async () => {
    const set = await command(["state", "set", "Feed", '{"seen":0}']);
    expect(set.asked).toEqual([["state.set", { id: "Feed", content: '{"seen":0}' }]]);
    expect(set.stdout).toBe("Set as version 1.\n");
    const file = await command(["state", "set", "Feed", "--file", "-"], { files: { "-": "[1]" } });
    expect(file.asked).toEqual([["state.set", { id: "Feed", content: "[1]" }]]);
    for (const args of [[], ["1", "--file", "x"]]) {
      const refused = await command(["state", "set", "Feed", ...args]);
      expect(refused).toMatchObject({ code: 2, asked: [] });
      expect(refused.stderr).toContain("json, --file: ");
    }
  });

  it("clear forgets, history lists", async () => {
    const cleared = await command(["state", "clear", "Feed"]);
    expect(cleared.asked).toEqual([["state.set", { id: "Feed", content: null }]]);
    const versions = [
      { version: 2, bytes: 2_048, atMs: 0, runId: "5b1c0f6e-0000" },
      { version: 1, bytes: 2, atMs: 0, setBy: "cli" },
    ];
    const listed = await command(["state", "history", "Feed"], {
      answers: { stateHistory: () => ({ jobId: "j", versions }) },
    });
    expect(listed.stdout).toMatch(/2 .*1970-01-01 00:00:00Z .*2 KiB .*run 5b1c0f6e/);
    expect(listed.stdout).toMatch(/1 .* cli/);
    const none = await command(["state", "history", "Feed"], {
      answers: { stateHistory: () => ({ jobId: "j", versions: [] }) },
    });
    expect(none.stdout).toBe("Nothing is kept.\n");
  });
});
