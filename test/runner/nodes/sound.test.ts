import { describe, expect, it } from "vitest";
import { STATE_MAX_BYTES } from "../../../schema/limits.ts";
import { unstarted } from "../../../src/executor/index.ts";
import { soundResult } from "../../../src/runner/nodes/sound.ts";

const believed = (rest: object) =>
  soundResult({ ...unstarted("r.1", 5, { outcome: "exited" }), ...rest } as never, 0, 0, 10);

describe("what a node says of an end", () => {
  it("is told with the command lines that were found, no more and no longer than of a run here", () => {
    const foundCommands = [...Array.from({ length: 100 }, () => "sleep 9"), 7];
    const { cleanup } = believed({ cleanup: { method: ["group"], found: 1, ended: 1, left: [], foundCommands } });
    expect(cleanup).toEqual({
      method: ["group"],
      found: 1,
      ended: 1,
      left: [],
      foundCommands: foundCommands.slice(0, 40),
    });
    const [long] = believed({ cleanup: { foundCommands: ["x".repeat(5_000)] } }).cleanup.foundCommands ?? [];
    expect(long).toHaveLength(200);
  });

  it.each([
    [{ content: '{"a":1}' }, { content: '{"a":1}' }],
    [{ content: "no JSON" }, { problem: expect.stringContaining("not JSON") }],
    [{ content: `"${"x".repeat(STATE_MAX_BYTES)}"` }, { problem: expect.stringContaining("at most") }],
    [{ content: 7, problem: "the state file is gone" }, { problem: "the state file is gone" }],
  ])("leaves a state by the rules of a run here: %#", (given, kept) => {
    expect(believed({ state: given }).state).toEqual(kept);
  });
});
