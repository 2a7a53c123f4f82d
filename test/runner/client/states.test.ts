import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { RUNNER_STATES } from "../../../src/runner/client/states.ts";

const page = readFileSync(join(import.meta.dirname, "../../../docs/states.md"), "utf8");

it("the table of a runner's states is the one in the documents", () => {
  const section = /^## Runner\n(.*?)(?=^## )/ms.exec(page)?.[1] ?? "";
  const documented: Record<string, Record<string, string>> = {};
  for (const [, state = "", , changes = ""] of section.matchAll(/^\| `(\w+)` \| (.*?) \| (.*?) \|$/gm)) {
    documented[state] = Object.fromEntries(
      [...changes.matchAll(/(\w+) → `(\w+)`/g)].map(([, event = "", next = ""]) => [event, next]),
    );
  }
  expect(documented).toEqual(RUNNER_STATES);
});

it("each state but the last leads on to it, and none is out of reach", () => {
  const reached = new Set(["starting", ...Object.values(RUNNER_STATES).flatMap((row) => Object.values(row))]);
  expect([...reached].sort()).toEqual(Object.keys(RUNNER_STATES).sort());
  const ends = new Set<string>(["gone"]);
  for (let before = 0; before !== ends.size; ) {
    before = ends.size;
    for (const [state, row] of Object.entries(RUNNER_STATES)) {
      if (Object.values(row).some((next) => ends.has(next))) ends.add(state);
    }
  }
  expect([...ends].sort()).toEqual([...reached].sort());
});
