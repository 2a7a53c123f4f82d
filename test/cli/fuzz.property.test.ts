import { describe, expect, it } from "vitest";
import { allCommands } from "../../scripts/reference-pages.ts";
import fc from "../helpers/fc.ts";
import { command } from "./terminal.ts";

/** Commands by the words that call them, with their flags. */
const COMMANDS = allCommands().map((leaf) => {
  const words: string[] = [];
  for (let at = leaf; at.parent !== null; at = at.parent) words.unshift(at.name());
  return { words, flags: leaf.options.filter(({ long }) => long !== "--help"), arity: leaf.registeredArguments.length };
});

const value = fc.oneof(
  fc.constantFrom(
    "Disk",
    "* * * * *",
    "every 1m",
    "20m",
    "0",
    "-1",
    "1e9",
    "A=b",
    "=",
    "",
    " ",
    "[]",
    '["df"]',
    "{}",
    "https://x",
    "ftp://x",
    "\u001b[2J",
    "--\u001b[31mfoo\u009b",
    "--",
    "-",
  ),
  fc.string({ maxLength: 12 }),
);

const line = fc.constantFrom(...COMMANDS).chain(({ words, flags, arity }) =>
  fc
    .record({
      args: fc.array(value, { minLength: 0, maxLength: arity + 1 }),
      flags: fc.array(fc.tuple(fc.constantFrom(...flags), value), { maxLength: 6 }),
    })
    .map(({ args, flags: chosen }) => [
      ...words,
      ...args,
      ...chosen.flatMap(([flag, text]) =>
        flag.required || flag.optional ? [flag.long ?? "", text] : [flag.long ?? ""],
      ),
    ]),
);

const page = { total: 0, offset: 0, limit: 50, hasMore: false, nextOffset: null };

describe("any command line", () => {
  it("ends with 0, 1 or 2, says why in one line, and asks for nothing when it cannot be read", async () => {
    const codes = new Map<number | undefined, number>();
    await fc.assert(
      fc.asyncProperty(line, async (args) => {
        const session = await command(args, {
          answers: { runs: () => ({ entries: [], ...page }), status: () => ({ state: "running", lanes: [] }) as never },
          // Without an answer to wait for, `run --wait` would only wait.
          ...(args.includes("--wait") ? { call: async () => ({ ok: true, enqueued: false, reason: "test" }) } : {}),
          ...(args[0] === "status" ? { call: async () => Promise.reject(new Error("test")) } : {}),
        });
        codes.set(session.code, (codes.get(session.code) ?? 0) + 1);
        expect([0, 1, 2]).toContain(session.code);
        // An edit may read the job before it can tell, and whoever names many has a plan of them.
        const reads = ["getJob", "listJobs"];
        if (session.code === 2) expect(session.calls.filter(({ method }) => !reads.includes(method))).toEqual([]);
        if (session.code !== 0 && !session.stdout.startsWith("Usage:")) expect(session.stderr).toMatch(/^error: /m);
        for (const text of [session.stdout, session.stderr]) {
          expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
        }
        expect(session.stderr.split("\n").filter((text) => text.startsWith("    at "))).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
    // All three ends are reached, or this proved little.
    for (const code of [0, 1, 2]) expect(codes.get(code) ?? 0).toBeGreaterThan(20);
  });
});
