import { describe, expect, it } from "vitest";
import { reapOrphans } from "../../src/executor/index.ts";
import type { ProcessEntry, ProcessTable } from "../../src/executor/tree/table.ts";
import { createImpatientClock } from "../helpers/clock.ts";

/** Every process bears the attempt's cookie and ends at the first signal, but for one. */
function tableOf(commands: Map<number, string>, stuck: number): ProcessTable {
  const row = (pid: number): ProcessEntry => ({
    pid,
    ppid: 1,
    pgrp: pid,
    session: pid,
    state: "S",
    startTime: 1_000,
    cpuMs: 0,
  });
  return {
    list: async () => [...commands.keys()].map(row),
    since: () => undefined,
    entry: (pid) => (commands.has(pid) ? row(pid) : undefined),
    carries: () => true,
    commandOf: (pid) => commands.get(pid) ?? "",
    memoryOf: () => undefined,
    signal: (pid) => pid !== stuck && commands.delete(pid),
  };
}

describe.skipIf(process.platform === "win32")("what is left of an attempt nobody looks after", () => {
  it("is recorded by its programs alone: nobody knows any more what of their arguments is secret", async () => {
    const commands = new Map([
      [7_000_001, "curl -H Authorization: Bearer s3cr3t-value https://example.com"],
      [7_000_002, "/usr/bin/mysql\t--password=s3cr3t-value\nmore"],
      [7_000_003, "sleep"],
    ]);
    const statements = await reapOrphans([{ attemptKey: "run.1" }], {
      clock: createImpatientClock(),
      table: tableOf(commands, 7_000_002),
    });
    expect(statements.get("run.1")).toMatchObject({
      found: 3,
      ended: 2,
      foundCommands: ["curl", "/usr/bin/mysql", "sleep"],
      left: [{ pid: 7_000_002, command: "/usr/bin/mysql" }],
    });
  });
});
