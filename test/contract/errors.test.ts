import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { ERROR_TABLE } from "../../src/kernel/error-table.ts";
import { CommandCronError, type ErrorCode } from "../../src/kernel/errors.ts";

const page = readFileSync(resolve(import.meta.dirname, "../../docs/errors.md"), "utf8");
const documented = new Map(
  [...page.matchAll(/^\| `([A-Z_]+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/gm)].map((row) => [
    row[1] ?? "",
    row.slice(2).map((cell) => (cell ?? "").trim()),
  ]),
);

describe("the error table", () => {
  it("is the reference page, in both directions", () => {
    expect([...documented.keys()].sort()).toEqual(Object.keys(ERROR_TABLE).sort());
    for (const [code, row] of Object.entries(ERROR_TABLE)) {
      expect(documented.get(code), code).toEqual([
        `${row.says}`,
        row.action,
        `${row.raisedBy}${row.retryable ? ", may succeed later" : ""}`,
      ]);
    }
  });

  it("makes messages that say where, what, expected, got and what to do", () => {
    const error = new CommandCronError("TIME_ZONE_UNKNOWN", {
      field: "schedule.tz",
      expected: "an IANA zone",
      got: '"Mars"',
    });
    expect(error.message).toBe(
      'schedule.tz: the time zone is unknown. Expected an IANA zone. Got "Mars". Use an IANA name such as `Europe/Berlin` or `UTC`.',
    );
    expect(error.details).toEqual({ field: "schedule.tz", expected: "an IANA zone", got: '"Mars"' });
  });

  it("has sentences that can be joined", () => {
    for (const code of Object.keys(ERROR_TABLE) as ErrorCode[]) {
      expect(ERROR_TABLE[code].says, code).toMatch(/^[^.].*[^.]$/);
      expect(ERROR_TABLE[code].action, code).toMatch(/^[A-Z`].*[^.]$/);
    }
  });
});
